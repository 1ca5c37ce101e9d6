"""What every source behind HTTP shares: one client, its credentials, a cap on calls and bytes, typed failures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from math import inf
from typing import Any

import aiohttp
import msgspec
from aiohttp.http_exceptions import ContentEncodingError
from pydantic import Field
from yarl import URL

from connectors.contract import SourceDeclaration
from connectors.errors import (
    SourceError,
    SourceFailure,
    SourceTimeout,
    SourceTooLarge,
    SourceUnavailable,
)
from connectors.http_address import Addresses, Params
from connectors.http_auth import AuthOptions, Credentials, Fixed, authentication, basic, certificates
from connectors.options import Options

_DECODE = msgspec.json.Decoder(float_hook=Decimal)
"""Amounts stay exact: a number with a point becomes a Decimal, not a float."""

_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
_IDLE = 4.0
"""Seconds for which an unused connection is kept: many servers close theirs after five."""
_MAX_FIELD = 65_536
"""Bytes of one header: links to next pages can be long."""


class HttpOptions(Options):
    """Options of a source behind HTTP."""

    url: str
    auth: AuthOptions | None = None
    headers: Mapping[str, str] = Field(default_factory=dict)
    concurrency: int = Field(8, ge=1)
    max_bytes: int = 10_000_000


class Reply(msgspec.Struct, frozen=True):
    """A decoded answer; `missing` is a 404, `typed` says that it is what the caller's own decoder made of it."""

    value: Any
    following: str | None = None
    """Address of the next page, if a Link header gives one."""
    missing: bool = False
    typed: bool = False


class _Answer(msgspec.Struct, frozen=True):
    status: int
    body: bytes
    following: str | None = None


class HttpSource:
    """One source behind HTTP."""

    def __init__(
        self, name: str, options: HttpOptions, timeout: float, secret: Callable[[str], str], where: str
    ) -> None:
        """Resolve the secrets; connect to nothing yet."""
        self.name = name
        self._addresses = Addresses(name, secret(options.url), where)
        given = {header.lower() for header in options.headers}
        self._headers = {header: value for header, value in _HEADERS.items() if header.lower() not in given}
        self._headers |= {header: secret(value) for header, value in options.headers.items()}
        login = self._addresses.login
        self._credentials: Credentials = basic(*login) if login else Fixed({})
        if options.auth:
            self._credentials = authentication(name, options.auth, secret)
        self._timeout = timeout
        self._max_bytes = options.max_bytes
        self._concurrency = options.concurrency
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        path: str,
        deadline: float,
        *,
        params: Params = None,
        json: Any = None,
        optional: bool = False,
        decode: Callable[[bytes], Any] | None = None,
    ) -> Reply:
        """Return the decoded answer; raise SourceFailure for anything else. With `optional`, a 404 is `missing`.

        `decode` goes first; what it refuses by msgspec.ValidationError is decoded without types.
        """
        answer = await self._send(method, self._addresses.of(path, params), json, deadline)
        if answer.status == 404 and optional:
            return Reply(None, missing=True)
        if not 200 <= answer.status < 300:
            raise _refusal(self.name, answer.status)
        try:
            if decode is not None:
                try:
                    return Reply(decode(answer.body), answer.following, typed=True)
                except msgspec.ValidationError:
                    pass
            return Reply(_DECODE.decode(answer.body), answer.following)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SourceError(self.name, "answered something that is no JSON") from error

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session:
            session, self._session = self._session, None
            await session.close()

    async def _send(self, method: str, address: URL, json: Any, deadline: float) -> _Answer:
        """Return the answer, to a second call where the first one's credentials are refused and can be renewed."""
        headers = await self._credentials.headers(deadline)
        answer = await self._exchange(method, address, json, headers, deadline)
        if answer.status == 401 and self._credentials.refused(headers):
            headers = await self._credentials.headers(deadline)
            answer = await self._exchange(method, address, json, headers, deadline)
        return answer

    async def _exchange(
        self, method: str, address: URL, json: Any, headers: Mapping[str, str], deadline: float
    ) -> _Answer:
        try:
            async with self._call(method, address, json, headers, deadline) as response:
                # What an unknown key gets is read too, so that the connection can be used again.
                wanted = response.status < 300 or response.status == 404
                body = await self._body(response) if wanted else b""
                following = None
                if "Link" in response.headers:
                    following = self._addresses.following(response.headers.getall("Link"), address)
                return _Answer(response.status, body, following)
        except TimeoutError as error:
            raise SourceTimeout(self.name, f"did not answer within {self._timeout:g} s") from error
        except aiohttp.ClientError as error:
            raise _breakdown(self.name, error) from error

    def _call(
        self, method: str, address: URL, json: Any, headers: Mapping[str, str], deadline: float
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        left = deadline - time.monotonic()
        if left <= 0:  # which the client would take for no limit
            raise TimeoutError
        # Waiting for a free connection counts. Limits above the ceiling would be rounded up.
        limit = aiohttp.ClientTimeout(left, ceil_threshold=inf)
        return self._open().request(
            method, address, json=json, headers=headers or None, timeout=limit, allow_redirects=False
        )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        length = response.content_length
        if length is not None and length <= self._max_bytes and "Content-Encoding" not in response.headers:
            return await response.read()
        parts: list[bytes] = []
        size = 0
        # Unpacked piece by piece, and only as fast as it is taken: what is packed small cannot fill the memory.
        async for part in response.content.iter_any():
            size += len(part)
            if size > self._max_bytes:
                raise SourceTooLarge(self.name, f"answered more than {self._max_bytes:,} bytes")
            parts.append(part)
        return b"".join(parts)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._concurrency,
                keepalive_timeout=_IDLE,
                ssl=certificates() if self._addresses.encrypted else True,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                json_serialize_bytes=msgspec.json.encode,
                max_field_size=_MAX_FIELD,
                trust_env=False,
            )
        return self._session


def open_http(declaration: SourceDeclaration, options: HttpOptions) -> HttpSource:
    """Return the HTTP side of a declared source."""
    return HttpSource(declaration.name, options, declaration.timeout, declaration.secret, declaration.where)


def _breakdown(source: str, error: aiohttp.ClientError) -> SourceFailure:
    if isinstance(error.__cause__, ContentEncodingError):
        return SourceError(source, f"broke the rules of HTTP ({type(error).__name__})")
    return SourceUnavailable(source, f"cannot be reached ({type(error).__name__})")


def _refusal(source: str, status: int) -> SourceFailure:
    if status in (401, 403):
        return SourceError(source, f"refused the hub's credentials (HTTP {status})")
    if status in (429, 502, 503, 504):
        return SourceUnavailable(source, f"is not available (HTTP {status})")
    return SourceError(source, f"answered HTTP {status}")
