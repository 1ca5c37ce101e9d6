"""The schema as text, for those who may read it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from auth.principal import Principal
from resolvers.request import BadInput
from web.body import Unacceptable
from web.door import UNAUTHENTICATED, Door
from web.sending import headers_of

Sdl = Callable[[str], str]
"""Give the text, cut to what an audience can see if one is named; raise BadInput for an audience that is none."""
MayRead = Callable[[Principal], bool]
"""Say whether a reader may read the schema."""

_ANONYMOUS = "The schema is told to readers with a right to it; send the token of one."
_FORBIDDEN = "Your roles may not read the schema; ask the operator of the hub for the right."


class SchemaText:
    """The ASGI application that serves the SDL, to be asked again only when it has changed."""

    def __init__(self, sdl: Sdl, door: Door, may_read: MayRead) -> None:
        """Tell the text as it is when it is asked for, named by its digest."""
        self._sdl = sdl
        self._door = door
        self._may_read = may_read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await self._answered(scope)
        except Unacceptable as refusal:
            response = _refused(refusal)
        await response(scope, receive, send)

    async def _answered(self, scope: Scope) -> Response:
        given = headers_of(scope)
        principal, purse = await self._door.enter(scope, given)
        try:
            self._check(principal)
            audience = parse_qs(scope["query_string"].decode("latin-1")).get("audience", [""])[0]
            try:
                return self._shown(await asyncio.to_thread(self._sdl, audience), given)
            except BadInput as unknown:
                raise Unacceptable(400, str(unknown)) from unknown
        finally:
            await purse.settle()

    def _check(self, principal: Principal) -> None:
        if not self._may_read(principal):
            if principal.credential:
                raise Unacceptable(403, _FORBIDDEN, code="FORBIDDEN")
            raise Unacceptable(401, _ANONYMOUS, {"WWW-Authenticate": 'Bearer realm="innograph"'}, UNAUTHENTICATED)

    def _shown(self, text: str, given: Mapping[str, str]) -> Response:
        etag = _etag(text)
        headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
        if etag in (tag.strip() for tag in given.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=headers)
        return Response(text, media_type="text/plain", headers=headers)


@lru_cache(maxsize=2)
def _etag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _refused(refusal: Unacceptable) -> Response:
    headers = {"Cache-Control": "no-store", "Vary": "Authorization", **refusal.headers}
    return PlainTextResponse(f"{refusal.code}: {refusal.message}\n", refusal.status, headers)
