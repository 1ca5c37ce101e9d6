"""What a source tells the hub by itself: that something of it has changed, so that it is fetched anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

import msgspec
import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from auth.identity.refusals import Unavailable
from auth.webhooks import NotSigned, checked
from connectors.forgetting import Forget, NotTold
from connectors.sources import Sources
from web.body import Bodies, Unacceptable
from web.door import UNAUTHENTICATED

NOT_TOLD = "NOT_TOLD"

_MOST_KEYS = 1000
_NO_SECRET = b"\0" * 32
"""Nothing is signed by it: a source without a secret is refused as a wrong signature is, and takes as long."""


class _Notice(msgspec.Struct, forbid_unknown_fields=True):
    collection: str | None = None
    keys: tuple[str, ...] = ()


_decode = msgspec.json.Decoder(_Notice).decode


@dataclass(frozen=True)
class Teller:
    """Who may tell something: its secret, and the collections that it feeds."""

    secret: bytes
    collections: Collection[str]


def teller(sources: Sources, name: str) -> Teller | None:
    """Return a source as one who may tell something; None if it is unknown or has no secret."""
    source = sources.sources.get(name)
    if source is None or source.secret is None:
        return None
    return Teller(source.secret, source.feeds.keys())


@dataclass(frozen=True)
class Notices:
    """The endpoint to which sources tell what has changed: POST /sources/NAME/changed."""

    teller: Callable[[str], Teller | None]
    forget: Callable[[Forget], Awaitable[None]]
    is_first: Callable[[bytes], Awaitable[bool]]
    """Whether a notice, by its digest, was not shown before."""
    bodies: Bodies

    async def answer(self, request: Request) -> Response:
        """Have what has changed forgotten everywhere; 204 once it is."""
        try:
            await self._take(request)
        except ClientDisconnect:
            return Response(status_code=400)
        except Unacceptable as refusal:
            error = {"message": refusal.message, "extensions": {"code": refusal.code}}
            headers = {**refusal.headers, "Cache-Control": "no-store"}
            return Response(orjson.dumps({"errors": [error]}), refusal.status, headers, "application/json")
        return Response(status_code=204)

    async def _take(self, request: Request) -> None:
        name = request.path_params["source"]
        body = await self.bodies.read(request.receive, request.headers)
        teller = self.teller(name)
        try:
            digest = checked(teller.secret if teller else _NO_SECRET, request.headers, body)
        except NotSigned as error:
            raise Unacceptable(401, str(error), code=UNAUTHENTICATED) from error
        if teller is None:
            raise Unacceptable(401, "The header webhook-signature does not fit the notice.", code=UNAUTHENTICATED)
        what = _read(name, teller, body)
        try:
            if not await self.is_first(digest):
                raise Unacceptable(409, "The notice was shown before; sign another.")
            await self.forget(what)
        except (Unavailable, NotTold) as error:
            message = f"It is not certain that all processes were told ({error}); sign and send the notice again."
            raise Unacceptable(503, message, {"Retry-After": "5"}, NOT_TOLD) from error


def _read(source: str, teller: Teller, body: bytes) -> Forget:
    try:
        notice = _decode(body or b"{}")
    except msgspec.DecodeError as error:
        raise Unacceptable(400, f"The notice cannot be read ({error}).") from error
    if notice.collection is not None and notice.collection not in teller.collections:
        raise Unacceptable(400, f"The source feeds no collection {notice.collection[:60]!r}.")
    if notice.keys and notice.collection is None:
        raise Unacceptable(400, "The notice names keys and no collection; name it.")
    if len(notice.keys) > _MOST_KEYS:
        raise Unacceptable(400, f"The notice names more than {_MOST_KEYS:,} keys; leave them out, or send several.")
    return Forget(source, notice.collection, notice.keys)
