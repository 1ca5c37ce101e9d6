"""What the configuration says of sharing, collection by collection: what access rules are applied together with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from codes.kinds import Sharing
from connectors.config import SourcesConfig


@dataclass(frozen=True)
class Shared:
    """How the collections of a configuration are shared, by the strictest of their sources."""

    never: frozenset[str] = frozenset()
    """Collections with a source that is never shared."""
    conditional: frozenset[str] = frozenset()
    """Collections with a source that is shared under conditions."""
    flagged: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By collection, the fields that a record may publish or not (`public_if`)."""


def shared(config: SourcesConfig) -> Shared:
    """Return how the collections of a configuration are shared."""
    flagged: dict[str, set[str]] = {}
    of_class: dict[Sharing, set[str]] = {sharing: set() for sharing in Sharing}
    for source in config.sources.values():
        of_class[source.sharing].update(source.collections)
        for name, entry in source.collections.items():
            flagged.setdefault(name, set()).update(f for f, mapping in entry.fields.items() if mapping.public_if)
    return Shared(
        frozenset(of_class[Sharing.NEVER]),
        frozenset(of_class[Sharing.CONDITIONAL]),
        {name: frozenset(fields) for name, fields in flagged.items() if fields},
    )
