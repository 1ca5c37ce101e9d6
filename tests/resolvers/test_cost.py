"""What questions cost, and that it is known before any source is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Annotated, Any

import pytest
import strawberry
from graphql import FieldNode, FragmentDefinitionNode, NameNode, OperationDefinitionNode, parse, validate

from auth.principal import Principal
from resolvers.execution import cost, limits
from resolvers.execution.cost import Price
from resolvers.execution.engine import Engine
from resolvers.execution.selection import FieldSelection, OperationScope
from resolvers.graph import GRAPH
from schema.cost import Mispriced, costing, listed, rates, sliced, unsized
from schema.declaring import answered, declared
from schema.graph import build_schema
from tests.world import CHUJINGLING, Asker

ONE = f'enterprise(uscc: "{CHUJINGLING}")'


def limited(ask: Asker, limit: int, *, compiled: bool = True) -> Asker:
    """The same hub with another limit."""
    return replace(ask, engine=Engine(build_schema(), GRAPH, ask.hub, cost_limit=limit, compiled=compiled))


@pytest.mark.parametrize(
    ("query", "variables", "units"),
    [
        ("{ __typename }", {}, 0.02),
        (f"{{ {ONE} {{ uscc name }} }}", {}, 1.04),
        (f"{{ {ONE} {{ name district {{ name }} source {{ id title }} }} }}", {}, 1.08),
        (f"{{ a: {ONE} {{ name }} b: {ONE} {{ name }} }}", {}, 2.04),
        (f"{{ {ONE} {{ filings {{ year }} }} }}", {}, 1 + 3 * 1.02),
        (f"{{ {ONE} {{ filings(years: 5) {{ year }} }} }}", {}, 1 + 5 * 1.02),
        (f"query($y: Int! = 4) {{ {ONE} {{ filings(years: $y) {{ year }} }} }}", {}, 1 + 4 * 1.02),
        (f"query($y: Int!) {{ {ONE} {{ filings(years: $y) {{ year }} }} }}", {"y": 20}, 1 + 20 * 1.02),
        (f"{{ {ONE} {{ awards {{ name }} }} }}", {}, 1 + 2 * 1.02),
        (f"{{ {ONE} {{ score {{ total }} }} }}", {}, 2.02),
        (f"{{ {ONE} {{ score(live: false) {{ total }} }} }}", {}, 2.02),
        (f"{{ {ONE} {{ score(live: true) {{ total }} }} }}", {}, 32.02),
        (f"query($l: Boolean!) {{ {ONE} {{ score(live: $l) {{ total }} }} }}", {"l": True}, 32.02),
        (f"query($l: Boolean!) {{ {ONE} {{ score(live: $l) {{ total }} }} }}", {"l": False}, 2.02),
        (f"query($l: Boolean! = true) {{ {ONE} {{ score(live: $l) {{ total }} }} }}", {}, 32.02),
        (f"query($l: Boolean) {{ {ONE} {{ score(live: $l) {{ total }} }} }}", {}, 2.02),
        (
            "query($c: [USCC!]!) { enterprisesByUscc(usccs: $c) { score(live: true) { indicators { unit points } } } }",
            {"c": [CHUJINGLING] * 1000},
            1000 * (1 + 1 + 30 + 20 * 0.04),
        ),
        ("{ enterprises { nodes { uscc } } }", {}, 10 + 20 * 1.02),
        ("{ enterprises(first: 3) { nodes { uscc } } }", {}, 10 + 3 * 1.02),
        ("{ enterprises(last: 3) { edges { cursor node { uscc } } } }", {}, 10 + 3 * 1.04),
        ("{ enterprises(first: 0) { totalCount nodes { uscc } } }", {}, 20),
        ("{ enterprises(first: 2) { nodes { uscc } edges { node { uscc } } pageInfo { endCursor } } }", {}, 14.1),
        ("query($n: Int) { enterprises(first: $n) { nodes { uscc } } }", {}, 10 + 20 * 1.02),
        ("query($n: Int) { enterprises(first: $n) { nodes { uscc } } }", {"n": None}, 10 + 20 * 1.02),
        ("query($n: Int) { enterprises(first: $n) { nodes { uscc } } }", {"n": 100}, 10 + 100 * 1.02),
        ("query($n: Int) { enterprises(first: $n) { nodes { filings { year } } } }", {"n": 100}, 10 + 100 * 4.06),
        (
            "query($n: Int, $y: Int!) { enterprises(first: $n) { nodes { filings(years: $y) { year } } } }",
            {"n": 7, "y": 5},
            10 + 7 * (1 + 5 * 1.02),
        ),
        ("query($l: [USCC!]!) { enterprisesByUscc(usccs: $l) { uscc } }", {"l": [CHUJINGLING] * 50}, 51),
        (f'{{ enterprisesByUscc(usccs: ["{CHUJINGLING}", "x", "y"]) {{ uscc }} }}', {}, 3.06),
        ('query($c: USCC!) { enterprisesByUscc(usccs: [$c, "x"]) { uscc } }', {"c": CHUJINGLING}, 2.04),
        (f'{{ enterprisesByUscc(usccs: "{CHUJINGLING}") {{ uscc }} }}', {}, 1.02),
        ('{ nodes(ids: ["Zone:x", "Zone:y"]) { id } }', {}, 2.04),
        ('{ node(id: "Zone:x") { id ... on Zone { figures { name } } ... on Enterprise { name } } }', {}, 11.22),
        ('{ node(id: "x") { ... on Enterprise { filings(years: 20) { year } } ... on Zone { name } } }', {}, 21.4),
        ("query($b: Boolean!) { zones { id figures @skip(if: $b) { name } } }", {"b": True}, 20 * 1.02),
        ("query($b: Boolean!) { zones { id figures @skip(if: $b) { name } } }", {"b": False}, 20 * (1.02 + 10.2)),
        ("{ __schema { queryType { name } } }", {}, 3),
        ("{ __schema { queryType { name } } zones { id } }", {}, 3 + 20 * 1.02),
        ("{ me { subject rights { group verdict } } }", {}, 0.02 + 15 * 0.04),
        ('mutation { revokeConsent(id: "x") { userErrors { message } } }', {}, 10 + 1.02),
    ],
)
async def test_what_is_asked_has_its_price(ask: Asker, query: str, variables: dict[str, Any], units: float) -> None:
    document = ask.engine.documents.alone(query).prepared(None)
    given = document.variables.coerced(variables)
    found = cost.Bill(given, ask.engine.documents.get(query)[1])
    assert found.cost(document.price(given).root) == pytest.approx(units)
    if not query.startswith("mutation"):
        assert (await ask(query, variables)).extensions["cost"] == max(1, -int(-units // 1))


async def test_the_same_question_costs_the_same_by_either_engine(ask: Asker) -> None:
    query = "query($n: Int) { enterprises(first: $n) { totalCount nodes { name awards { name } } } }"
    for count in (1, 5):
        expected = (await ask.by_reference()(query, {"n": count})).extensions
        found = (await ask(query, {"n": count})).extensions
        assert (expected["engine"], found["engine"]) == ("reference: switched off", "compiled")
        assert found["cost"] == expected["cost"]


async def test_texts_that_differ_in_literals_cost_what_their_own_say(ask: Asker) -> None:
    costs = [
        (await ask(f"{{ enterprises(first: {n}) {{ nodes {{ filings(years: {y}) {{ year }} }} }} }}")).extensions[
            "cost"
        ]
        for n, y in ((1, 1), (10, 1), (10, 20), (1, 1))
    ]
    assert costs == [13, 31, 224, 13]
    assert ask.engine.documents.sizes["shared"] == 1


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query($n: Int) { enterprises(first: $n) { nodes { name filings(years: 20) { year } } } }", {"n": 100}),
        ("{ enterprises(first: 100) { nodes { name filings(years: 20) { year } } } }", {}),
        ("{ __schema { queryType { name } } enterprises(first: 100) { nodes { filings(years: 20) { year } } } }", {}),
    ],
)
async def test_what_is_too_dear_is_refused_before_any_source_is_asked(
    ask: Asker, query: str, variables: dict[str, Any], compiled: bool
) -> None:
    subject = limited(ask, 2000, compiled=compiled)
    await subject("{ enterprises(first: 1) { nodes { name filings(years: 20) { year } } } }")
    reply = await subject(query, variables)
    assert reply.request_error
    assert reply.fetches == {}
    (error,) = reply.errors
    told = error["extensions"]
    assert told["code"] == "COST_LIMIT"
    assert told["limit"] == 2000
    assert told["cost"] > 2000
    assert told["dearest"][0] == {"path": "enterprises.nodes.filings", "cost": 2040}
    assert [place["path"] for place in told["dearest"]][1] == "enterprises.nodes"
    assert "enterprises.nodes.filings (2,040)" in error["message"]
    assert f"{told['cost']:,} units, where 2,000 are the most" in error["message"]


async def test_what_just_fits_is_answered(ask: Asker) -> None:
    query = "{ enterprises(first: 10) { nodes { uscc } } }"
    assert (await limited(ask, 21)(query)).data is not None
    assert (await limited(ask, 20)(query)).errors[0]["extensions"]["cost"] == 21


FACETS = """filings { year revenue } qualifications { kind } awards { name } intellectualProperty {
  inventionsGranted patents { title } }"""


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (
            "query($l: [USCC!]!) { enterprisesByUscc(usccs: $l) { name status registeredCapital foundedOn address "
            "intellectualProperty { inventionsGranted } } }",
            {"l": [CHUJINGLING] * 1000},
        ),
        (f"{{ enterprises(first: 100) {{ nodes {{ name {FACETS} }} }} }}", {}),
        (f"{{ enterprises(first: 1000) {{ totalCount nodes {{ name {FACETS} }} }} }}", {}),
    ],
)
async def test_questions_of_usual_size_are_answered(ask: Asker, query: str, variables: dict[str, Any]) -> None:
    reply = await ask(query, variables)
    assert not reply.errors
    assert reply.extensions["cost"] <= 100_000 / 3


MONITORED = """query($l: [USCC!]!) { enterprisesByUscc(usccs: $l) { name status flags { kind since until }
  filings { year revenue profit } workforce { headcount } qualifications { kind validTo }
  technologyContracts { turnover } intellectualProperty { inventionsGranted } investments { round announcedOn } } }"""


@pytest.mark.parametrize("reader", ["bank-icbc", "guarantee-dongke"])
async def test_banks_monitor_five_thousand_at_a_time(ask: Asker, readers: dict[str, Principal], reader: str) -> None:
    subject = ask.guarded()
    monitoring = {"hub-purpose": "MONITORING"}
    codes = [CHUJINGLING] * 5000
    reply = await subject(MONITORED, {"l": codes}, principal=readers[reader], headers=monitoring)
    assert len(reply.data["enterprisesByUscc"]) == 5000
    assert reply.extensions["cost"] < 100_000
    for variables, principal, headers in (
        ({"l": [*codes, CHUJINGLING]}, readers[reader], monitoring),
        ({"l": codes[:1001]}, readers[reader], {}),
        ({"l": codes[:1001]}, readers["portal"], monitoring),
    ):
        refused = await subject(MONITORED, variables, principal=principal, headers=headers)
        assert refused.request_error
        assert refused.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert "'$l' has a list of" in refused.errors[0]["message"]


@pytest.mark.parametrize(
    ("query", "variables", "what"),
    [
        ("query($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["Zone:x"] * 1001}, "'$i' has a list of 1,001"),
        (
            "query($f: EnterpriseFilter) { enterprises(filter: $f) { totalCount } }",
            {"f": {"zone": ["x"] * 1001}},
            "'$f' has a list of 1,001",
        ),
        (f"{{ nodes(ids: [{'1 ' * 1001}]) {{ id }} }}", {}, "document has a list of 1,001"),
        (
            f"{{ enterprises(filter: {{ zone: [{'1 ' * 1001}] }}) {{ totalCount }} }}",
            {},
            "document has a list of 1,001",
        ),
        (f"query($i: [ID!]! = [{'1 ' * 1001}]) {{ nodes(ids: $i) {{ id }} }}", {}, "document has a list of 1,001"),
    ],
)
async def test_no_list_has_more_members_than_may_be_asked_for(
    ask: Asker, query: str, variables: dict[str, Any], what: str
) -> None:
    reply = await ask(query, variables)
    assert reply.request_error
    assert f"{what} members; give at most 1,000 at a time" in reply.errors[0]["message"]
    assert reply.fetches == {}


async def test_the_longest_list_that_may_be_asked_for_is_answered(ask: Asker) -> None:
    reply = await ask(f"{{ nodes(ids: [{'1 ' * 1000}]) {{ id }} }}")
    assert reply.data["nodes"] == [None] * 1000


SHAPES: dict[str, Callable[[int], str]] = {
    "fields": lambda n: "{ enterprises { nodes { " + " ".join(f"a{i}: name" for i in range(n)) + " } } }",
    "lists": lambda n: "query($n: Int) { " + " ".join(
        f"a{i}: enterprises(first: $n) {{ nodes {{ filings {{ year }} }} }}" for i in range(n // 4)
    ) + " }",
    "kinds": lambda n: "{ " + " ".join(
        f'a{i}: node(id: "x") {{ id ... on Zone {{ name }} ... on Fund {{ size }} }}' for i in range(n // 4)
    ) + " }",
    "fragments": lambda n: "{ zones { ...F0 } } "
    + " ".join(f"fragment F{i} on Zone {{ id ...F{i + 1} ... on Zone {{ city }} }}" for i in range(n))
    + f" fragment F{n} on Zone {{ id }}",
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
async def test_the_work_of_pricing_grows_as_the_document_does(
    ask: Asker, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0
    original = cost._Pricing._step

    def counted(self: Any) -> None:
        nonlocal steps
        steps += 1
        original(self)

    monkeypatch.setattr(cost._Pricing, "_step", counted)
    used = []
    for size in (40, 160):
        steps = 0
        prepared = ask.engine.documents.alone(SHAPES[shape](size)).prepared(None)
        given = prepared.variables.coerced({"n": 2})
        assert isinstance(prepared.price(given), Price)
        used.append(steps)
        prepared.price(given)
        assert steps == used[-1], "a price is made once"
    assert used[1] < 5 * used[0]


@strawberry.interface
class Thing:
    """What leads to another of its kind."""

    id: strawberry.ID
    peer: Thing | None


@strawberry.type
class A(Thing):
    """One kind."""


@strawberry.type
class B(Thing):
    """Another."""


@strawberry.type
class Things:
    """Where it starts."""

    thing: Thing


def test_interfaces_within_interfaces_are_priced_within_bounds() -> None:
    schema = strawberry.Schema(Things, types=[A, B])
    depth = 13
    parts = [f"fragment F{depth} on Thing {{ id }}"]
    for n in range(depth):  # what is asked at last depends on the kind of each thing on the way
        ways = (f"... on {kind} {{ peer {{ ...{kind}{n}_{n + 1} }} }}" for kind in "AB")
        parts.append(f"fragment F{n} on Thing {{ peer {{ ...F{n + 1} }} {' '.join(ways)} }}")
        for kind in "AB":
            names = [f"{kind}{n}_{at}" for at in range(n + 1, depth)]
            parts += [f"fragment {one} on Thing {{ peer {{ ...{two} }} }}" for one, two in pairwise(names)]
            parts.append(f"fragment {names[-1] if names else f'{kind}{n}_{depth}'} on Thing {{ id }}")
    document = parse("{ thing { ...F0 } } " + " ".join(parts))
    assert limits.refusal(document) is None
    assert validate(schema._schema, document) == []
    operation, *fragments = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    known = {node.name.value: node for node in fragments if isinstance(node, FragmentDefinitionNode)}
    root = FieldNode(name=NameNode(value="query"), selection_set=operation.selection_set)
    selection = FieldSelection(OperationScope(schema._schema, {}, known, {}), (root,))
    with pytest.raises(limits.TooMuch, match="more than 20,000 fields"):
        cost.price(schema._schema, rates(schema), "Things", selection)


def test_every_list_of_the_schema_says_how_large_it_is() -> None:
    assert unsized(build_schema()) == []


@pytest.mark.parametrize(
    ("directives", "message"),
    [
        (sliced("few"), "names the arguments"),
        (sliced("first"), "never null"),
        (listed(0), "give assumedSize"),
    ],
)
def test_contradictions_are_told_at_start(directives: list[object], message: str) -> None:
    @strawberry.type
    class Query:
        @declared("Numbers.", directives)
        def numbers(self, first: int | None = None) -> list[int]:
            answered()

    with pytest.raises(Mispriced, match=message):
        rates(strawberry.Schema(Query))


def test_only_a_choice_may_cost_more() -> None:
    @strawberry.type
    class Query:
        @declared("Numbers.")
        def numbers(self, first: Annotated[int, strawberry.argument(directives=costing(5))] = 1) -> list[int]:
            answered()

    with pytest.raises(Mispriced, match=r"Query\.numbers: @cost is said of the argument first"):
        rates(strawberry.Schema(Query))


def test_weights_are_declared_in_the_schema() -> None:
    known = rates(build_schema())
    assert known["Query"]["enterprises"].weight == 10
    assert known["EnterpriseConnection"]["totalCount"].weight == 10
    assert known["Mutation"]["grantConsent"].weight == 10
    assert known["Enterprise"]["name"].weight == 0.02
    assert known["Enterprise"]["filings"].size is not None
