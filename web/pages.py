"""Pages for people: the welcome at /, GraphiQL at /graphql, and at /ask an editor that loads nothing from elsewhere."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
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
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
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


class GraphiQL:
    """GraphiQL as Strawberry brings it; its scripts come from a content network, each pinned by its digest.

    Where that network cannot be reached, the page at /ask does without.
    """

    def __init__(self) -> None:
        """Read the page once."""
        self._page = get_graphql_ide_html("graphiql").replace("{{ SUBSCRIPTION_ENABLED }}", "false")
        self._headers = {**_HEADERS, "Content-Security-Policy": _policy(self._page)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        await HTMLResponse(self._page, headers=self._headers)(scope, receive, send)


def _policy(page: str) -> str:
    """Return the policy under which just the scripts and style sheets that the page names are loaded."""
    scripts = re.findall(r'<script[^>]*\ssrc="(https:[^"]+)"', page)
    sheets = re.findall(r'<link[^>]*\shref="(https:[^"]+)"', page)
    inline = [_digest(script) for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)]
    # GraphiQL's parts write styles of their own into the page.
    return (
        f"default-src 'none'; script-src {' '.join((*inline, *scripts))}; "
        f"style-src 'unsafe-inline' {' '.join(sheets)}; "
        "font-src data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def _digest(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
