"""Bounds on documents, checked before validation, in time that grows with the document's length and no faster.

A short text can ask for more fields than there are atoms: fragments that spread one another twice double what is asked
with each. What counts is what remains after fields of one response key have been merged, as the answer would have it,
within ten times as much before that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

MOST_CHARACTERS = 100_000
MOST_TOKENS = 5_000
MOST_OPERATIONS = 50
MOST_FRAGMENTS = 200
MOST_SELECTIONS = 2_000
"""Fields, spreads and inline fragments that are written in a document."""
MOST_ALIASES = 200
MOST_DIRECTIVES = 200
MOST_ROOT_FIELDS = 50
MOST_DEPTH = 16
"""The usual question for the whole schema has fifteen."""
MOST_FIELDS = 2_000
MOST_EXPANDED = 20_000
"""Selections with every fragment in its place, before fields are merged."""
STEPS_PER_SELECTION = 20
"""How often one selection of the document may be looked at, on average, while fields are merged."""
_FREE_STEPS = 5_000
_TOKEN = re.compile(
    r"""("{3}(?:\\"{3}|[^"\\]|\\(?!"{3})|"{1,2}(?!"))*+(?:"{3})?|"(?:[^"\\\n\r]|\\.)*+"?|[_A-Za-z][_0-9A-Za-z]*"""
    r"""|-?[0-9][0-9.eE+-]*|\.{3}|[!$&():=@\[\]{|}])|\#[^\n\r]*"""
)
"""A token, or a comment, which is none; in a document that can be parsed it never finds more than there are.

A text that has no end is one too, or it would be looked through anew from each quote in it.
"""
_EXPANDS = "expands to far more fields than it has words; spread fewer fragments within one another"


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
            raise TooMuch(_EXPANDS)


def too_long(text: str) -> GraphQLError | None:
    """Return why a text is too long to be read at all; None if it is not."""
    if len(text) > MOST_CHARACTERS:
        found = f"has {len(text):,} characters, where {MOST_CHARACTERS:,} are the most"
    elif len(text) > MOST_TOKENS and tokens(text, MOST_TOKENS + 1) > MOST_TOKENS:
        found = f"has more than {MOST_TOKENS:,} words and signs (tokens)"
    else:
        return None
    return GraphQLError(f"The document {found}; give values as variables, or ask in several requests.")


def tokens(text: str, most: int) -> int:
    """Count the tokens of a text, as far as `most`, in some twentieth of the time that it takes to parse them.

    Of a text that cannot be parsed it may be more or less.
    """
    found = filter(None, map(attrgetter("lastindex"), _TOKEN.finditer(text)))
    return sum(islice(found, most))


def refusal(document: DocumentNode) -> GraphQLError | None:
    """Return why a document is too large, too deep or asks for too many fields; None if it is not."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {n.name.value: n for n in document.definitions if isinstance(n, FragmentDefinitionNode)}
    try:
        _check_number("operations", len(operations), MOST_OPERATIONS)
        _check_number("fragments", len(fragments), MOST_FRAGMENTS)
        written = Written.of(document)
        _check_number("selections", written.selections, MOST_SELECTIONS)
        _check_number("aliases", written.aliases, MOST_ALIASES)
        _check_number("directives", written.directives, MOST_DIRECTIVES)
        if not _check_expansion(operations, fragments):
            return None
        budget = Budget(written.selections)
        for operation in operations:
            expansion = _Expansion(fragments, budget)
            _check_number("root fields", len(expansion.below((operation.selection_set,))), MOST_ROOT_FIELDS)
            expansion.fields((operation.selection_set,), 1)
    except TooMuch as problem:
        return GraphQLError(f"The document {problem}; ask in several requests.")
    return None


@dataclass
class Written:
    """What is written in a document, before anything is put in its place."""

    selections: int = 0
    """Fields, spreads and inline fragments."""
    aliases: int = 0
    directives: int = 0
    longest_list: int = 0
    """Members of the longest list among the literals."""

    @classmethod
    def of(cls, document: DocumentNode) -> Written:
        """Count what is written, looking at each node once."""
        found = cls()
        left: list[Any] = list(document.definitions)
        while left:
            node = left.pop()
            if isinstance(node, FieldNode | FragmentSpreadNode | InlineFragmentNode):
                found.selections += 1
                found.aliases += isinstance(node, FieldNode) and node.alias is not None
            elif isinstance(node, ListValueNode):
                found.longest_list = max(found.longest_list, len(node.values))
            for name in _BELOW:
                if below := getattr(node, name, None):
                    left += below
                    found.directives += len(below) if name == "directives" else 0
            for name in ("selection_set", "value", "default_value"):
                if (inner := getattr(node, name, None)) is not None and not isinstance(inner, str | bool):
                    left.append(inner)
        return found


_BELOW = ("selections", "directives", "variable_definitions", "arguments", "values", "fields")


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
            below = self.below(sets)
            found = sum(1 + (self.fields(tuple(inner), depth + 1) if inner else 0) for inner in below.values())
            if found > MOST_FIELDS:
                raise TooMuch(f"asks for more than {MOST_FIELDS:,} fields")
            self._known[identity] = found
        return found

    def below(self, sets: Iterable[SelectionSetNode]) -> dict[str, list[SelectionSetNode]]:
        """Return what is asked of one place: by response key, the selection sets of its fields."""
        found: dict[str, list[SelectionSetNode]] = {}
        for node in self._merged(sets, set()):
            own = found.setdefault((node.alias or node.name).value, [])
            if node.selection_set:
                own.append(node.selection_set)
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


class _Contents:
    """What is written in a fragment or an operation, the fragments that it spreads not put in place."""

    def __init__(self, selection_set: SelectionSetNode) -> None:
        self.selections = 0
        self.spreads: list[str] = []
        left = [selection_set]
        while left:
            for node in left.pop().selections:
                self.selections += 1
                if isinstance(node, FragmentSpreadNode):
                    self.spreads.append(node.name.value)
                elif below := getattr(node, "selection_set", None):
                    left.append(below)


def _check_expansion(
    operations: Sequence[OperationDefinitionNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> bool:
    """Return whether the fragments can be put in place; not if one spreads itself: validation then says which.

    Raises TooMuch if there would be far more selections then, merged or not.
    """
    contents = {name: _Contents(node.selection_set) for name, node in fragments.items()}
    order = _users_first(contents)
    if len(order) < len(contents):
        return False
    sizes: dict[str, int] = {}
    for name in reversed(order):
        sizes[name] = _expanded(contents[name], sizes)
    for operation in operations:
        if _expanded(_Contents(operation.selection_set), sizes) > MOST_EXPANDED:
            raise TooMuch(_EXPANDS)
    return True


def _expanded(contents: _Contents, sizes: Mapping[str, int]) -> int:
    return contents.selections + sum(sizes.get(name, 0) for name in contents.spreads)


def _users_first(contents: Mapping[str, _Contents]) -> list[str]:
    """Return the fragments, each before those that it spreads; without those that spread themselves."""
    users = dict.fromkeys(contents, 0)
    for found in contents.values():
        for name in found.spreads:
            if name in users:
                users[name] += 1
    free = [name for name, count in users.items() if count == 0]
    order: list[str] = []
    while free:
        order.append(free.pop())
        for name in contents[order[-1]].spreads:
            if name in users:
                users[name] -= 1
                if users[name] == 0:
                    free.append(name)
    return order
