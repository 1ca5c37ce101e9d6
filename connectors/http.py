"""What every source behind HTTP shares: its connections, its credentials, a cap on calls and bytes, typed failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
from pydantic import Field

from connectors.contract import SourceDeclaration
from connectors.errors import (
    SourceCrowded,
    SourceError,
    SourceFailure,
    SourcesMisconfigured,
    SourceTimeout,
    SourceTooLarge,
    SourceUnavailable,
)
from connectors.http_address import Addresses, Params
from connectors.http_auth import AuthOptions, Credentials, Fixed, authentication, basic, certificates
from connectors.http_connection import Answer, BadlyPacked, Lost, TooLarge
from connectors.http_pool import Crowded, Pool
from connectors.options import Options
from telemetry import traces

_DECODE = msgspec.json.Decoder(float_hook=Decimal)
"""Amounts stay exact: a number with a point becomes a Decimal, not a float."""

_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate"}


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


class HttpSource:
    """One source behind HTTP."""

    def __init__(self, name: str, options: HttpOptions, secret: Callable[[str], str], where: str) -> None:
        """Resolve the secrets; connect to nothing yet."""
        self.name = name
        self._addresses = Addresses(name, secret(options.url), where)
        given = {header.lower() for header in options.headers}
        headers = {header: value for header, value in _HEADERS.items() if header.lower() not in given}
        headers |= {header: secret(value) for header, value in options.headers.items()}
        if "host" not in given:
            headers = {"Host": self._addresses.host, **headers}
        try:
            self._head = _lines(headers)
        except ValueError as error:
            raise SourcesMisconfigured(f"{where}.headers", str(error), "Write it on one line, in ASCII.") from error
        login = self._addresses.login
        self._credentials: Credentials = basic(*login) if login else Fixed({})
        if options.auth:
            self._credentials = authentication(name, options.auth, secret)
        self._proof: tuple[Mapping[str, str], bytes] = ({}, b"")
        self.max_bytes = options.max_bytes
        self._concurrency = options.concurrency
        self._pool: Pool | None = None

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
        passed: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return the decoded answer; raise SourceFailure for anything else. With `optional`, a 404 is `missing`.

        What is `passed` are headers of this call alone; with an Authorization, it stands for the hub's credentials.
        `decode` goes first; what it refuses by msgspec.ValidationError is decoded without types.
        """
        target = self._addresses.of(path, params)
        answer = await self._send(method, target, json, deadline, passed or {})
        if answer.status == 404 and optional:
            return Reply(None, missing=True)
        if not 200 <= answer.status < 300:
            raise _refusal(self.name, answer)
        following = self._addresses.following(links, target) if (links := answer.all(b"link")) else None
        try:
            if decode is not None:
                try:
                    return Reply(decode(answer.body), following, typed=True)
                except msgspec.ValidationError:
                    pass
            return Reply(_DECODE.decode(answer.body), following)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SourceError(self.name, "answered something that is no JSON") from error

    async def aclose(self) -> None:
        """Close the connections."""
        if self._pool:
            await self._pool.aclose()

    async def _send(self, method: str, target: str, json: Any, deadline: float, passed: Mapping[str, str]) -> Answer:
        """Return the answer, to a second call where the first one's credentials are refused and can be renewed."""
        if "Authorization" in passed:
            return await self._exchange(self._request(method, target, json, {}, passed), deadline)
        headers = await self._credentials.headers(deadline)
        answer = await self._exchange(self._request(method, target, json, headers, passed), deadline)
        if answer.status == 401 and self._credentials.refused(headers):
            headers = await self._credentials.headers(deadline)
            answer = await self._exchange(self._request(method, target, json, headers, passed), deadline)
        return answer

    async def _exchange(self, request: bytes, deadline: float) -> Answer:
        try:
            return await self._open().exchange(request, deadline)
        except Crowded as error:
            raise SourceCrowded(self.name) from error
        except TimeoutError as error:
            raise SourceTimeout(self.name, "did not answer in time") from error
        except Lost as error:
            raise SourceUnavailable(self.name, f"cannot be reached ({error})") from error
        except TooLarge as error:
            raise SourceTooLarge(self.name, f"answered more than {self.max_bytes:,} bytes") from error
        except BadlyPacked as error:
            raise SourceError(self.name, "answered something that is not packed as it says") from error

    def _request(
        self, method: str, target: str, json: Any, headers: Mapping[str, str], passed: Mapping[str, str]
    ) -> bytes:
        try:
            if headers is not self._proof[0]:
                self._proof = (headers, _lines(headers))
            more = _lines(passed) if passed else b""
        except ValueError as error:
            raise SourceError(self.name, "cannot be sent its credentials: they are no line of ASCII") from error
        head = f"{method} {target} HTTP/1.1\r\n".encode("ascii") + self._head + self._proof[1] + more
        head += traces.outgoing()
        if json is None:
            return head + b"\r\n"
        body = msgspec.json.encode(json)
        return head + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    def _open(self) -> Pool:
        if self._pool is None:
            encryption = certificates() if self._addresses.encrypted else None
            reach = self._addresses.reach
            self._pool = Pool(*reach, encryption, self._concurrency, self.max_bytes)
        return self._pool


def open_http(declaration: SourceDeclaration, options: HttpOptions) -> HttpSource:
    """Return the HTTP side of a declared source."""
    return HttpSource(declaration.name, options, declaration.secret, declaration.where)


def _lines(headers: Mapping[str, str]) -> bytes:
    """Return headers as they go out; raise ValueError for one that would end its line, or is no ASCII."""
    for name, value in headers.items():
        if not (name.isascii() and value.isascii() and f"{name}{value}".isprintable()):
            raise ValueError(f"the header {name!r} holds what no header may")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")


def _refusal(source: str, answer: Answer) -> SourceFailure:
    status = answer.status
    if status in (401, 403):
        return SourceError(source, f"refused the hub's credentials (HTTP {status})")
    if status in (429, 502, 503, 504):
        return SourceUnavailable(source, f"is not available (HTTP {status})", _retry_after(answer))
    if 300 <= status < 400:
        told = "which points to another address; give that, perhaps the same with a slash at its end"
        return SourceError(source, f"answered HTTP {status}, {told}")
    return SourceError(source, f"answered HTTP {status}")


def _retry_after(answer: Answer) -> float | None:
    """Return the seconds of Retry-After, a number or a date (RFC 9110 §10.2.3); None without a readable one."""
    given = next(iter(answer.all(b"retry-after")), "").strip()
    if given.isdecimal():
        return float(given[:9])
    try:
        return max(0.0, (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds()) if given else None
    except (TypeError, ValueError):
        return None
