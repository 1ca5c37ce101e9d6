"""Declared facets: what an operator adds in `sources.toml` is asked, batched, guarded and priced like all else."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import strawberry

from auth import rules
from auth.principal import Principal
from codes.access import Role
from connectors.config import parse
from connectors.errors import SourcesMisconfigured
from connectors.sources import Sources
from resolvers.binding import Graph
from resolvers.declared import graph_of
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from resolvers.request import Hub
from schema.cost import Size, rates, unsized
from schema.graph import sdl
from store.changes import Changes
from store.directory import Directory
from store.engine import open_store
from tests.consenting import ZHONGJIALI
from tests.world import CHUJINGLING, Asker, World, counting

OTHER = ZHONGJIALI
TEXT = f"""
[declared.customs]
type = "CustomsYear"
field = "Enterprise.customs"
description = "Customs declarations of a year"
description_zh = "海关报关"
group = "FILINGS"
many = true
record_key = "year"
size = 4
[declared.customs.fields]
year = {{ kind = "integer", description = "Calendar year", description_zh = "年度" }}
exports = {{ kind = "amount", mask = "AMOUNT" }}
rating = {{ one_of = {{ AA = "高级认证", A = "一般认证" }}, group = "CREDIT" }}
port_id = {{ leads_to = "Port", description = "Port of most declarations" }}

[declared.ports]
type = "Port"
field = "Query.ports"
description = "Ports 口岸"
group = "PUBLIC"
fields = {{ name = {{}}, opened_on = {{ kind = "date" }}, operator = {{ leads_to = "Enterprise" }} }}

[declared.berths]
type = "Berth"
field = "Port.berths"
description = "Berths 泊位 of a port"
group = "PUBLIC"
many = true
record_key = "number"
fields = {{ number = {{}}, depth = {{ kind = "number" }} }}

