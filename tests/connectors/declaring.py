"""Declarations and questions as the hub puts them to a connector."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import CollectionDeclaration, Fetch, Key, SourceDeclaration


def declared(
    options: Mapping[str, Any],
    collection: Mapping[str, Any],
    key: tuple[str, ...] = ("code",),
    *,
    many: bool = True,
    folder: str = ".",
    timeout: float = 2.0,
) -> SourceDeclaration:
    """A source with one collection, `things`."""
    things = CollectionDeclaration("things", key, many, collection, "sources.toml: sources.s.collections.things")
    return SourceDeclaration("s", options, {"things": things}, timeout, "sources.toml: sources.s", folder, str)


def fetch(keys: Sequence[Key], *columns: str, seconds: float = 2.0, key: tuple[str, ...] = ("code",)) -> Fetch:
    """A question for columns besides the key."""
    return Fetch("things", keys, (*key, *columns), time.monotonic() + seconds)
