"""The demo world's readers, offered to the console: only a hub that believes the demo's own issuer has this door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class DemoReaders:
    """Who may be tried out, as the console shows them, and what mints a token for one of them by name."""

    readers: Sequence[Mapping[str, Any]]
    mint: Callable[[str], str]

    def routes(self) -> list[Route]:
        """Return the routes; a hub without demo readers has none of them."""
        return [
            Route("/demo/readers", self._all, methods=["GET"]),
            Route("/demo/readers/{name}/token", self._token, methods=["POST"]),
        ]

    async def _all(self, _request: Request) -> Response:
        return JSONResponse(list(self.readers), headers=_HEADERS)

    async def _token(self, request: Request) -> Response:
        """Answer with a token, to the hub's own pages and to programs, never to a page of another origin."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise HTTPException(403, "Demo tokens are given to this hub's own pages only.")
        name = request.path_params["name"]
        if all(reader["name"] != name for reader in self.readers):
            raise HTTPException(404, f"There is no demo reader {name!r}; GET /demo/readers lists them.")
        return JSONResponse({"token": self.mint(name)}, headers=_HEADERS)
