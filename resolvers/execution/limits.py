"""Bounds on documents, checked before validation, in time that grows with the document's length and no faster.

A short text can ask for more fields than there are atoms: fragments that spread one another twice double what is asked
with each. What counts is what remains after fields of one response key have been merged, as the answer would have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

MOST_OPERATIONS = 100
MOST_FRAGMENTS = 1000
MOST_DEPTH = 40
MOST_FIELDS = 10_000
STEPS_PER_SELECTION = 20
"""How often one selection of the document may be looked at, on average, while fields are merged."""
_FREE_STEPS = 5_000


class TooMuch(Exception):
    """The document asks for more than the hub takes in one request."""


class Budget:
    """Steps that may be taken for one document."""

    def __init__(self, selections: int) -> None:
        """Allow so many for each selection."""
        self.left = _FREE_STEPS + STEPS_PER_SELECTION * selections
        self.used = 0

    def step(self) -> None:
        """Take a step; raise TooMuch when none is left."""
        self.used += 1
        if self.used > self.left:
            raise TooMuch("expands to far more fields than it has words; spread fewer fragments within one another")


def refusal(document: DocumentNode) -> GraphQLError | None:
    """Return why a document is too large, too deep or asks for too many fields; None if it is not."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {n.name.value: n for n in document.definitions if isinstance(n, FragmentDefinitionNode)}
    try:
        _check_number("operations", len(operations), MOST_OPERATIONS)
        _check_number("fragments", len(fragments), MOST_FRAGMENTS)
        if _is_cyclic(fragments):
            return None
        budget = Budget(selections(document))
        for operation in operations:
            _Expansion(fragments, budget).fields((operation.selection_set,), 1)
    except TooMuch as problem:
        return GraphQLError(f"The document {problem}; ask in several requests.")
    return None


def selections(document: DocumentNode) -> int:
    """Return how many fields, spreads and inline fragments are written in a document."""
    count = 0
    left: list[SelectionSetNode] = [s for n in document.definitions if (s := getattr(n, "selection_set", None))]
    while left:
        for node in left.pop().selections:
            count += 1
            below: SelectionSetNode | None = getattr(node, "selection_set", None)
            if below:
                left.append(below)
    return count


class _Expansion:
    """What an operation asks, once its fragments have been put in place and its fields merged."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode], budget: Budget) -> None:
        self._fragments = fragments
        self._budget = budget
        self._known: dict[tuple[int, ...], int] = {}

    def fields(self, sets: tuple[SelectionSetNode, ...], depth: int) -> int:
        """Return how many fields the answer has below a place."""
        if depth > MOST_DEPTH:
            raise TooMuch(f"is nested deeper than {MOST_DEPTH} fields")
        identity = tuple(dict.fromkeys(map(id, sets)))
        found = self._known.get(identity)
        if found is None:
            below: dict[str, list[SelectionSetNode]] = {}
            for node in self._merged(sets, set()):
                own = below.setdefault((node.alias or node.name).value, [])
                if node.selection_set:
                    own.append(node.selection_set)
            found = sum(1 + (self.fields(tuple(inner), depth + 1) if inner else 0) for inner in below.values())
            if found > MOST_FIELDS:
                raise TooMuch(f"asks for more than {MOST_FIELDS:,} fields")
            self._known[identity] = found
        return found

    def _merged(self, sets: Iterable[SelectionSetNode], spread: set[str]) -> Iterator[FieldNode]:
        for selection_set in sets:
            for node in selection_set.selections:
                self._budget.step()
                if isinstance(node, FieldNode):
                    yield node
                elif isinstance(node, InlineFragmentNode):
                    yield from self._merged((node.selection_set,), spread)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                    spread.add(node.name.value)
                    if fragment := self._fragments.get(node.name.value):
                        yield from self._merged((fragment.selection_set,), spread)


def _check_number(what: str, found: int, most: int) -> None:
    if found > most:
        raise TooMuch(f"has {found:,} {what}, where {most:,} are the most")


def _is_cyclic(fragments: dict[str, FragmentDefinitionNode]) -> bool:
    """Whether a fragment spreads itself, however indirectly; validation then says which."""
    spreads = {name: _spreads(node.selection_set) & fragments.keys() for name, node in fragments.items()}
    users = dict.fromkeys(fragments, 0)
    for names in spreads.values():
        for name in names:
            users[name] += 1
    free = [name for name, count in users.items() if count == 0]
    seen = 0
    while free:
        seen += 1
        for name in spreads[free.pop()]:
            users[name] -= 1
            if users[name] == 0:
                free.append(name)
    return seen < len(fragments)


def _spreads(selection_set: SelectionSetNode) -> set[str]:
    found: set[str] = set()
    left = [selection_set]
    while left:
        for node in left.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                found.add(node.name.value)
            elif below := getattr(node, "selection_set", None):
                left.append(below)
    return found
