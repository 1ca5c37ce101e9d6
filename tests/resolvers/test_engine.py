"""The engine's own promises: plans are shared, caches bounded, objects set free, records sent on untouched."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
import strawberry
from graphql import GraphQLSchema
from strawberry.types.field import StrawberryField

from auth.principal import Principal
from benchmarks.workload.graph import CATALOGUE, workload
from benchmarks.workload.types import build_schema as build_workload
from connectors.config import parse
from connectors.sources import Sources
from resolvers.binding import BindingError, bind
from resolvers.execution.assembly import Assembly
from resolvers.execution.engine import Engine
from resolvers.execution.operation import Operation
from resolvers.graph import GRAPH
from resolvers.request import Hub
from schema.graph import build_schema
from tests.world import CHUJINGLING, Asker, empty_hub

SCORED = [
    {"uscc": "A", "total": 1.5, "rank": 1, "categories": [], "indicators": [{"key": "x", "value": 1.0, "score": 2.0}]},
    {"uscc": "B", "total": 2.5, "rank": 2, "categories": [], "indicators": []},
]
COMMON = {
    "district": "d", "industryCode": "C1", "registeredCapital": 1.0, "foundedOn": "2020-01-01", "status": "ACTIVE",
    "stage": "SEED",
}  # fmt: skip
REGISTERED = [{"uscc": "A", "name": "甲", **COMMON}, {"uscc": "B", "name": "乙", "nameEn": "Two", **COMMON}]
CONFIGURATION = """
[sources.register]
kind = "files"
folder = "."
title = "t"
owner = "o"
sharing = "UNCONDITIONAL"
[sources.register.collections.legal]
file = "legal.json"
exact = EXACT
key = "uscc"
cache = 0
fields = { name = "name", name_en = "nameEn", district = "district", industry_code = "industryCode", \
registered_capital = "registeredCapital", founded_on = "foundedOn", status = "status", stage = "stage" }
[sources.register.collections.scores]
file = "scores.json"
exact = EXACT
key = "uscc"
cache = 0
fields = ["total", "rank", "indicators", "categories"]
"""


@pytest.fixture(params=[True, False], ids=["exact", "mapped"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """An engine over two enterprises in files, given with the hub's own kinds or to be mapped to them."""
    return over_files(tmp_path, exact=request.param)


def over_files(folder: Path, *, exact: bool) -> Engine:
    """Return an engine over two enterprises in files."""
    (folder / "legal.json").write_bytes(orjson.dumps(REGISTERED))
    (folder / "scores.json").write_bytes(orjson.dumps(SCORED))
    text = CONFIGURATION.replace("EXACT", str(exact).lower())
    opened = Sources(parse(text, folder / "sources.toml", CATALOGUE))
    return Engine(build_workload(), workload(), Hub(opened, empty_hub().directory))


