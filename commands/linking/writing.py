"""An entry written into `sources.toml`: what stands there stays as it is, comments and all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from commands.linking.seen import NotSeen


def added(text: str, source: str, entry: Mapping[str, Any], collection: str, fed: Mapping[str, Any],
          declaration: Mapping[str, Any] | None, precedence: Sequence[str] | None) -> str:  # fmt: skip
    """Return the text of a file with a source's collection, and what is declared for it.

    A source that is there already gets the collection beside its others. Raise NotSeen if it feeds that already.
    """
    document = tomlkit.parse(text)
    sources = _table(document, "sources")
    if source not in sources:
        sources.append(source, _item(entry))
    at: Any = sources[source]
    collections = at.setdefault("collections", tomlkit.table(is_super_table=True))
    if collection in collections:
        raise NotSeen(f"{source} feeds {collection} already. Change its entry, or give the source another name.")
    collections.append(collection, _item(fed))
    if declaration is not None:
        _table(document, "declared").append(collection, _item(declaration))
    if precedence is not None:
        entry_of: Any = _table(document, "collections").setdefault(collection, tomlkit.table())
        entry_of["precedence"] = list(precedence)
    return tomlkit.dumps(document)


def _table(document: Any, name: str) -> Any:
    if name not in document:
        document.append(name, tomlkit.table(is_super_table=True))
    return document[name]


def _item(entry: Mapping[str, Any]) -> Table:
    """Return a table whose tables within stand in a line each, except for the fields of a collection."""
    made = tomlkit.table()
    nested = {name: value for name, value in entry.items() if name == "fields" and isinstance(value, Mapping)}
    for name, value in entry.items():
        if name not in nested:
            made.append(name, _inline(value))
    for name, value in nested.items():
        fields = tomlkit.table()
        for field, told in value.items():
            fields.append(field, _inline(told))
        made.append(name, fields)
    return made


def _inline(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return tomlkit.item(value)
    made = tomlkit.inline_table()
    for name, inner in value.items():
        made.append(name, _inline(inner))
    return made


def replace(path: Path, text: str) -> None:
    """Put a text in a file's place, whole or not at all."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)
