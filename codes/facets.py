"""What an operator adds to the graph in `sources.toml`, in words that schema and connectors both understand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codes.access import DataGroup, Mask
from codes.kinds import Listed

KINDS = ("text", "texts", "integer", "amount", "number", "date", "moment", "flag")
"""The kinds of a declared field's values, besides closed lists. An amount is CNY yuan."""
ROOT = "Query"


class Misdeclared(Exception):
    """A declaration contradicts the graph: where, what, and what to do."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        self.where = where
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{where}: {problem}. {remedy}")


@dataclass(frozen=True)
class FacetField:
    """A field of a declared collection, as the graph shows it."""

    name: str
    kind: str | type[Listed]
    """One of KINDS, or a closed list."""
    description: str
    group: DataGroup | None
    """None: what its type says."""
    level: int | None
    mask: Mask | None
    leads_to: str | None
    """The type of the graph whose key it holds; shown is the object of that key."""
    where: str


@dataclass(frozen=True)
class Facet:
    """A collection that an operator has declared, its type, and the field of the graph that leads to it."""

    collection: str
    type_name: str
    parent: str
    """The type that gets the field; ROOT: a collection with an entry of its own."""
    field: str
    """As the graph writes it."""
    single: str
    """Of a root collection: the root field that finds one record by its id."""
    by: str
    """The field of the parent's record that holds the key."""
    key: str
    many: bool
    record_key: str | None
    size: int
    """About how many records a key has, or the whole collection: what a list costs before it is read."""
    description: str
    group: DataGroup
    level: int | None
    fields: Mapping[str, FacetField]
    where: str

    @property
    def is_root(self) -> bool:
        """Whether it is a collection with an entry of its own."""
        return self.parent == ROOT