[sources.customs]
kind = "memory"
title = "Customs"
owner = "Customs"
sharing = "UNCONDITIONAL"
synthetic = true
[sources.customs.collections.customs]
fields = {{ year = "y", exports = {{ column = "x", unit = "万元" }}, rating = "r", port_id = "p" }}
records = [
  {{ uscc = "{CHUJINGLING}", y = 2022, x = 12, r = "AA", p = "ningbo" }},
  {{ uscc = "{CHUJINGLING}", y = 2021, x = "7.5", r = "?", p = "nowhere" }},
]
[sources.customs.collections.ports]
fields = ["name", "opened_on", "operator"]
records = [
  {{ id = "ningbo", name = "宁波", opened_on = "1979-6-1", operator = "{CHUJINGLING}" }},
  {{ id = "wuhan", name = "武汉", operator = "no code" }},
]
[sources.customs.collections.berths]
key = "port"
fields = {{ number = "n", depth = "d" }}
records = [{{ port = "ningbo", n = "1", d = "17.5" }}, {{ port = "ningbo", n = "2" }}]
[sources.registry]
kind = "memory"
title = "Registry"
owner = "Registry"
sharing = "UNCONDITIONAL"
[sources.registry.collections.registration]
fields = ["name"]
records = [{{ uscc = "{CHUJINGLING}", name = "甲" }}, {{ uscc = "{OTHER}", name = "乙" }}]
"""
HERE = Path("sources.toml")
CONFIG = parse(TEXT, HERE)
CUSTOMS = "customs { year exports rating portId { id name } source { id } synthetic disputed }"
QUESTIONS = (
    f'{{ enterprisesByUscc(usccs: ["{CHUJINGLING}", "{OTHER}"]) {{ name {CUSTOMS} }} }}',
    "{ ports(first: 1) { totalCount pageInfo { hasNextPage } nodes { id name berths { number depth } } } }",
    "{ ports { edges { cursor node { operator { uscc name customs { exports } } openedOn asOf synthetic } } } }",
    '{ port(id: "Port:ningbo") { id berths { number } } node(id: "Port:wuhan") { id ... on Port { name } } }',
    '{ nodes(ids: ["Port:wuhan", "Port:none"]) { ... on Port { name __typename } } }',
    '{ _entities(representations: [{ __typename: "Port", id: "Port:wuhan" }]) { ... on Port { name } } }',
)
BANK = Principal("bank:clerk", "bank-of-nowhere", frozenset((Role.BANK,)))


@cache
def declared() -> tuple[strawberry.Schema, Graph]:
    """The graph with the declarations, made once for all engines over it."""
    return graph_of(CONFIG, GRAPH)


@asynccontextmanager
async def opened(empty_store: Path) -> AsyncIterator[dict[bool, Asker]]:
    """A hub with the declarations, by the compiled engine and by the reference."""
    counts: Counter[str] = Counter()
    sources = Sources(CONFIG, environment={}, kinds=counting(counts))
    store = open_store(f"sqlite+aiosqlite:///{empty_store}")
    hub = Hub(sources, Directory(store), changes=Changes(store))
    world = World(HERE.parent, {}, "")
    try:
        yield {
            compiled: Asker(hub, Engine(*declared(), hub, compiled=compiled), counts, world)
            for compiled in (True, False)
        }
    finally:
        await sources.aclose()
        await store.dispose()


def guarded(asker: Asker, *, compiled: bool = True) -> Asker:
    return replace(asker, engine=Engine(*declared(), asker.hub, compiled=compiled, rules=rules.load()))


async def test_it_is_asked_like_all_else_in_one_fetch_a_collection(empty_store: Path) -> None:
    async with opened(empty_store) as hubs:
        reply = await hubs[True](QUESTIONS[0])
        assert reply.extensions["engine"] == "compiled"
        first, second = reply.data["enterprisesByUscc"]
        assert first["customs"] == [
            {"year": 2022, "exports": "120000.00", "rating": "AA", "portId": {"id": "Port:ningbo", "name": "宁波"},
             "source": {"id": "Source:customs"}, "synthetic": True, "disputed": []},
            {"year": 2021, "exports": "75000.00", "rating": None, "portId": None,
             "source": {"id": "Source:customs"}, "synthetic": True, "disputed": []},
        ]  # fmt: skip
        assert second == {"name": "乙", "customs": []}
        assert reply.fetches == {"registry.registration": 1, "customs.customs": 1, "customs.ports": 1}
        assert reply.absences()["enterprisesByUscc.0.customs.1.rating"] == "UNREADABLE"


@pytest.mark.parametrize("question", QUESTIONS)
async def test_both_ways_answer_alike(empty_store: Path, question: str) -> None:
    async with opened(empty_store) as hubs:
        compiled, reference = await hubs[True](question), await hubs[False](question)
        assert compiled.data == reference.data
        assert compiled.absences() == reference.absences()
        assert compiled.codes() == reference.codes()
        assert compiled.data is not None
        assert compiled.extensions["cost"] == reference.extensions["cost"]


async def test_a_key_that_leads_nowhere_says_why(empty_store: Path) -> None:
    async with opened(empty_store) as hubs:
        reply = await hubs[True](QUESTIONS[2])
        assert [one["node"]["operator"] for one in reply.data["ports"]["edges"]][1] is None
        assert reply.absences()["ports.edges.1.node.operator"] == "UNREADABLE"


@pytest.mark.parametrize("compiled", [True, False])
async def test_rules_guard_it_by_group_and_mask_it(empty_store: Path, compiled: bool) -> None:
    async with opened(empty_store) as hubs:
        asker = guarded(hubs[True], compiled=compiled)
        reply = await asker(QUESTIONS[0])
        assert reply.codes()["enterprisesByUscc.0.customs"] == "FORBIDDEN"
        assert "customs.customs" not in reply.fetches
        own = Principal("e", CHUJINGLING, frozenset((Role.ENTERPRISE,)), enterprise=CHUJINGLING)
        seen = await asker(QUESTIONS[0], principal=own)
        assert seen.data["enterprisesByUscc"][0]["customs"][0]["exports"] == "120000.00"
        assert seen.data["enterprisesByUscc"][1]["customs"] is None
        bank = await asker(QUESTIONS[0], principal=BANK, headers={"hub-purpose": "PRE_LOAN"})
        assert bank.codes()["enterprisesByUscc.0.customs"] in {"CONSENT_REQUIRED", "PURPOSE_REQUIRED"}


def test_a_list_costs_what_its_size_says() -> None:
    schema, _ = declared()
    assert rates(schema)["Enterprise"]["customs"].size == Size(4)
    assert unsized(schema) == []


async def test_it_is_described_in_sdl_and_introspection(empty_store: Path) -> None:
    text = sdl(declared()[0])
    assert (
        '"""Customs declarations of a year 海关报关."""\n  customs: [CustomsYear!] @data(group: FILINGS, level: 3)'
        in text
    )
    assert "type CustomsYear @data(group: FILINGS, level: 3)" in text
    assert "exports: Decimal @data(group: FILINGS, level: 3, mask: AMOUNT)" in text
    assert "type PortConnection" in text
    assert '"""Ports 口岸"""\n  ports(' in text
    async with opened(empty_store) as hubs:
        reply = await hubs[True](
            '{ list: __type(name: "CustomsYearRating") { enumValues { name description } }'
            ' of: __type(name: "Enterprise") { fields { name } } }'
        )
        assert reply.data["list"]["enumValues"][0] == {"name": "AA", "description": "高级认证"}
        assert {"name": "customs"} in reply.data["of"]["fields"]


def test_nothing_of_it_stays_in_a_schema_without_it() -> None:
    declared()
    plain = parse("[sources]", HERE)
    assert "customs" not in sdl(graph_of(plain, GRAPH)[0])


CUSTOMS_OF = 'field = "Enterprise.customs"'


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("declared.customs", "declared.filings", "sources.toml:2: declared.filings", "collection of the hub's own"),
        ('type = "CustomsYear"', 'type = "Filing"', "sources.toml:2: ", "the graph has a type 'Filing' already"),
        (CUSTOMS_OF, 'field = "Enterprise.filings"', ":2: declared.customs", "has a field 'filings' already"),
        (CUSTOMS_OF, 'field = "Firm.customs"', "declared.customs", "no type 'Firm'"),
        (CUSTOMS_OF, 'field = "Viewer.customs"', "declared.customs", "shows no records"),
        ('field = "Query.ports"', 'field = "Query.zones"', ":17: declared.ports", "Query has a field 'zones' already"),
        ('field = "Port.berths"', 'field = "Port.berths"\nby = "x"', "declared.berths", "no field 'x'"),
        ('group = "FILINGS"', 'group = "CUSTOMS"', ":7: declared.customs.group", "should be"),
        ('leads_to = "Port"', 'leads_to = "Pier"', ":15: declared.customs.fields.port_id", "no type 'Pier'"),
        ('{ kind = "amount"', '{ kind = "date"', ":13: declared.customs.fields.exports", "cannot be masked"),
        ('record_key = "year"\nsize', "size", ":2: declared.customs", "tells them apart"),
        ("name = {},", "source = {}, name = {},", "declared.ports.fields.source", "by itself"),
        ("number = {},", "number = {}, asOf = {},", "declared.berths.fields", "match pattern"),
        ('one_of = { AA = "高级认证", A = "一般认证" }', 'one_of = "Stars"', "fields.rating", "closed list 'Stars'"),
        ('rating = "r"', 'ratings = "r"', "collections.customs.fields.ratings", "Did you mean 'rating'?"),
        ("size = 4", "sise = 4", ":10: declared.customs.sise", "extra"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_stops_the_start_with_line_cause_and_next_step(
    old: str, new: str, place: str, words: str
) -> None:
    assert old in TEXT
    with pytest.raises(SourcesMisconfigured) as refusal:
        graph_of(parse(TEXT.replace(old, new), HERE), GRAPH)
    told = str(refusal.value)
    assert told.startswith("sources.toml:")
    assert place in told
    assert words in told
    remedy: Any = refusal.value.remedy
    assert remedy.endswith((".", "?"))
