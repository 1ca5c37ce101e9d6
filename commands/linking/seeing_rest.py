"""A REST service looked at: by the address of one answer, or by its OpenAPI document."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Set
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from commands.linking.proposing import KEY_NAMES, snake
from commands.linking.seen import SAMPLE, Column, NotSeen, Place, Seen, columns_of, is_code
from connectors.errors import SourceFailure
from connectors.http import HttpSource

_SECONDS = 10.0
_NOBODYS = "0" * 18
_ENVELOPES = ("data", "result", "item", "record", "body", "content")
"""What an object is called that an answer only wraps."""
_KINDS = {"integer": "integer", "number": "number", "boolean": "flag", "array": "texts"}


async def by_sample(http: HttpSource, written: str, base: str, address: str) -> Seen:
    """Return what a service gives at an address with known keys: `…/loans?ids=A,B`, `…/loans/A`."""
    path = address.removeprefix(base) if address.startswith(base) else address
    split = urlsplit(path)
    query = parse_qsl(split.query)
    try:
        reply = await http.ask("GET", split.path, time.monotonic() + _SECONDS, params=query)
    except SourceFailure as failure:
        raise NotSeen(f"{path}: {failure.message}. Check address, credentials and keys.") from failure
    given = {*split.path.split("/"), *(one for _, value in query for one in value.split(","))} - {""}
    rows, records = _records(reply.value, given)
    columns = columns_of(records[:SAMPLE])
    batch, where, keys = _batch(split.path, query, columns)
    if len(keys) == 1 and "parameter" in batch and not await _takes_several(http, where, batch["parameter"], keys[0]):
        mark = "&" if "?" in where else "?"
        batch, where = {"style": "each"}, f"{where}{mark}{quote(batch['parameter'])}={{key}}"
    options: dict[str, Any] = {"path": where, "batch": batch, **({"rows": rows} if rows else {})}
    named = tuple(one.name for one in columns if set(map(str, one.values)) <= set(keys))
    return Seen("rest", {"url": written}, (Place(where, options, columns, named, keys),))


async def _takes_several(http: HttpSource, path: str, parameter: str, key: str) -> bool:
    """Say whether a service still lists a key's records if it is asked for two keys by comma."""
    try:
        asked = [(parameter, f"{key},{_NOBODYS}")]
        reply = await http.ask("GET", path, time.monotonic() + _SECONDS, params=asked)
    except SourceFailure:
        return False
    return any(key in map(str, one.values()) for _, found in _lists(reply.value, ()) for one in found)


def _records(value: Any, given: Set[str]) -> tuple[str, list[dict[str, Any]]]:
    """Return where in an answer its records lie, and them: the longest list of objects, or the one object.

    The one object is that which carries a key that was `given`, or the whole answer.
    """
    lists = dict(_lists(value, ()))
    if lists:
        where = max(lists, key=lambda path: (len(lists[path]), -len(path)))
        return ".".join(where), lists[where]
    objects = dict(_objects(value, ()))
    if objects:
        where = next((path for path, one in objects.items() if given & set(map(str, one.values()))), ())
        return ".".join(where), [objects[where]]
    raise NotSeen("The answer holds no objects. Give the address of one that does, with keys that have records.")


def _lists(value: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[dict[str, Any]]]]:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        yield above, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _lists(inner, (*above, name))


