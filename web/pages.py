"""Pages for people: the welcome at /, GraphiQL at /graphql, and at /ask an editor that loads nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import FileResponse, HTMLResponse
from starlette.types import Receive, Scope, Send
from strawberry.http.ides import get_graphql_ide_html

_FOLDER = Path(__file__).parent / "pages"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

_CONTENT_NETWORK = "https://unpkg.com"
_GRAPHIQL_POLICY = (
    f"default-src 'none'; script-src 'unsafe-inline' {_CONTENT_NETWORK}; style-src 'unsafe-inline' {_CONTENT_NETWORK}; "
    f"font-src data: {_CONTENT_NETWORK}; img-src 'self' data:; worker-src blob:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


class PageFile:
    """A page, or a file that the pages load."""

    def __init__(self, name: str) -> None:
        """Name the file."""
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        await FileResponse(_FOLDER / self._name, headers=_HEADERS)(scope, receive, send)


class GraphiQL:
    """GraphiQL as Strawberry brings it; its scripts come from a content network, each pinned by its digest.

    Where that network cannot be reached, the page at /ask does without.
    """

    def __init__(self) -> None:
        """Read the page once."""
        self._page = get_graphql_ide_html("graphiql").replace("{{ SUBSCRIPTION_ENABLED }}", "false")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        headers = {**_HEADERS, "Content-Security-Policy": _GRAPHIQL_POLICY}
        await HTMLResponse(self._page, headers=headers)(scope, receive, send)
