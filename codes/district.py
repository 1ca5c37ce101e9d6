"""Administrative divisions 行政区划, GB/T 2260, from the table that python-stdnum keeps."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from stdnum import numdb


class Place(NamedTuple):
    """A division's name and its province's; None where the list does not know the code."""

    name: str | None
    province: str | None


@lru_cache(maxsize=8192)
def place_of(code: str) -> Place:
    """Return the place of a code of six or more digits; development zones have codes outside the list."""
    details = {key: text for _, part in numdb.get("cn/loc").info(code[:6]) for key, text in part.items()}
    name = _current(details.get("county")) or _current(details.get("prefecture"))
    return Place(name, _current(details.get("province")))


def _current(history: str | None) -> str | None:
    """The last name of a history such as ``[1983-1989]南头区,[1990-]南山区``."""
    return history.split(",")[-1].rpartition("]")[2] or None if history else None
