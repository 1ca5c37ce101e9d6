"""Sharing classes in the graph: what is never shared is told by no way, what is conditional for a purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from auth import rules
from auth.principal import Principal
from codes.kinds import Sharing
from connectors import config
from connectors.config import SourcesConfig
from connectors.sources import Sources
from resolvers.synchronising import synchronise
from store.directory import Directory, Filter, Order, OrderField, Window
from store.engine import open_store
from store.filling import Filling
from store.upgrade import upgrade
from tests.consenting import ZHONGJIALI
from tests.everything import QUESTIONS
from tests.world import CHUJINGLING, DEMO_SOURCES, Asker, Reply, World, asking

SOURCES = config.load(DEMO_SOURCES).sources
PARTS = 11
NAME = "武汉楚精灵医疗科技有限公司"


def sharing(sharing_class: Sharing, *names: str) -> Callable[[SourcesConfig], SourcesConfig]:
    """Switch sources to a class."""

    def change(found: SourcesConfig) -> SourcesConfig:
        changed = {name: replace(found.sources[name], sharing=sharing_class) for name in names}
        return replace(found, sources={**found.sources, **changed})

    return change


def ways(ask: Asker) -> tuple[Asker, ...]:
    """The same hub without rules and by those that come with it, both through both engines."""
    return ask, ask.by_reference(), ask.guarded(), ask.guarded(compiled=False)


@pytest.mark.parametrize("part", range(PARTS))
async def test_sources_that_are_never_shared_are_asked_by_nobody_for_anything(world: World, part: int) -> None:
    """Tables of one department, which follow one another, are switched off apart."""
    silent = set(list(SOURCES)[part::PARTS])
    async with asking(world, sharing(Sharing.NEVER, *silent)) as ask:
        for way in ways(ask)[:2]:  # rules only take away from this
            for text in QUESTIONS.values():
                reply = await way(text)
                assert not reply.request_error
                assert silent.isdisjoint(name.partition(".")[0] for name in reply.fetches)
                assert silent.isdisjoint(used["source"] for used in reply.extensions.get("sources", ()))


@pytest.mark.parametrize(
    ("source", "field", "paths"),
    [
        ("kj-awards", "awards { name }", ["awards"]),
        ("kj-projects", "projects { name }", ["projects"]),
        (
            "sw-income-tax",
            "filings { totalAssets profit profitBand { to } }",
            ["filings.0.profit", "filings.0.profitBand"],
        ),
        ("bureau", "filings { totalAssets revenue }", ["filings.0.revenue"]),
        ("roster-east-lake", "zone { name }", ["zone"]),
        ("scjg-entities", "name legalRepresentative district { code }", ["name", "legalRepresentative", "district"]),
        ("rs-insured", "workforce { headcount }", ["workforce"]),
        ("zs-patents", "intellectualProperty { designs }", ["intellectualProperty"]),
    ],
)
async def test_what_only_such_a_source_gives_is_null_with_its_reason(
    world: World, source: str, field: str, paths: list[str]
) -> None:
    async with asking(world, sharing(Sharing.NEVER, source)) as ask:
        for way in ways(ask)[:2]:
            reply = await way(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ {field} }} }}')
            assert reply.errors == []
            reasons = reply.absences()
            assert {path: reasons.get(f"enterprise.{path}") for path in paths} == dict.fromkeys(paths, "NOT_SHARED")


@pytest.mark.parametrize(
    ("source", "question"),
    [
        ("scjg-entities", f'{{ found: enterprises(search: "{NAME}") {{ totalCount nodes {{ uscc }} }} }}'),
        ("scjg-entities", "{ found: enterprises(orderBy: { field: REGISTERED_CAPITAL }) { edges { cursor } } }"),
        ("scjg-entities", '{ found: enterprises(filter: { district: "42" }) { totalCount } }'),
        ("kj-high-tech", "{ found: enterprises(filter: { qualification: [HIGH_TECH] }) { totalCount } }"),
        ("roster-east-lake", '{ found: enterprises(filter: { zone: ["east-lake"] }) { totalCount } }'),
        ("managers", '{ found: technologyManagers(search: "大学") { totalCount edges { cursor } } }'),
        ("managers", "{ found: networks { name } }"),
        ("banks", "{ found: loanProducts(filter: { amount: 1 }) { totalCount } }"),
        ("facts", "{ found: policies { totalCount } }"),
        ("facts", "{ found: zones { id } }"),
        ("facts", '{ found: zone(id: "east-lake") { name } }'),
        ("facts", '{ found: node(id: "Fund:nssf-zhongguancun") { id } }'),
    ],
)
async def test_no_list_search_filter_or_count_tells_of_such_a_source(world: World, source: str, question: str) -> None:
    """The directory of this world was filled when all sources were shared."""
    async with asking(world, sharing(Sharing.NEVER, source)) as ask:
        for way in ways(ask):
            reply = await way(question)
            assert reply.data == {"found": None}
            assert reply.absences() == {"found": "NOT_SHARED"}
            assert reply.errors == []
            assert reply.fetches == {}


async def test_other_filters_stay(world: World) -> None:
    async with asking(world, sharing(Sharing.NEVER, "kj-gazelle", "roster-east-lake")) as ask:
        reply = await ask('{ enterprises(filter: { district: "42" }) { totalCount } }')
        assert reply.data["enterprises"]["totalCount"] > 0


async def test_such_a_source_is_not_read_into_the_directory(world: World, tmp_path: Path) -> None:
    counts = {}
    for name, never in (
        ("all", ()),
        ("no rosters", ("roster-east-lake", "kj-gazelle")),
        ("nothing", ("scjg-entities",)),
    ):
        change = sharing(Sharing.NEVER, *never)
        sources = Sources(change(config.load(DEMO_SOURCES)), environment=world.environment)
        store = open_store(f"sqlite+aiosqlite:///{tmp_path}/{name}.sqlite")
        await upgrade(store)
        size = await synchronise(sources, Filling(store), lambda _stage, _count: None)
        in_zone = await Directory(store).count(None, Filter(zone_ids=("east-lake",)))
        page = await Directory(store).page(NAME, Filter(), Order(OrderField.NAME), Window(3, None, None, None))
        counts[name] = (size > 0, in_zone > 0, len(page.codes))
        await sources.aclose()
        await store.dispose()
    assert counts == {"all": (True, True, 1), "no rosters": (True, False, 1), "nothing": (False, False, 0)}


async def test_nothing_is_given_from_a_cache_that_was_filled_before(world: World) -> None:
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ awards {{ name }} }} }}'
    async with asking(world) as before:
        assert (await before(query)).data["enterprise"]["awards"]
        async with asking(world, sharing(Sharing.NEVER, "kj-awards")) as after:
            reply = await after(query)
            assert (reply.data, reply.absences()) == (
                {"enterprise": {"awards": None}},
                {"enterprise.awards": "NOT_SHARED"},
            )


@pytest.mark.parametrize(
    ("source", "question"),
    [
        ("managers", "{ found: technologyManagers { totalCount } }"),
        ("managers", '{ found: technologyManagers(search: "大学") { totalCount } }'),
        ("managers", '{ found: node(id: "TechnologyManager:TM-00001") { id } }'),
        ("managers", "{ found: networks { id } }"),
        ("scjg-entities", f'{{ found: enterprise(uscc: "{CHUJINGLING}") {{ uscc }} }}'),
        ("scjg-entities", f'{{ found: node(id: "Enterprise:{CHUJINGLING}") {{ id }} }}'),
        ("scjg-entities", "{ found: enterprises { totalCount } }"),
        ("kj-high-tech", "{ found: enterprises(filter: { qualification: [HIGH_TECH] }) { totalCount } }"),
        ("roster-longwan", '{ found: enterprises(filter: { zone: ["east-lake"] }) { totalCount } }'),
        ("facts", "{ found: policies { totalCount } }"),
    ],
)
async def test_a_conditional_source_is_asked_for_a_stated_purpose_by_every_way(
    world: World, readers: Mapping[str, Principal], source: str, question: str
) -> None:
    bank = readers["bank-icbc"]
    async with asking(world, sharing(Sharing.CONDITIONAL, source), timeout=20) as ask:
        for compiled in (True, False):
            guarded = ask.guarded(rules.load(), compiled=compiled)
            for reader, purpose in ((readers["anonymous"], ""), (bank, ""), (bank, "POLICY")):
                reply = await guarded(question, principal=reader, headers={"hub-purpose": purpose} if purpose else {})
                assert (reply.data, reply.codes()) == ({"found": None}, {"found": "PURPOSE_REQUIRED"})
                assert reply.fetches == {}
            stated = await guarded(question, principal=bank, headers={"hub-purpose": "PRE_LOAN"})
            assert stated.errors == []


async def test_what_is_ones_own_needs_no_purpose(world: World, readers: Mapping[str, Principal]) -> None:
    query = f"""{{ enterprisesByUscc(usccs: ["{ZHONGJIALI}", "{CHUJINGLING}"]) {{ uscc name awards {{ name }} }} }}"""

    def seen(reply: Reply) -> list[bool]:
        return [bool(one and one["name"]) for one in reply.data["enterprisesByUscc"]]

    async with asking(world, sharing(Sharing.CONDITIONAL, "scjg-entities", "kj-awards")) as ask:
        for guarded in (ask.guarded(), ask.guarded(compiled=False)):
            assert seen(await guarded(query, principal=readers["enterprise-chujingling"])) == [False, True]
            assert seen(await guarded(query, principal=readers["officer-nanchang"])) == [True, False]
            assert seen(await guarded(query, principal=readers["portal"])) == [False, False]
