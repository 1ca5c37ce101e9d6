"""How the hub proves itself to a source behind HTTP; secrets come by reference and are never written anywhere."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from ssl import SSLContext
from typing import Annotated, Literal, Protocol

import httpx
from pydantic import Field

from connectors.errors import SourceError, SourceTimeout, SourceUnavailable
from connectors.options import Options

_MARGIN = 30.0
"""Seconds before its end at which a token is no longer used."""


class _Bearer(Options):
    kind: Literal["bearer"]
    token: str


class _Basic(Options):
    kind: Literal["basic"]
    user: str
    password: str


class _ApiKey(Options):
    kind: Literal["api_key"]
    header: str
    key: str


class _OAuth2(Options):
    kind: Literal["oauth2"]
    token_url: str
    client_id: str
    client_secret: str
    scope: str | None = None


AuthOptions = Annotated[_Bearer | _Basic | _ApiKey | _OAuth2, Field(discriminator="kind")]


class Credentials(Protocol):
    """What proves the hub to one source."""

    async def headers(self, deadline: float) -> Mapping[str, str]:
        """Return the headers to send with a call; raise SourceFailure if they are not to be had by then."""

    def refused(self, headers: Mapping[str, str]) -> bool:
        """Note that the source refused these headers; say whether others may be had."""


class Fixed:
    """The same headers with every call, or none."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Send these."""
        self._headers = headers

    async def headers(self, _deadline: float) -> Mapping[str, str]:
        """Return the headers."""
        return self._headers

    def refused(self, _headers: Mapping[str, str]) -> bool:
        """Have no others."""
        return False


class ClientCredentials:
    """OAuth 2 client credentials: one token for all callers, renewed by one of them before it ends or when refused."""

    def __init__(self, source: str, token_url: str, client: tuple[str, str], scope: str | None) -> None:
        """Ask for no token yet."""
        self._source = source
        self._request = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        self._client = httpx.BasicAuth(*client)
        self._token_url = token_url
        self._headers: Mapping[str, str] = {}
        self._ends = 0.0
        self._renewing = asyncio.Lock()

    async def headers(self, deadline: float) -> Mapping[str, str]:
        """Return the token's header, once there is a token that does not end soon."""
        if time.monotonic() >= self._ends:
            left = max(0.0, deadline - time.monotonic())
            try:
                async with asyncio.timeout(left), self._renewing:
                    if time.monotonic() >= self._ends:
                        await self._renew()
            except (TimeoutError, httpx.TimeoutException) as error:
                raise SourceTimeout(self._source, "did not get a token in time from its token service") from error
            except httpx.HTTPError as error:
                problem = f"its token service cannot be reached ({type(error).__name__})"
                raise SourceUnavailable(self._source, problem) from error
        return self._headers

    def refused(self, headers: Mapping[str, str]) -> bool:
        """Have the token renewed, unless it has been since these headers were given out."""
        if headers is self._headers:
            self._ends = 0.0
        return True

    async def _renew(self) -> None:
        async with httpx.AsyncClient(auth=self._client, verify=certificates(), trust_env=False) as client:
            response = await client.post(self._token_url, data=self._request)
        if response.status_code != 200:
            raise SourceUnavailable(self._source, f"its token service answered HTTP {response.status_code}")
        try:
            answer = response.json()
            headers = {"Authorization": f"Bearer {answer['access_token']}"}
            lasts = float(answer.get("expires_in", 300))
        except (ValueError, TypeError, LookupError) as error:
            raise SourceError(self._source, "its token service answered no token") from error
        self._headers, self._ends = headers, time.monotonic() + lasts - _MARGIN


def basic(user: str, password: str) -> Fixed:
    """Return the credentials of a name and a password."""
    return Fixed({"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"})


def authentication(source: str, options: AuthOptions, secret: Callable[[str], str]) -> Credentials:
    """Return what proves the hub to the source."""
    match options:
        case _Bearer():
            return Fixed({"Authorization": f"Bearer {secret(options.token)}"})
        case _Basic():
            return basic(secret(options.user), secret(options.password))
        case _ApiKey():
            return Fixed({options.header: secret(options.key)})
        case _OAuth2():
            client = secret(options.client_id), secret(options.client_secret)
            return ClientCredentials(source, secret(options.token_url), client, options.scope)


@cache
def certificates() -> SSLContext:
    """Return the authorities that are trusted: for sources the same as for their token services."""
    return httpx.create_ssl_context(trust_env=False)
