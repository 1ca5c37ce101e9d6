"""An answer's bytes."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

_encoder = msgspec.json.Encoder()


def encoded(value: Any) -> bytes:
    """Return an answer's JSON; whole numbers past 64 bits are written out rather than refused."""
    try:
        return _encoder.encode(value)
    except (OverflowError, TypeError, UnicodeError):
        return orjson.dumps(msgspec.to_builtins(value, enc_hook=_plain), default=str)


def _plain(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else str(value)
