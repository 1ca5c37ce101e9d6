"""The page that Prometheus reads, for those alone who may; everybody else is told that there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from auth.addresses import Networks, Proxies, within
from telemetry import metrics
from web.sending import headers_of, send_bytes

_PASSED_ON = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
"""What proxies add to a request that they pass on."""


@dataclass(frozen=True)
class MetricsPage:
    """The ASGI application behind /metrics."""

    readers: Networks
    proxies: Proxies
    newest: Callable[[], None]
    """Takes the readings."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with all metrics."""
        if not self._may_read(scope):
            await send_bytes(send, 404, b"Not Found", "text/plain; charset=utf-8")
            return
        self.newest()
        await send_bytes(send, 200, metrics.exposition(), metrics.CONTENT_TYPE)

    def _may_read(self, scope: Scope) -> bool:
        """Say whether a reader asks by itself, from where it may: what a proxy passes on may come from anywhere."""
        if not self.readers or not scope["client"]:
            return False
        peer, headers = scope["client"][0], headers_of(scope)
        if self.proxies.trusts(peer) or any(name in headers for name in _PASSED_ON):
            return False
        return within(peer, self.readers)
