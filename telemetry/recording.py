"""Spans that are recorded, and sent by OTLP over HTTP.

The SDK's own spans may be written to by several threads, sampled, limited and watched, which takes ten times as long as
all that is needed of it here. So what has ended is made at once as the SDK's `ReadableSpan`, and handed to the SDK's
processor, which sends it in the background.
"""

from __future__ import annotations

import random
import time
from functools import cached_property
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_UNSET, _FAILED = Status(StatusCode.UNSET), Status(StatusCode.ERROR)
_SCOPE = InstrumentationScope("innograph")
_FAREWELL = 3000
"""Milliseconds for which spans may still be sent when the hub ends."""


class Span:
    """A part of a request, from its beginning to its end; a request itself is the uppermost."""

    __slots__ = ("_above", "_began", "_context", "_kind", "_name", "_recorder", "attributes", "failure")

    def __init__(
        self, recorder: Recorder, name: str, kind: SpanKind, trace: int, above: SpanContext | None, began: int = 0
    ) -> None:
        """Begin in a trace, below a span of it if there is one, at a nanosecond since 1970 or now."""
        self._recorder = recorder
        self._name = name
        self._kind = kind
        self._above = above
        self._context = SpanContext(trace, random.getrandbits(64) or 1, is_remote=False, trace_flags=_SAMPLED)
        self._began = began or time.time_ns()
        self.attributes: dict[str, Any] = {}
        self.failure: str | None = None
        """The code of the error that it ended with."""

    @property
    def trace(self) -> int:
        """The id of its trace."""
        return self._context.trace_id

    @property
    def id(self) -> int:
        """Its own id."""
        return self._context.span_id

    def below(self, name: str, *, outgoing: bool = False, began: int = 0) -> Span:
        """Begin a span below this one, at a nanosecond since 1970 or now."""
        kind = SpanKind.CLIENT if outgoing else SpanKind.INTERNAL
        return Span(self._recorder, name, kind, self.trace, self._context, began)

    def end(self, at: int = 0) -> None:
        """End, at a nanosecond since 1970 or now."""
        if self.failure is not None:
            self.attributes["error.type"] = self.failure
        self._recorder.take(
            ReadableSpan(
                self._name,
                self._context,
                self._above,
                self._recorder.resource,
                self.attributes,
                kind=self._kind,
                status=_UNSET if self.failure is None else _FAILED,
                start_time=self._began,
                end_time=at or time.time_ns(),
                instrumentation_scope=_SCOPE,
            )
        )


class _Hub(Resource):
    """What sends the spans; hashed once, and not for each span that is sent."""

    @cached_property
    def _hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._hash


class Recorder:
    """Takes spans that have ended, and sends them."""

    def __init__(self, url: str) -> None:
        """Send to an address, in a thread of its own."""
        told = Resource.create({"service.name": "innograph"})
        self.resource = _Hub(told.attributes, told.schema_url)
        self._processor = BatchSpanProcessor(OTLPSpanExporter(url))
        self.take = self._processor.on_end

    def request(self, trace: int = 0, above: int = 0) -> Span:
        """Begin a request, in a caller's trace and below its span if there are such."""
        if not trace:
            return Span(self, "request", SpanKind.SERVER, random.getrandbits(128) or 1, None)
        caller = SpanContext(trace, above, is_remote=True, trace_flags=_SAMPLED)
        return Span(self, "request", SpanKind.SERVER, trace, caller)

    def close(self) -> None:
        """Send what has not been sent, for some seconds at most; blocks."""
        self._processor.force_flush(_FAREWELL)
        self._processor.shutdown()  # type: ignore[no-untyped-call]  # the SDK does not say that it returns nothing
