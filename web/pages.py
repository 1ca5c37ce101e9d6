"""Pages for people: the console at /, built from console/ if it was, and at /ask an editor that needs no build."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

BUILT = Path(__file__).parent.parent / "console" / "dist"
"""Where `npm run build` puts the console."""

_FOLDER = Path(__file__).parent / "pages"
_PAGES = ("/", "/explore", "/enterprises", "/enterprises/{uscc}", "/rankings", "/sources", "/access")
"""Addresses of the console's pages, which are all one file."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-cache",
}
_FOR_GOOD = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
"""Of files whose names change with their content."""


PACKED = Middleware(GZipMiddleware, minimum_size=1000)
"""Of what holds no secrets."""


class PageFile:
    """A page, or a file that the pages load."""

    def __init__(self, path: Path) -> None:
        """Name the file."""
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        await FileResponse(self._path, headers=HEADERS)(scope, receive, send)


class _Assets(StaticFiles):
    """What the console's page loads; it never changes under its name."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                added = [(name.lower().encode(), value.encode()) for name, value in _FOR_GOOD.items()]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await super().__call__(scope, receive, with_headers)


def routes(console: Path = BUILT) -> list[BaseRoute]:
    """Return the routes of the console, or of the page that says how to come by it, and of the plain editor."""
    built = console / "index.html"
    found = built if built.is_file() else _FOLDER / "welcome.html"
    pages: list[BaseRoute] = [Route(path, PageFile(found)) for path in (_PAGES if found is built else ("/",))]
    if found is built:
        pages.append(Mount("/assets", _Assets(directory=console / "assets"), middleware=[PACKED]))
    return [
        *pages,
        Route("/ask", PageFile(_FOLDER / "editor.html")),
        Route("/pages/style.css", PageFile(_FOLDER / "style.css")),
        Route("/pages/editor.js", PageFile(_FOLDER / "editor.js")),
    ]


def editor(console: Path = BUILT) -> RedirectResponse:
    """Return where a browser that opens the graph itself is sent: GraphiQL in the console, or the plain editor."""
    return RedirectResponse("/explore" if (console / "index.html").is_file() else "/ask", 307, headers=HEADERS)
