"""How the hub proves itself to a source behind HTTP; secrets come by reference and are never written anywhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Literal

import httpx
from pydantic import Field

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
Auth = httpx.Auth


class _Header(httpx.Auth):
    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        request.headers[self._name] = self._value
        yield request


class ClientCredentials(httpx.Auth):
    """OAuth 2 client credentials: one token for all callers, renewed by one of them before it ends or when refused."""

    requires_response_body = True

    def __init__(self, token_url: str, client_id: str, client_secret: str, scope: str | None) -> None:
        """Ask for no token yet."""
        self._request = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        self._credentials = httpx.BasicAuth(client_id, client_secret)
        self._token_url = token_url
        self._token = ""
        self._ends = 0.0
        self._renewing = asyncio.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send a request with a token; if that is refused, once more with a new one."""
        used = await self._current()
        request.headers["Authorization"] = f"Bearer {used}"
        response = yield request
        if response.status_code == 401:
            if self._token == used:
                self._ends = 0.0
            request.headers["Authorization"] = f"Bearer {await self._current()}"
            yield request

    async def _current(self) -> str:
        async with self._renewing:
            if time.monotonic() >= self._ends:
                async with httpx.AsyncClient(auth=self._credentials, trust_env=False) as client:
                    response = await client.post(self._token_url, data=self._request)
                if response.status_code != 200:
                    raise httpx.ProtocolError(f"the token service answered HTTP {response.status_code}")
                answer = response.json()
                self._token = str(answer["access_token"])
                self._ends = time.monotonic() + float(answer.get("expires_in", 300)) - _MARGIN
            return self._token


def authentication(options: AuthOptions, secret: Callable[[str], str]) -> httpx.Auth:
    """Return what puts the credentials on each request."""
    match options:
        case _Bearer():
            return _Header("Authorization", f"Bearer {secret(options.token)}")
        case _Basic():
            return httpx.BasicAuth(secret(options.user), secret(options.password))
        case _ApiKey():
            return _Header(options.header, secret(options.key))
        case _OAuth2():
            return ClientCredentials(
                secret(options.token_url), secret(options.client_id), secret(options.client_secret), options.scope
            )
