"""Pages for people: the welcome at / and the editor at /graphql. Everything they need is served from here."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

_FOLDER = Path(__file__).parent / "pages"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class PageFile:
    """A page, or a file that the pages load."""

    def __init__(self, name: str) -> None:
        """Name the file."""
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        await FileResponse(_FOLDER / self._name, headers=_HEADERS)(scope, receive, send)


EDITOR = PageFile("editor.html")
"""The page in which queries are written and run."""
