"""Notices that others sign: who knows the secret may tell the hub something, once, and only now.

As in Standard Webhooks (standardwebhooks.com): the headers `webhook-id`, `webhook-timestamp` (seconds since 1970) and
`webhook-signature` (`v1,` and the HMAC-SHA256 of ``id.timestamp.body`` in base64; several, parted by blanks).
"""

from __future__ import annotations

import hmac
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256

TOLERANCE = 60
"""Seconds by which the clocks may differ; half of the time for which a notice is remembered."""

_MOST_SIGNATURES = 10


class NotSigned(Exception):
    """The notice is not signed as it should be; the message says how, and nothing of the secret."""


def signature(secret: bytes, id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a notice."""
    return "v1," + b64encode(hmac.digest(secret, f"{id}.{timestamp}.".encode() + body, "sha256")).decode()


def checked(secret: bytes, headers: Mapping[str, str], body: bytes, clock: Callable[[], float] = time.time) -> bytes:
    """Return a digest by which a notice is known again; raise NotSigned for one that is not to be believed."""
    id, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not 0 < len(id) <= 256 or not moment.isdecimal() or len(moment) > 12:
        raise NotSigned("The headers webhook-id and webhook-timestamp are missing or wrong.")
    if abs(clock() - int(moment)) > TOLERANCE:
        raise NotSigned(f"The notice is not of now: webhook-timestamp is off by more than {TOLERANCE} seconds.")
    expected = signature(secret, id, int(moment), body).encode()
    given = headers.get("webhook-signature", "").split(" ", _MOST_SIGNATURES)[:_MOST_SIGNATURES]
    if not any(hmac.compare_digest(expected, one.encode(errors="replace")) for one in given):
        raise NotSigned("The header webhook-signature does not fit the notice.")
    return sha256(expected).digest()
