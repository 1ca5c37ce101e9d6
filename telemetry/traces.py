"""Where a request stands in a trace: W3C trace context in and out, spans for the share of requests that is traced.

A caller's trace is gone on with. Whether it is recorded here is the hub's own choice, by the trace's id, so that all
hubs choose alike; a caller could otherwise have everything recorded.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

_GIVEN = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
"""W3C Trace Context §3.2.2; what a later version adds is behind what is read."""
_FAREWELL = 3000
"""Milliseconds for which spans may still be sent when the hub ends."""


class Trace:
    """Where the current task stands: in which trace, and in which span of it if it is recorded."""

    __slots__ = ("_id", "_tracer", "given", "span")

    def __init__(self, given: str, id: str | None, span: Span | None = None, tracer: Tracer | None = None) -> None:
        """`given` is the caller's traceparent, empty if there was none; an id that is not given is made when wanted."""
        self.given = given
        self.span = span
        self._id = id
        self._tracer = tracer

    @property
    def id(self) -> str:
        """The trace's id, 32 hexadecimal digits."""
        if self._id is None:
            self._id = f"{random.getrandbits(128) or 1:032x}"
        return self._id

    @property
    def span_id(self) -> str | None:
        """The span's id, 16 hexadecimal digits; None if it is not recorded."""
        return f"{self.span.get_span_context().span_id:016x}" if self.span else None

    def below(self, name: str, attributes: Mapping[str, Any], *, outgoing: bool = False, began: int = 0) -> Span:
        """Begin a span below this one, at a nanosecond since 1970 or now."""
        from opentelemetry.trace import SpanKind, set_span_in_context

        assert self.span is not None, "it is recorded"
        assert self._tracer is not None, "it is recorded"
        kind = SpanKind.CLIENT if outgoing else SpanKind.INTERNAL
        context = set_span_in_context(self.span)
        return self._tracer.start_span(name, context, kind, dict(attributes), start_time=began or None)

    def within(self, span: Span) -> Trace:
        """Return the same trace, further down."""
        return Trace(self.given, self.id, span, self._tracer)


_here: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """Return where the current task stands; None outside of requests."""
    return _here.get()


def trace_id() -> str:
    """Return the id under which operators find what happens now: the current trace's, or a new one."""
    here = _here.get() or Trace("", None)
    return here.id


def sampled() -> bool:
    """Say whether the current request is recorded."""
    here = _here.get()
    return here is not None and here.span is not None


def outgoing() -> bytes:
    """Return the header line by which another system goes on with this trace; empty if there is nothing to go on with.

    What is not recorded here is passed on as the caller gave it.
    """
    here = _here.get()
    if here is None:
        return b""
    if here.span is not None:
        return f"traceparent: 00-{here.id}-{here.span_id}-01\r\n".encode()
    return f"traceparent: {here.given}\r\n".encode() if here.given else b""


@contextmanager
def span(name: str, attributes: Mapping[str, Any], *, outgoing: bool = False) -> Iterator[Span | None]:
    """Record what is done within, below where the current task stands; nothing if the request is not recorded."""
    here = _here.get()
    if here is None or here.span is None:
        yield None
        return
    below = here.below(name, attributes, outgoing=outgoing)
    token = _here.set(here.within(below))
    try:
        yield below
    except BaseException as error:
        _fail(below, type(error).__name__)
        raise
    finally:
        _here.reset(token)
        below.end()


def failed(span: Span | None, code: str) -> None:
    """Note in a span, if there is one, that what it tells of failed with an error's code."""
    if span is not None:
        _fail(span, code)


def parts(began: int, marks: Sequence[tuple[str, int]], **attributes: Any) -> None:
    """Record parts of a request that are behind it already (perf_counter_ns), and what is to be said of it."""
    here = _here.get()
    if here is None or here.span is None:
        return
    here.span.set_attributes(attributes)
    offset = time.time_ns() - time.perf_counter_ns()
    for part, moment in marks:
        here.below(part, {}, began=began + offset).end(moment + offset)
        began = moment


def _fail(span: Span, code: str) -> None:
    from opentelemetry.trace import Status, StatusCode

    span.set_attribute("error.type", code)
    span.set_status(Status(StatusCode.ERROR))


class Tracing:
    """Begins the trace of each request; records a share of them if there is somebody to send spans to."""

    def __init__(self, url: str | None = None, share: float = 0.0) -> None:
        """Send spans of a share of requests by OTLP over HTTP to an address."""
        self._url = url
        self._share = share
        self._provider: TracerProvider | None = None
        self._tracer: Tracer | None = None

    def open(self) -> None:
        """Begin to send, in the background; nothing without an address."""
        if not self._url or not self._share:
            return
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ALWAYS_ON

        resource = Resource.create({"service.name": "innograph"})
        self._provider = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(self._url)))
        self._tracer = self._provider.get_tracer("innograph")

    def close(self) -> None:
        """Send what has not been sent, for some seconds at most; blocks."""
        self._tracer = None
        if self._provider:
            self._provider.force_flush(_FAREWELL)
            self._provider.shutdown()

    def enter(self, headers: Mapping[str, str]) -> Token[Trace | None]:
        """Begin a request of these headers (names in lower case); `leave` ends it."""
        given = headers.get("traceparent", "")
        found = _GIVEN.fullmatch(given) if given else None
        if found is None:
            if self._tracer is None or random.random() >= self._share:
                return _here.set(Trace("", None))
            return _here.set(self._recorded("", 0, 0))
        trace = int(found[1], 16)
        if self._tracer is None or (trace & 0xFFFFFFFFFFFFFF) >= self._share * 2**56:
            return _here.set(Trace(given, found[1]))
        return _here.set(self._recorded(given, trace, int(found[2], 16)))

    def leave(self, token: Token[Trace | None], **attributes: Any) -> None:
        """End what `enter` began."""
        here = _here.get()
        if here is not None and here.span is not None:
            here.span.set_attributes(attributes)
            here.span.end()
        _here.reset(token)

    def _recorded(self, given: str, trace: int, parent: int) -> Trace:
        from opentelemetry.context import Context
        from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags, set_span_in_context

        assert self._tracer is not None, "somebody takes spans"
        context = Context()
        if trace:
            caller = SpanContext(trace, parent, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
            context = set_span_in_context(NonRecordingSpan(caller), context)
        span = self._tracer.start_span("request", context, SpanKind.SERVER)
        return Trace(given, f"{span.get_span_context().trace_id:032x}", span, self._tracer)
