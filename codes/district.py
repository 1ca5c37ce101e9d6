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


@lru_cache(maxsize=8192)
def names_of(code: str) -> tuple[str, ...]:
    """Return the names of a place from the province down, as far as the list knows its code."""
    details = {key: text for _, part in numdb.get("cn/loc").info(code[:6]) for key, text in part.items()}
    found = (_current(details.get(level)) for level in ("province", "prefecture", "county"))
    return tuple(name for name in found if name)


def is_province(name: str) -> bool:
    """Say whether a name is that of a division of the first level."""
    return name.endswith(("省", "自治区", "特别行政区")) or name in ("北京市", "天津市", "上海市", "重庆市")


def _current(history: str | None) -> str | None:
    """The last name of a history such as ``[1983-1989]南头区,[1990-]南山区``."""
    return history.split(",")[-1].rpartition("]")[2] or None if history else None
