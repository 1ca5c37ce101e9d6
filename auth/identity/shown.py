"""What a request shows of who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """The parts of a request by which its reader is known."""

    headers: Mapping[str, str]
    """By lower-case name; of a repeated one, all values joined by commas."""
    method: str = "POST"
    scheme: str = "http"
    path: str = "/"
    peer: str = ""
    """Address of the connection's other end."""
    proven: bool = False
    """Its proof of possession was looked at when the connection began, and is of no use twice."""
