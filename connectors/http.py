"""What every source behind HTTP shares: one client, its credentials, a cap on calls and bytes, typed failures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from pydantic import Field

from connectors.contract import SourceDeclaration
from connectors.errors import (
    SourceError,
    SourceFailure,
    SourcesMisconfigured,
    SourceTimeout,
    SourceTooLarge,
    SourceUnavailable,
)
from connectors.http_auth import Auth, AuthOptions, authentication
from connectors.options import Options

_DECODE = msgspec.json.Decoder(float_hook=Decimal)
"""Amounts stay exact: a number with a point becomes a Decimal, not a float."""


class HttpOptions(Options):
    """Options of a source behind HTTP."""

    url: str
    auth: AuthOptions | None = None
    headers: Mapping[str, str] = Field(default_factory=dict)
    concurrency: int = 8
    max_bytes: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """A decoded answer; `missing` is a 404."""

    value: Any
    links: Mapping[str | None, Mapping[str, str]]
    missing: bool = False


class HttpSource:
    """One source behind HTTP."""

    def __init__(
        self, name: str, options: HttpOptions, timeout: float, secret: Callable[[str], str], where: str
    ) -> None:
        """Resolve the secrets; connect to nothing yet."""
        self.name = name
        self._base = secret(options.url).rstrip("/")
        if urlsplit(self._base).scheme not in ("http", "https"):
            raise SourcesMisconfigured(
                f"{where}.url", "is no http or https address", "Give the address of the service."
            )
        self._headers = {header: secret(value) for header, value in options.headers.items()}
        self._auth: Auth | None = authentication(options.auth, secret) if options.auth else None
        self._timeout = timeout
        self._max_bytes = options.max_bytes
        self._free = asyncio.Semaphore(options.concurrency)
        self._client: httpx.AsyncClient | None = None

    async def ask(
        self, method: str, path: str, deadline: float, *, params: Any = None, json: Any = None, optional: bool = False
    ) -> Reply:
        """Return the decoded answer; raise SourceFailure for anything else. With `optional`, a 404 is `missing`."""
        url = path if path.startswith(("http://", "https://")) else self._base + path
        if urlsplit(url).netloc != urlsplit(self._base).netloc:
            raise SourceError(self.name, "points to another host for its next page")
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())), self._free:
                return await self._exchange(method, url, params, json, optional)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise SourceTimeout(self.name, f"did not answer within {self._timeout:g} s") from error
        except httpx.TransportError as error:
            raise SourceUnavailable(self.name, f"cannot be reached ({type(error).__name__})") from error
        except httpx.HTTPError as error:
            raise SourceError(self.name, f"broke the rules of HTTP ({type(error).__name__})") from error

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    async def _exchange(self, method: str, url: str, params: Any, json: Any, optional: bool) -> Reply:
        client = self._open()
        async with client.stream(method, url, params=params, json=json) as response:
            if response.status_code == 404 and optional:
                return Reply(None, {}, missing=True)
            if not response.is_success:
                raise _refusal(self.name, response.status_code)
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._max_bytes:
                    raise SourceTooLarge(self.name, f"answered more than {self._max_bytes:,} bytes")
        try:
            return Reply(_DECODE.decode(bytes(body)), response.links)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SourceError(self.name, "answered something that is no JSON") from error

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                headers={"Accept": "application/json", **self._headers},
                auth=self._auth,
                timeout=self._timeout,
                limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
                follow_redirects=False,
                trust_env=False,
            )
        return self._client


def open_http(declaration: SourceDeclaration, options: HttpOptions) -> HttpSource:
    """Return the HTTP side of a declared source."""
    return HttpSource(declaration.name, options, declaration.timeout, declaration.secret, declaration.where)


def _refusal(source: str, status: int) -> SourceFailure:
    if status in (401, 403):
        return SourceError(source, f"refused the hub's credentials (HTTP {status})")
    if status in (429, 502, 503, 504):
        return SourceUnavailable(source, f"is not available (HTTP {status})")
    return SourceError(source, f"answered HTTP {status}")
