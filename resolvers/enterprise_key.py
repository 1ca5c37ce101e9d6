"""An enterprise before anything is known of it: its code, and as of when it is asked for."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import msgspec


class EnterpriseKey(msgspec.Struct, frozen=True):
    """The parent of every facet: a code and a date; None is today."""

    uscc: str
    as_of_date: date | None
    id: str

    @classmethod
    @lru_cache(maxsize=16_384)
    def of(cls, uscc: str, as_of: date | None = None) -> EnterpriseKey:
        """Return the enterprise with this code."""
        return cls(uscc, as_of, f"Enterprise:{uscc}")