def _objects(value: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if isinstance(value, dict) and value:
        yield above, value
        for name, inner in value.items():
            yield from _objects(inner, (*above, name))


def _batch(
    path: str, query: list[tuple[str, str]], columns: tuple[Column, ...]
) -> tuple[dict[str, Any], str, tuple[str, ...]]:
    """Return how the service takes keys, its path, and the keys of the address: values that its records carry."""
    carried = {str(value) for column in columns for value in column.values}
    by_name: dict[str, list[str]] = {}
    for name, value in query:
        by_name.setdefault(name, []).append(value)
    for name, values in by_name.items():
        keys = [key for value in values for key in value.split(",")]
        if any(key in carried or is_code(key) for key in keys):
            style = "repeat" if len(values) > 1 else "comma"
            others = urlencode([pair for pair in query if pair[0] != name])
            return {"style": style, "parameter": name}, f"{path}?{others}" if others else path, tuple(keys)
    parts = path.split("/")
    for place, part in reversed(list(enumerate(parts))):
        if part and (part in carried or is_code(part)):
            found = "/".join([*parts[:place], "{key}", *parts[place + 1 :]])
            return {"style": "each"}, f"{found}?{urlencode(query)}" if query else found, (part,)
    raise NotSeen("No part of the address is a key that its records carry. Ask with a key: `…?ids=A,B` or `…/A`.")


def by_document(document: Mapping[str, Any], written: str) -> Seen:
    """Return what an OpenAPI document tells of a service: look-ups by key, and the columns of their records."""
    found = [place for path, item in document.get("paths", {}).items() for place in _operations(document, path, item)]
    if not found:
        raise NotSeen("The OpenAPI document has no look-up by key that answers objects. Give a --sample instead.")
    return Seen("rest", {"url": written}, tuple(found))


def _operations(document: Mapping[str, Any], path: str, item: Mapping[str, Any]) -> Iterator[Place]:
    operation = item.get("get")
    schema = _answer(document, operation) if operation else None
    if operation is None or schema is None:
        return
    rows, record = _record(document, schema)
    batch, where = _keys(document, path, [*item.get("parameters", ()), *operation.get("parameters", ())])
    if record is None or batch is None:
        return
    columns = tuple(_columns(document, record, ""))
    options = {"path": where, "batch": batch, **({"rows": rows} if rows else {})}
    yield Place(path.strip("/"), options, columns)


def _keys(
    document: Mapping[str, Any], path: str, parameters: list[Mapping[str, Any]]
) -> tuple[dict[str, Any] | None, str]:
    resolved = [_resolved(document, one) for one in parameters]
    for parameter in resolved:
        schema = _resolved(document, parameter.get("schema", {}))
        if parameter.get("in") == "query" and schema.get("type") == "array":
            style = "repeat" if parameter.get("explode", True) else "comma"
            most = {"max_keys": schema["maxItems"]} if "maxItems" in schema else {}
            return {"style": style, "parameter": parameter["name"], **most}, path
        if parameter.get("in") == "path":
            return {"style": "each"}, path.replace("{" + parameter["name"] + "}", "{key}")
    for parameter in resolved:
        if parameter.get("in") == "query" and snake(parameter["name"]) in KEY_NAMES:
            return {"style": "each"}, f"{path}?{quote(parameter['name'])}={{key}}"
    return None, path


def _answer(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for status in ("200", "default"):
        answer = _resolved(document, operation.get("responses", {}).get(status, {}))
        content = answer.get("content", {}).get("application/json")
        if content:
            return _resolved(document, content.get("schema", {}))
    return None


def _record(document: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[str, Mapping[str, Any] | None]:
    """Return where an answer's records lie and what one is; an object without lists of objects is a record itself."""
    if schema.get("type") == "array":
        return "", _resolved(document, schema.get("items", {}))
    whole: Mapping[str, Any] = schema.get("properties", {})
    wrapped = ((name, _resolved(document, whole[name])) for name in _ENVELOPES if name in whole)
    one = next(((name, inner) for name, inner in wrapped if inner.get("properties")), ("", schema if whole else None))
    return next(_listed(document, schema, ""), one)


def _listed(
    document: Mapping[str, Any], schema: Mapping[str, Any], above: str
) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    for name, inner in schema.get("properties", {}).items():
        one = _resolved(document, inner)
        items = _resolved(document, one.get("items", {})) if one.get("type") == "array" else {}
        if items.get("properties"):
            yield above + name, items
        elif above.count(".") < 3:
            yield from _listed(document, one, f"{above}{name}.")


def _columns(document: Mapping[str, Any], schema: Mapping[str, Any], above: str) -> Iterator[Column]:
    for name, inner in schema.get("properties", {}).items():
        one = _resolved(document, inner)
        if one.get("properties") and above.count(".") < 2:
            yield from _columns(document, one, f"{above}{name}.")
            continue
        kind = {"date": "date", "date-time": "moment"}.get(one.get("format", "")) or _KINDS.get(str(one.get("type")))
        values = tuple(one[key] for key in ("example",) if key in one)
        yield Column(above + name, values, kind or ("text" if one.get("type") == "string" else None),
                     str(one.get("description", "")))  # fmt: skip


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference within the document."""
    for _ in range(10):
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return schema
        found: Any = document
        for part in reference[2:].split("/"):
            found = found.get(part, {})
        schema = found
    return schema
