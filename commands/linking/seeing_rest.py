"""A REST service looked at: by the address of one answer, or by its OpenAPI document."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from commands.linking.seen import SAMPLE, Column, NotSeen, Place, Seen, columns_of, is_code
from connectors.errors import SourceFailure
from connectors.http import HttpSource

_SECONDS = 10.0
_KINDS = {"integer": "integer", "number": "number", "boolean": "flag", "array": "texts"}


async def by_sample(http: HttpSource, written: str, base: str, address: str) -> Seen:
    """Return what a service gives at an address with known keys: `…/loans?ids=A,B`, `…/loans/A`."""
    path = address.removeprefix(base) if address.startswith(base) else address
    split = urlsplit(path)
    try:
        reply = await http.ask("GET", split.path, time.monotonic() + _SECONDS, params=parse_qsl(split.query))
    except SourceFailure as failure:
        raise NotSeen(f"{path}: {failure.message}. Check address, credentials and keys.") from failure
    rows, records = _records(reply.value)
    columns = columns_of(records[:SAMPLE])
    batch, where, keys = _batch(split.path, parse_qsl(split.query), columns)
    options: dict[str, Any] = {"path": where, "batch": batch, **({"rows": rows} if rows else {})}
    named = tuple(one.name for one in columns if set(map(str, one.values)) <= set(keys))
    return Seen("rest", {"url": written}, (Place(split.path.strip("/"), options, columns, named, keys),))


def _records(value: Any) -> tuple[str, list[dict[str, Any]]]:
    """Return where in an answer its records lie, and them: the longest list of objects, or the one object."""
    lists = dict(_lists(value, ()))
    if lists:
        where = max(lists, key=lambda path: (len(lists[path]), -len(path)))
        return ".".join(where), lists[where]
    if isinstance(value, dict) and value:
        return "", [value]
    raise NotSeen("The answer holds no objects. Give the address of one that does, with keys that have records.")


def _lists(value: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[dict[str, Any]]]]:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        yield above, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _lists(inner, (*above, name))


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
            return {"style": style, "parameter": name}, path, tuple(keys)
    parts = path.split("/")
    for place, part in reversed(list(enumerate(parts))):
        if part and (part in carried or is_code(part)):
            return {"style": "each"}, "/".join([*parts[:place], "{key}", *parts[place + 1 :]]), (part,)
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
    for parameter in (_resolved(document, one) for one in parameters):
        schema = _resolved(document, parameter.get("schema", {}))
        if parameter.get("in") == "query" and schema.get("type") == "array":
            style = "repeat" if parameter.get("explode", True) else "comma"
            most = {"max_keys": schema["maxItems"]} if "maxItems" in schema else {}
            return {"style": style, "parameter": parameter["name"], **most}, path
        if parameter.get("in") == "path":
            return {"style": "each"}, path.replace("{" + parameter["name"] + "}", "{key}")
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
    return next(_listed(document, schema, ""), ("", schema if schema.get("properties") else None))


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
