"""Where a request stands in a trace: W3C trace context in and out, spans for the share of requests that is traced.

A caller's trace is gone on with. Whether it is recorded here is the hub's own choice, by the trace's id, so that all
hubs choose alike; a caller could otherwise have everything recorded.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from telemetry.recording import Recorder, Span

_GIVEN = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
"""W3C Trace Context §3.2.2; what a later version adds is behind what is read."""


class Trace(msgspec.Struct):
    """Where the current task stands: in which trace, and in which span of it if it is recorded."""

    given: str = ""
    """The caller's traceparent, if there was one."""
    span: Span | None = None
    _id: str = ""
    """Made when it is wanted, if the caller gave none."""

    @property
    def id(self) -> str:
        """The trace's id, 32 hexadecimal digits."""
        if not self._id:
            self._id = f"{self.span.trace if self.span else random.getrandbits(128) or 1:032x}"
        return self._id

    @property
    def span_id(self) -> str | None:
        """The span's id, 16 hexadecimal digits; None if it is not recorded."""
        return f"{self.span.id:016x}" if self.span else None

    def within(self, span: Span) -> Trace:
        """Return the same trace, further down."""
        return Trace(self.given, span, self.id)


_here: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """Return where the current task stands; None outside of requests."""
    return _here.get()


def trace_id() -> str:
    """Return the id under which operators find what happens now: the current trace's, or a new one."""
    here = _here.get() or Trace()
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


_UNRECORDED: AbstractContextManager[None] = nullcontext()


def span(
    name: str, attributes: Mapping[str, Any], *, outgoing: bool = False
) -> AbstractContextManager[Span] | AbstractContextManager[None]:
    """Record what is done within, below where the current task stands; nothing if the request is not recorded."""
    here = _here.get()
    if here is None or here.span is None:
        return _UNRECORDED
    below = here.span.below(name, outgoing=outgoing)
    below.attributes.update(attributes)
    return _within(here, below)


@contextmanager
def _within(here: Trace, below: Span) -> Iterator[Span]:
    token = _here.set(here.within(below))
    try:
        yield below
    except BaseException as error:
        below.failure = type(error).__name__
        raise
    finally:
        _here.reset(token)
        below.end()


def failed(span: Span | None, code: str) -> None:
    """Note in a span, if there is one, that what it tells of failed with an error's code."""
    if span is not None:
        span.failure = code


def parts(began: int, marks: Sequence[tuple[str, int]], **attributes: Any) -> None:
    """Record parts of a request that are behind it already (perf_counter_ns), and what is to be said of it."""
    here = _here.get()
    if here is None or here.span is None:
        return
    here.span.attributes.update(attributes)
    offset = time.time_ns() - time.perf_counter_ns()
    for part, moment in marks:
        here.span.below(part, began=began + offset).end(moment + offset)
        began = moment


class Tracing:
    """Begins the trace of each request; records a share of them if there is somebody to send spans to."""

    def __init__(self, url: str | None = None, share: float = 0.0) -> None:
        """Send spans of a share of requests by OTLP over HTTP to an address."""
        self._url = url
        self._share = share
        self._recorder: Recorder | None = None

    def open(self) -> None:
        """Begin to send, in the background; nothing without an address."""
        if self._url and self._share:
            from telemetry.recording import Recorder  # a third of a second that most hubs need not wait for

            self._recorder = Recorder(self._url)

    def close(self) -> None:
        """Send what has not been sent, for some seconds at most; blocks."""
        recorder, self._recorder = self._recorder, None
        if recorder:
            recorder.close()

    def enter(self, headers: Mapping[str, str]) -> Trace:
        """Begin a request of these headers (names in lower case), in the task that answers it; `leave` ends it."""
        given = headers.get("traceparent")
        here = self._begun(given) if given or self._recorder else Trace()
        _here.set(here)
        return here

    def leave(self, here: Trace) -> None:
        """End what `enter` began."""
        if here.span is not None:
            here.span.end()
        _here.set(None)

    def _begun(self, given: str | None) -> Trace:
        found = _GIVEN.fullmatch(given) if given else None
        if given is None or found is None:
            if self._recorder is None or random.random() >= self._share:
                return Trace()
            return Trace("", self._recorder.request())
        trace = int(found[1], 16)
        if self._recorder is None or (trace & 0xFFFFFFFFFFFFFF) >= self._share * 2**56:
            return Trace(given, None, found[1])
        return Trace(given, self._recorder.request(trace, int(found[2], 16)))