async def asked(subject: Engine, text: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    """The answer to a query."""
    answer = await subject.answer(Operation(text, variables or {}, None, {}, {}, read_only=False))
    found: dict[str, Any] = orjson.loads(answer.body)
    return found


SCORES = '{ enterprisesByUscc(usccs: ["A", "B", "C"]) { name nameEn score { total indicators { key value score } } } }'


async def test_exact_sources_and_mapped_ones_give_the_same(engine: Engine) -> None:
    found = await asked(engine, SCORES)
    assert found["data"]["enterprisesByUscc"] == [
        {
            "name": "甲",
            "nameEn": None,
            "score": {"total": 1.5, "indicators": [{"key": "x", "value": 1.0, "score": 2.0}]},
        },
        {"name": "乙", "nameEn": "Two", "score": {"total": 2.5, "indicators": []}},
        None,
    ]


async def test_records_that_are_what_is_asked_go_out_untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assembled: list[str] = []
    original = Assembly.objects

    def noted(self: Assembly, level: Any) -> Any:
        assembled.append(level.scope.type_name)
        return original(self, level)

    monkeypatch.setattr(Assembly, "objects", noted)
    subject = over_files(tmp_path, exact=True)
    await asked(subject, SCORES)
    assembled.clear()
    await asked(subject, SCORES)
    assert "Indicator" not in assembled
    assembled.clear()
    await asked(subject, SCORES.replace("key value score", "score key value"))
    assert "Indicator" in assembled


async def test_texts_that_differ_in_literals_share_a_plan(engine: Engine) -> None:
    for code in ("A", "B", "C\\u0041", "D"):
        text = f'{{ enterprise(uscc: "{code}") {{ name }} }}'
        found = await asked(engine, text)
        assert found["data"]["enterprise"] == {"A": {"name": "甲"}, "B": {"name": "乙"}}.get(code)
    assert engine.documents.sizes["shared"] == 1
    assert engine.documents.sizes["texts"] == 4


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("{ enterprises(first: 1) { name } }", "{ enterprises(first: 99999999999) { name } }", "Int cannot represent"),
        (
            '{ a: enterprise(uscc: "A") { name } ...F } fragment F on Query { a: enterprise(uscc: "A") { uscc } }',
            '{ a: enterprise(uscc: "A") { name } ...F } fragment F on Query { a: enterprise(uscc: "B") { uscc } }',
            "differing arguments",
        ),
        (
            "query($n: Int! = 1) { enterprises(first: $n) { name } }",
            "query($n: Int! = 99999999999) { enterprises(first: $n) { name } }",
            "Int cannot represent",
        ),
    ],
)
async def test_a_literal_that_does_not_fit_is_told_as_if_it_had_come_first(
    tmp_path: Path, first: str, second: str, message: str
) -> None:
    subject, fresh = over_files(tmp_path, exact=True), over_files(tmp_path, exact=True)
    assert "errors" not in await asked(subject, first)
    found = await asked(subject, second)
    assert found == await asked(fresh, second)
    assert message in found["errors"][0]["message"]


async def test_errors_point_into_the_text_that_was_sent(ask: Asker) -> None:
    text = '{{ a: enterprise(uscc: "{}") {{ name }} b: enterprise(uscc: "nonsense") {{ name }} }}'
    await ask(text.format(CHUJINGLING))
    shorter = text.format("91")
    reply = await ask(shorter)
    columns = {error["path"][0]: error["locations"][0]["column"] for error in reply.errors}
    assert columns == {"a": shorter.index("a:") + 1, "b": shorter.index("b:") + 1}


async def test_ten_thousand_documents_leave_the_caches_at_their_bound(tmp_path: Path) -> None:
    subject = over_files(tmp_path, exact=True)
    documents = subject.documents
    for number in range(10_000):
        literal = '(uscc: "A")'
        text = f"{{ a{number}: __typename b{number}: enterprise{literal} {{ uscc }} }}" if number % 4 == 0 else ""
        answer = await asked(subject, text or f"{{ a{number}: __typename }}")
        assert answer["data"][f"a{number}"] == "Query"
    sizes = documents.sizes
    assert sizes["texts"] < 10_000
    assert sizes["weight"] <= 160_000_000
    assert sizes["shared weight"] <= 160_000_000


async def test_answers_leave_nothing_for_the_cyclic_collector(engine: Engine) -> None:
    await asked(engine, SCORES)
    await asked(engine, SCORES)

    async def left_behind() -> int:
        gc.collect()
        gc.disable()
        try:
            for _ in range(50):
                await asked(engine, SCORES)
            return gc.collect()
        finally:
            gc.enable()

    # Services in other threads of this process may leave something at any one time; answers would each time.
    assert min([await left_behind() for _ in range(3)]) < 50


async def test_what_goes_the_references_way_says_so(ask: Asker) -> None:
    assert (await ask("{ __typename }")).extensions["engine"] == "compiled"
    assert (await ask("{ __schema { queryType { name } } }")).extensions["engine"] == "reference: introspection"


def test_a_field_with_permissions_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = build_schema()
    field = next(f for f in schema.get_type_by_name("Zone").fields if f.python_name == "summary")  # type: ignore[union-attr]
    monkeypatch.setattr(field, "permission_classes", [strawberry.BasePermission])
    with pytest.raises(BindingError, match=r"Zone\.summary carries"):
        bind(schema, GRAPH)


