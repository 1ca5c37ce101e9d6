"""Documents that would take too much: refused or answered, with work that grows as their length does."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from graphql import (
    GraphQLSyntaxError,
    Lexer,
    OverlappingFieldsCanBeMergedRule,
    Source,
    TokenKind,
    build_schema,
    get_introspection_query,
    parse,
    validate,
)
from hypothesis import given
from hypothesis import strategies as st

from resolvers.execution import limits, merging
from resolvers.execution.limits import Budget, Written

SCHEMA = build_schema(
    "interface Node { id: ID! peer: Node } union Any = A | B "
    "type A implements Node { id: ID! peer: Node x(n: Int): Int y: String a: A any: Any } "
    "type B implements Node { id: ID! peer: Node x(n: Int): Int y: Int! b: B list: [B] } "
    "type Query { a: A b: B node: Node any: Any }"
)

PIECES = (
    "a", "_b1", "$c", "@d", "1", "-2", "0.5", "1e5", "-1.5E-3", "...", "{", "}", "(", ")", "[", "]", ":", "=", "|", "&",
    "!", '"one # two"', '"\\" \\\\"', '""', '"""""', '""" " "" \\""" """', '"', '# comment " {\n', "#\r", ",", "\n",
    "\ufeff", "é",
)  # fmt: skip
"""Of what documents and what is almost one are made."""


def chained(count: int, below: str) -> str:
    """Fragments that each spread the next one twice."""
    last = f"fragment F{count} on A {{ id }}"
    return " ".join(f"fragment F{n} on A {{ {below.format(n + 1)} }}" for n in range(count)) + last


FAMILIES: dict[str, Callable[[int], str]] = {
    "same field": lambda n: "{ a { " + "id " * n + "} }",
    "same objects": lambda n: "{ " + "a { id } " * n + "}",
    "inline fragments": lambda n: "{ node { " + "... on A { id } ... on B { id } " * n + "} }",
    "aliases": lambda n: "{ a { " + " ".join(f"a{i}: id" for i in range(n)) + " } }",
    "spread": lambda n: "{ a { ...F0 } } " + chained(n, "id ...F{0} ... on A {{ y }}"),
    "spread twice": lambda n: "{ a { ...F0 } } " + chained(7, "id ...F{0} ...F{0}") + " fragment G on A { id }" * n,
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
    for size in (40, 160):
        document = parse(FAMILIES[family](size))
        budgets.clear()
        assert limits.refusal(document) is None
        assert merging.conflicts(SCHEMA, document, 10) == []
        used.append(sum(budget.used for budget in budgets))
    assert used[1] < 5 * used[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{ a { ...F0 } } " + chained(11, "p: a {{ ...F{0} }} q: a {{ ...F{0} }}"), "more than 2,000 fields"),
        ("{ a { ...F0 } } " + chained(50, "a {{ ...F{0} }}"), "deeper than 16"),
        ("{ a { ...F0 } } " + chained(25, "id ...F{0} ...F{0}"), "expands to far more fields"),
        ("{ a { ...F0 } } " + chained(150, "id ...F{0} ...F{0}"), "expands to far more fields"),
        ("{ " + "a { " * 19 + "id" + " }" * 19 + " }", "deeper than 16"),
        (" ".join(f"query Q{n} {{ a {{ id }} }}" for n in range(51)), "51 operations"),
        ("{ a { id } } " + " ".join(f"fragment F{n} on A {{ id }}" for n in range(201)), "201 fragments"),
        ("{ " + "__typename " * 2_001 + " }", "2,001 selections"),
        ("{ a { " + " ".join(f"a{n}: id" for n in range(201)) + " } }", "201 aliases"),
        ("{ a { id " + "@include(if: true) " * 201 + " } }", "201 directives"),
        ("query($a: Int @x " + "@x " * 100 + ") { a { id " + "@y " * 100 + " } }", "201 directives"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(51)) + " }", "51 root fields"),
    ],
)
def test_what_is_too_much_is_refused_in_words(text: str, problem: str) -> None:
    refusal = limits.refusal(parse(text))
    assert refusal is not None
    assert problem in refusal.message


def parsed_tokens(text: str) -> int:
    """How many tokens the parser finds; raises GraphQLSyntaxError."""
    lexer, found = Lexer(Source(text)), 0
    while lexer.advance().kind is not TokenKind.EOF:
        found += 1
    return found


@pytest.mark.parametrize(
    "text",
    [
        "query Q($n: [Int!]! = [-1, 2] @d) { a(x: {y: $n}) @d { ...F ... on A { b } } }",
        '{ a(x: "one two # \\" three", y: 1.5e-3) } # { more }',
        '{ a(x: """one " "" \\""" { two } """) # """\n b }',
        '{ a(x: "", y: """""") \ufeff,,,\t\r\n b_1 }',
    ],
)
def test_tokens_are_counted_as_they_are_parsed(text: str) -> None:
    assert limits.tokens(text, 1000) == parsed_tokens(text)
    assert limits.tokens(text, 5) == 5


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_of_a_text_that_can_be_parsed_as_many_tokens_are_counted(pieces: list[str]) -> None:
    text = f"{{ a(x: [{' '.join(pieces)}]) }}"
    try:
        expected = parsed_tokens(text)
    except GraphQLSyntaxError:
        return
    assert limits.tokens(text, 1000) == expected


def test_a_text_is_too_long_by_its_characters_or_by_its_tokens() -> None:
    comment = "#" + " a" * limits.MOST_TOKENS + "\n"
    assert limits.too_long("{ " + "a " * (limits.MOST_TOKENS - 2) + "}") is None
    assert limits.too_long(comment + "{ " + "a " * (limits.MOST_TOKENS - 2) + "}") is None
    for text, problem in (
        ("{ " + "a " * limits.MOST_TOKENS + "}", "5,000 words"),
        ("#" * 100_001, "100,001 characters"),
    ):
        found = limits.too_long(text)
        assert found is not None
        assert problem in found.message


def test_ten_fragments_that_each_spread_the_next_twice_are_one_set_of_fields() -> None:
    assert limits.refusal(parse("{ a { ...F0 } } " + chained(10, "id ...F{0} ...F{0}"))) is None


def test_what_nothing_spreads_does_not_count() -> None:
    assert limits.refusal(parse("{ a { id } } " + chained(25, "id ...F{0} ...F{0}"))) is None


def test_the_usual_question_for_the_whole_schema_is_not_too_much() -> None:
    assert limits.refusal(parse(get_introspection_query(input_value_deprecation=True))) is None


def test_what_is_written_is_counted_wherever_it_stands() -> None:
    text = "query($l: [Int] = [1, 2, 3]) { a: b(x: { y: [1] }) @d(l: [[1], [1, 2, 3, 4]]) { ... @d { c } ...F } }"
    written = Written.of(parse(text))
    assert written == Written(selections=4, aliases=1, directives=2, longest_list=4)


def test_fragments_that_spread_themselves_are_left_to_validation() -> None:
    for spread in ("a { ...F }", "...G } fragment G on A { ...F", "...F ...F ...Unknown"):
        assert limits.refusal(parse(f"{{ a {{ ...F }} }} fragment F on A {{ {spread} }}")) is None


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
