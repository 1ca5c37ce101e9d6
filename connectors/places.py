"""Where a key of a TOML file stands: the line to look at when it is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


def line_of(text: str, dotted: str) -> int | None:
    """Return the line of the table or key that leads furthest into a place such as `sources.a.fields.name`."""
    wanted, found, depth = dotted.split("."), None, 0
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = path = _parts(header[1])
        elif key := _KEY.match(line):
            path = [*table, *_parts(key[1])]
        else:
            continue
        shared = _shared(path, wanted)
        if shared > depth and shared == min(len(path), len(wanted)):
            found, depth = number, shared
    return found


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


def _shared(path: Sequence[str], wanted: Sequence[str]) -> int:
    for place, (one, other) in enumerate(zip(path, wanted, strict=False)):
        if one != other:
            return place
    return min(len(path), len(wanted))
