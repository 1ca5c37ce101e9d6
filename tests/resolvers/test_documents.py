"""Documents that would take too much: refused or answered, with work that grows as their length does."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from graphql import OverlappingFieldsCanBeMergedRule, build_schema, parse, validate

from resolvers.execution import limits, merging
from resolvers.execution.limits import Budget

SCHEMA = build_schema(
    "interface Node { id: ID! peer: Node } union Any = A | B "
    "type A implements Node { id: ID! peer: Node x(n: Int): Int y: String a: A any: Any } "
    "type B implements Node { id: ID! peer: Node x(n: Int): Int y: Int! b: B list: [B] } "
    "type Query { a: A b: B node: Node any: Any }"
)


def chained(count: int, below: str) -> str:
    """Fragments that each spread the next one twice."""
    last = f"fragment F{count} on A {{ id }}"
    return " ".join(f"fragment F{n} on A {{ {below.format(n + 1)} }}" for n in range(count)) + last


FAMILIES: dict[str, Callable[[int], str]] = {
    "same field": lambda n: "{ a { " + "id " * n + "} }",
    "same objects": lambda n: "{ " + "a { id } " * n + "}",
    "inline fragments": lambda n: "{ node { " + "... on A { id } ... on B { id } " * n + "} }",
    "aliases": lambda n: "{ a { " + " ".join(f"a{i}: id" for i in range(n)) + " } }",
    "spread twice": lambda n: "{ a { ...F0 } } " + chained(n, "id ...F{0} ...F{0}"),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_work_grows_as_the_document_does(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    budgets: list[Budget] = []

    class Noted(Budget):
        def __init__(self, selections: int) -> None:
            super().__init__(selections)
            budgets.append(self)

    monkeypatch.setattr(limits, "Budget", Noted)
    monkeypatch.setattr(merging, "Budget", Noted)
    used: list[int] = []
    for size in (100, 400):
        document = parse(FAMILIES[family](size))
        budgets.clear()
        assert limits.refusal(document) is None
        assert merging.conflicts(SCHEMA, document, 10) == []
        used.append(sum(budget.used for budget in budgets))
    assert used[1] < 5 * used[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{ a { ...F0 } } " + chained(25, "p: a {{ ...F{0} }} q: a {{ ...F{0} }}"), "more than 10,000 fields"),
        ("{ " + "a { " * 45 + "id" + " }" * 45 + " }", "deeper than 40"),
        (" ".join(f"query Q{n} {{ a {{ id }} }}" for n in range(101)), "101 operations"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(10_001)) + " }", "more than 10,000 fields"),
    ],
)
def test_what_is_too_much_is_refused_in_words(text: str, problem: str) -> None:
    refusal = limits.refusal(parse(text))
    assert refusal is not None
    assert problem in refusal.message


def test_twenty_five_fragments_that_each_spread_the_next_twice_are_one_set_of_fields() -> None:
    assert limits.refusal(parse("{ a { ...F0 } } " + chained(25, "id ...F{0} ...F{0}"))) is None


def test_fragments_that_spread_themselves_are_left_to_validation() -> None:
    assert limits.refusal(parse("{ a { ...F } } fragment F on A { a { ...F } }")) is None


def random_document(seed: int) -> str:
    """A small document in which fields often have the same key."""
    chance = random.Random(seed)
    fields = {
        "A": ("id", "x", "x(n: 1)", "k: x(n: 2)", "y", "k: y", "a", "any", "peer", "k: id"),
        "B": ("id", "x", "k: x(n: 1)", "y", "k: y", "b", "list", "peer", "k: id"),
        "Node": ("id", "peer", "k: id", "k: peer"),
        "Any": ("__typename",),
        "Query": ("a", "b", "node", "any", "k: a", "k: b", "k: node"),
    }
    types = {"a": "A", "b": "B", "node": "Node", "any": "Any", "peer": "Node", "list": "B"}

    def selection(type_: str, depth: int) -> str:
        parts: list[str] = []
        for _ in range(chance.randint(1, 3)):
            if type_ in ("Node", "Any") and chance.random() < 0.5:
                on = chance.choice(("A", "B"))
                parts.append(f"... on {on} {selection(on, depth)}")
                continue
            field = chance.choice(fields[type_])
            inner = types.get(field.split(": ")[-1])
            if inner and not depth:
                field, inner = "__typename", None
            parts.append(f"{field} {selection(inner, depth - 1)}" if inner else field)
        return "{ " + " ".join(parts) + " }"

    return selection("Query", 3)


@pytest.mark.parametrize("chunk", range(8))
def test_merging_is_judged_as_by_the_reference(chunk: int) -> None:
    refused = 0
    for seed in range(chunk * 150, chunk * 150 + 150):
        text = random_document(seed)
        document = parse(text)
        expected = bool(validate(SCHEMA, document, [OverlappingFieldsCanBeMergedRule]))
        assert bool(merging.conflicts(SCHEMA, document, 10)) is expected, text
        refused += expected
    assert 10 < refused < 140
