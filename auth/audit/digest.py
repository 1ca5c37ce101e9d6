"""The canonical form of an answer's data, whose hash a receipt signs: JSON by RFC 8785."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any


def canonical_json(value: Any) -> bytes:
    """Return a decoded JSON value as RFC 8785 writes it; whole numbers of any size are written out.

    Members go by name, without blanks, texts as UTF-8 with no more escapes than JSON needs. Names that GraphQL allows
    are ASCII, so that every order of names is the same. Raise ValueError for a number that is not finite.
    """
    return "".join(_written(value)).encode("utf-8")


def _written(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for place, name in enumerate(sorted(value)):
            yield f"{',' if place else ''}{json.dumps(name, ensure_ascii=False)}:"
            yield from _written(value[name])
        yield "}"
    elif isinstance(value, list):
        yield "["
        for place, item in enumerate(value):
            if place:
                yield ","
            yield from _written(item)
        yield "]"
    elif isinstance(value, float):
        yield _number(value)
    else:
        yield json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """Return a number as ECMAScript writes it (ECMA-262, Number::toString)."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number of JSON.")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    written = "".join(map(str, digits)).rstrip("0")
    point = len(digits) + int(exponent)
    if point > 21 or point < -5:
        mantissa = written[0] + ("." + written[1:] if len(written) > 1 else "")
        text = f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    elif point <= 0:
        text = f"0.{'0' * -point}{written}"
    elif len(written) <= point:
        text = written + "0" * (point - len(written))
    else:
        text = f"{written[:point]}.{written[point:]}"
    return f"-{text}" if sign else text
