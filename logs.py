"""How the log is written: one line an event, for people or for machines, with the trace it belongs to, never a secret.

What libraries log through `logging` goes the same way.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog
from structlog.dev import plain_traceback
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor

from telemetry import traces

HIDDEN = "•••"

_SECRET_KEYS = frozenset(
    ("authorization", "password", "secret", "token", "cookie", "dpop", "api_key", "access_token", "client_secret")
)
_SECRETS = re.compile(
    r"(?P<before>://[^/\s:@\"']*:)[^/\s@\"']+(?=@)"  # a password in an address
    r"|(?P<scheme>\b(?:Bearer|Basic|DPoP) )[\w.~+/=-]{6,}"
    r"|\beyJ[\w-]{6,}\.[\w-]+\.[\w-]*"  # a JWT
    r"|\bik_[a-z2-7]+_[\w-]{8,}"  # an API key of the hub
)


def configure(form: str) -> None:
    """Write the log to standard error, as `console` text or as `json` lines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _traced,
        _without_secrets,
    ]
    last: list[Processor] = (
        [
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
            _masked,
        ]
        if form == "json"
        # Plain tracebacks: the frames' local variables hold headers and variables of the reader.
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain_traceback),
            _masked,
        ]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _take_over(shared, last)


def _take_over(shared: list[Processor], last: list[Processor]) -> None:
    """Write what libraries log, from warnings on, as the hub's own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def _traced(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Add the trace that an event belongs to, if it belongs to a request."""
    here = traces.current()
    if here is not None:
        event.setdefault("trace_id", here.id)
        if here.span_id:
            event.setdefault("span_id", here.span_id)
    return event


def _without_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Hide the values of what is called as secrets are."""
    for key in event:
        if key.lower().replace("-", "_") in _SECRET_KEYS:
            event[key] = HIDDEN
    return event


def _masked(_logger: Any, _method: str, line: Any) -> str:
    """Hide what looks like a secret wherever it stands, in messages of errors too."""
    return _SECRETS.sub(lambda found: (found["before"] or found["scheme"] or "") + HIDDEN, str(line))