def test_what_the_engine_takes_from_strawberry_is_there() -> None:
    schema = build_schema()
    assert isinstance(schema._schema, GraphQLSchema)
    declared = schema._schema.type_map["Query"].fields["enterprise"].extensions["strawberry-definition"]  # type: ignore[attr-defined]
    assert isinstance(declared, StrawberryField)
    assert [argument.python_name for argument in declared.arguments] == ["uscc", "as_of"]
    assert schema.schema_converter.scalar_registry


@pytest.fixture
def told(ask: Asker) -> Asker:
    """A hub that tells its plans."""
    return Asker(ask.hub, Engine(build_schema(), GRAPH, ask.hub, explains=True), ask.counts, ask.world)


async def test_a_plan_names_batches_sources_and_fields_and_what_they_took(told: Asker) -> None:
    query = "query($u: USCC!) { enterprise(uscc: $u) { name filings { year revenue } } }"
    reply = await told(query, {"u": CHUJINGLING}, extensions={"plan": True})
    plan = reply.extensions["plan"]
    (root,) = plan["steps"]
    assert (plan["batches"], root["asks"], list(root["sources"])) == (
        3,
        "Query.enterprise",
        ["scjg-entities.registration"],
    )
    below = {step["asks"]: step for step in root["below"]}
    assert below["Enterprise.filings"]["sources"] == {
        "sw-income-tax.filings": ["revenue", "year"],
        "sw-vat.filings": ["revenue", "year"],
    }
    assert below["Enterprise.filings"]["milliseconds"] > 0
    assert plan["cost"] == reply.extensions["cost"] == 5
    assert root["cost"] == 1.02
    assert below["Enterprise.filings"]["cost"] == 3.12
    assert "plan" not in (await told(query, {"u": CHUJINGLING})).extensions


async def test_a_plan_is_not_told_to_anybody_unless_the_hub_is_set_so(ask: Asker) -> None:
    assert "plan" not in (await ask("{ zones { id } }", extensions={"plan": True})).extensions


async def test_a_plan_is_told_to_operators_however_the_hub_is_set(ask: Asker, readers: Mapping[str, Principal]) -> None:
    reply = await ask("{ zones { id } }", extensions={"plan": True}, principal=readers["operator"])
    assert reply.extensions["plan"]["cost"] == 21


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        ("$u: ID!", {}),
        ("$u: ID!", {"u": None}),
        ("$u: ID!", {"u": 1.5}),
        ('$u: ID! = "B"', {}),
        ('$u: ID! = "B"', {"u": "A"}),
        ("$u: ID!, $l: [ID!]!", {"u": "A"}),
        ('$u: ID!, $l: [ID!]! = ["A"]', {"u": "A"}),
        ("$u: ID!, $l: [ID!]!", {"u": 7, "l": "A"}),
        ("$u: ID!, $l: [ID!]!", {"u": "A", "l": ["A", None]}),
    ],
)
async def test_variables_are_coerced_as_by_the_reference(tmp_path: Path, declared: str, given: dict[str, Any]) -> None:
    used = " enterprisesByUscc(usccs: $l) { name }" if "$l" in declared else ""
    text = f"query({declared}) {{ enterprise(uscc: $u) {{ name }}{used} }}"
    subject = over_files(tmp_path, exact=True)
    reference = Engine(build_workload(), workload(), subject.hub, compiled=False)
    expected, found = await asked(reference, text, given), await asked(subject, text, given)
    assert found.get("data") == expected.get("data")
    assert found.get("errors") == expected.get("errors")


async def test_the_engine_alone_bounds_lists_as_it_is_told(tmp_path: Path) -> None:
    subject = over_files(tmp_path, exact=True)
    generous = Engine(build_workload(), workload(), subject.hub, most_keys=2000)
    text = "query($l: [ID!]!) { enterprisesByUscc(usccs: $l) { name } }"
    codes = {"l": ["A"] * 2000}
    assert "at most 1,000 at a time" in (await asked(subject, text, codes))["errors"][0]["message"]
    assert len((await asked(generous, text, codes))["data"]["enterprisesByUscc"]) == 2000
    codes["l"].append("A")
    assert "at most 2,000 at a time" in (await asked(generous, text, codes))["errors"][0]["message"]
