"""Whether a partner's schema still has what is used of it, by introspection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_TYPE = "type { name ofType { name ofType { name ofType { name } } } }"
INTROSPECTION = f"{{ __schema {{ queryType {{ name }} types {{ name fields {{ name args {{ name }} {_TYPE} }} }} }} }}"

Used = tuple[str, Sequence[str], Sequence[str]]
"""A root field, its arguments, and paths of fields below it."""


def lacking(schema: Mapping[str, Any], used: Sequence[Used]) -> Iterator[str]:
    """Give what a schema lacks of what is used of it: root fields, arguments, and fields of their types."""
    types = {one["name"]: {f["name"]: f for f in one["fields"] or ()} for one in schema["types"]}
    root = schema["queryType"]["name"]
    for name, arguments, paths in used:
        field = types[root].get(name)
        if field is None:
            yield f"{root}.{name}"
            continue
        known = {one["name"] for one in field["args"]}
        yield from (f"{root}.{name}({argument}:)" for argument in arguments if argument not in known)
        for path in paths:
            at = _named(field["type"])
            for step in path.split("."):
                below = types.get(at, {}).get(step)
                if below is None:
                    yield f"{at}.{step}"
                    break
                at = _named(below["type"])


def _named(type_: Mapping[str, Any]) -> str:
    while type_.get("ofType"):
        type_ = type_["ofType"]
    return str(type_.get("name"))
