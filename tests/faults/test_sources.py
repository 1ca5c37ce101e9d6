"""One source fails, for real; the rest of the answer arrives, no row is shifted, the next request works."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo.services import APPLICATIONS, environment
from tests.faults.faulty import Faulty
from tests.running import serve
from tests.world import Asker, Reply, World, asking

TIMEOUT = 1.0


@dataclass(frozen=True)
class System:
    """A system that can fail: the sources that are read from it, and the facets that only it gives."""

    sources: frozenset[str]
    facets: tuple[str, ...]


SYSTEMS = {
    "registry": System(frozenset(("scjg-entities", "scjg-capital")), ("name", "status", "capital")),
    "tax": System(frozenset(("sw-income-tax", "sw-vat")), ("filings",)),
    "ip_office": System(frozenset(("zs-patents", "zs-trademarks")), ("intellectualProperty",)),
    "social_security": System(frozenset(("rs-insured",)), ("workforce",)),
    "awards": System(frozenset(("kj-awards",)), ("awards",)),
}

QUERY = """{ enterprises(first: 30, filter: { zone: ["east-lake"] }) { nodes {
  uscc name status capital { paidIn } filings { year revenue } intellectualProperty { inventionsGranted trademarks }
  workforce { headcount } qualifications { kind certificateNumber } awards { name }
} } }"""


@dataclass
class Sources:
    """A world of one's own to break, and its services."""

    world: World
    services: dict[str, Faulty]
    running: dict[str, ExitStack]

    def kill(self, name: str) -> None:
        """Stop a service; its port refuses from now on."""
        self.running[name].close()


@pytest.fixture
def own(world: World, tmp_path: Path) -> Iterator[Sources]:
    """A copy of the small world with services of its own."""
    folder = tmp_path / "demo"
    shutil.copytree(world.folder, folder)
    services = {name: Faulty(create(folder)) for name, create in APPLICATIONS.items()}
    running = {name: ExitStack() for name in services}
    urls = {name: running[name].enter_context(serve(service)) for name, service in services.items()}
    yield Sources(World(folder, environment(folder, urls), world.store_url, world.pristine), services, running)
    for stack in running.values():
        stack.close()


@asynccontextmanager
async def hub(own: Sources, timeout: float = TIMEOUT) -> AsyncIterator[Asker]:
    """A hub over it without patience and without a cache."""
    from dataclasses import replace

    from connectors.config import SourcesConfig

    def uncached(found: SourcesConfig) -> SourcesConfig:
        return replace(
            found,
            sources={
                name: replace(source, collections={n: replace(c, cache=0) for n, c in source.collections.items()})
                for name, source in found.sources.items()
            },
        )

    async with asking(own.world, uncached, timeout=timeout) as asker:
        yield asker


def without(reply: Reply, facets: tuple[str, ...]) -> list[dict[str, Any]]:
    """The page's enterprises without some of their facets."""
    return [
        {name: value for name, value in node.items() if name not in facets}
        for node in reply.data["enterprises"]["nodes"]
    ]


async def assert_only_that_system_is_missing(ask: Asker, system: str, before: Reply, codes: set[str]) -> Reply:
    started = time.monotonic()
    reply = await ask(QUERY)
    took = time.monotonic() - started
    lost, sources = SYSTEMS[system].facets, SYSTEMS[system].sources
    assert without(reply, lost) == without(before, lost), "the other facets are as they were, row by row"
    assert {error["extensions"]["code"] for error in reply.errors} <= codes
    assert reply.errors
    assert {error["extensions"]["source"] for error in reply.errors} <= sources
    assert {error["path"][3] for error in reply.errors} <= set(lost)
    assert {reply.source(source)["error"]["code"] for source in sources} <= codes
    assert took < TIMEOUT + 2, "it arrives by the source's deadline, not by its patience"
    return reply


@pytest.mark.parametrize("name", ["ip_office", "social_security"])
@pytest.mark.parametrize(
    ("mode", "codes"),
    [
        ("hang", {"SOURCE_TIMEOUT"}),
        ("garbage", {"SOURCE_ERROR"}),
        ("error", {"SOURCE_ERROR"}),
    ],
)
async def test_a_service_that_fails(own: Sources, name: str, mode: str, codes: set[str]) -> None:
    service = own.services[name]
    async with hub(own) as ask:
        before = await ask(QUERY)
        assert before.errors == []
        service.mode = mode
        reply = await assert_only_that_system_is_missing(ask, name, before, codes)
        assert all(node[SYSTEMS[name].facets[0]] is None for node in reply.data["enterprises"]["nodes"])
        service.mode = "well"
        assert (await ask(QUERY)).data == before.data


async def test_half_a_batch_is_noticed(own: Sources) -> None:
    async with hub(own) as ask:
        before = await ask(QUERY)
        own.services["ip_office"].mode = "half"
        reply = await assert_only_that_system_is_missing(ask, "ip_office", before, {"SOURCE_ERROR"})
        assert "announced 30 records and gave 15" in reply.source("zs-patents")["error"]["message"].replace(
            "29", "30"
        ).replace("14", "15")
        own.services["ip_office"].mode = "well"
        assert (await ask(QUERY)).data == before.data


@pytest.mark.parametrize("name", ["ip_office", "social_security"])
async def test_a_service_that_is_killed_and_comes_back(own: Sources, name: str) -> None:
    async with hub(own) as ask:
        before = await ask(QUERY)
        own.kill(name)
        await assert_only_that_system_is_missing(ask, name, before, {"SOURCE_UNAVAILABLE"})
        url = own.world.environment[f"DEMO_{name.upper()}_URL"]
        own.running[name].enter_context(serve(own.services[name], port=int(url.rpartition(":")[2])))
        assert (await ask(QUERY)).data == before.data


SCORE = """{ enterprise(uscc: "91000000MAX000015T") { uscc score(scheme: "national-18-demo", live: true) {
  total provisional indicators { indicator { id } value points missing sources { collection source { id } } } } } }"""


@pytest.mark.parametrize("mode", ["hang", "garbage", "error", "killed"])
async def test_a_live_score_lacks_what_a_failing_source_feeds_and_says_so(own: Sources, mode: str) -> None:
    async with hub(own) as ask:
        before = (await ask(SCORE)).data["enterprise"]["score"]
        if mode == "killed":
            own.kill("ip_office")
        else:
            own.services["ip_office"].mode = mode
        reply = await ask(SCORE)
    assert reply.errors == [], "the score is there"
    assert reply.source("zs-applications")["error"]
    score = reply.data["enterprise"]["score"]
    assert score["provisional"] is True
    lost = {"invention_applications", "pct_applications"}
    for was, now in zip(before["indicators"], score["indicators"], strict=True):
        if was["indicator"]["id"] in lost:
            assert (was["missing"], now["missing"]) == (None, "SOURCE_DOWN")
            assert (now["value"], now["points"]) == (None, "0.00")
            assert now["sources"] == [{"collection": "intellectual_property", "source": None}]
        else:
            assert now == was
    gone = sum(Decimal(was["points"]) for was in before["indicators"] if was["indicator"]["id"] in lost)
    assert Decimal(before["total"]) - Decimal(score["total"]) == gone > 0


@pytest.mark.parametrize("mode", ["hang", "garbage", "error", "half"])
async def test_a_partner_that_fails_costs_its_own_list(own: Sources, mode: str) -> None:
    query = '{ technologyManagers(first: 3) { nodes { name } } fund(id: "nssf-zhongguancun") { name } }'
    async with hub(own) as ask:
        before = await ask(query)
        own.services["manager_network"].mode = mode
        reply = await ask(query)
        if mode != "half":
            assert reply.errors[0]["path"] == ["technologyManagers"]
            assert reply.errors[0]["extensions"]["source"] == "managers"
        own.services["manager_network"].mode = "well"
        assert (await ask(query)).data == before.data


@pytest.mark.parametrize("name", ["registry", "tax"])
async def test_a_database_that_is_gone_or_garbage(own: Sources, name: str) -> None:
    path = own.world.folder / f"{name}.sqlite"
    aside = path.with_suffix(".aside")
    async with hub(own) as ask:
        before = await ask(QUERY)
    path.rename(aside)
    async with hub(own) as ask:
        await assert_only_that_system_is_missing(ask, name, before, {"SOURCE_UNAVAILABLE"})
        assert not path.exists(), "a missing database is not made anew"
        path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
        await assert_only_that_system_is_missing(ask, name, before, {"SOURCE_ERROR"})
        aside.replace(path)
        assert (await ask(QUERY)).data == before.data


@pytest.mark.parametrize("name", ["registry", "tax"])
async def test_a_database_that_hangs(own: Sources, name: str) -> None:
    async with hub(own) as ask:
        before = await ask(QUERY)
        lock = sqlite3.connect(own.world.folder / f"{name}.sqlite", isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        await assert_only_that_system_is_missing(ask, name, before, {"SOURCE_TIMEOUT"})
        lock.execute("ROLLBACK")
        lock.close()
        assert (await ask(QUERY)).data == before.data


async def test_a_table_that_has_changed_its_shape(own: Sources) -> None:
    async with hub(own) as ask:
        before = await ask(QUERY)
        with sqlite3.connect(own.world.folder / "registry.sqlite") as database:
            database.execute("ALTER TABLE capital RENAME COLUMN sjcze TO renamed")
        database.close()
        reply = await ask(QUERY)
        assert without(reply, ("capital",)) == without(before, ("capital",))
        assert {error["extensions"]["source"] for error in reply.errors} == {"scjg-capital"}
        assert "sjcze" in reply.source("scjg-capital")["error"]["message"]


FLAGS = "{ enterprises(first: 200) { nodes { uscc flags { kind number } } } }"


@pytest.mark.parametrize("compiled", [True, False])
async def test_flags_of_which_a_source_is_silent_are_not_shown_as_all_there_are(own: Sources, compiled: bool) -> None:
    async with hub(own, timeout=5) as ask:
        before = (await ask(FLAGS)).data["enterprises"]["nodes"]
        with sqlite3.connect(own.world.folder / "tax.sqlite") as database:
            database.execute("ALTER TABLE qsgg RENAME TO renamed")
        database.close()
        reply = await (ask if compiled else ask.by_reference())(FLAGS)
    incomplete, failed = 0, reply.codes()
    for place, (was, now) in enumerate(zip(before, reply.data["enterprises"]["nodes"], strict=True)):
        path, kept = f"enterprises.nodes.{place}.flags", was["flags"] or []
        left = [one for one in kept if one["kind"] != "TAX_ARREARS"]
        assert now["flags"] == (left or None), "nobody is shown to be clean"
        if left:
            assert reply.absences()[path] == "INCOMPLETE"
            incomplete += 1
        else:
            assert (failed | reply.absences())[path] in ("SOURCE_ERROR", "NOT_DELIVERED")
    assert incomplete >= 1
    assert len(failed) >= 1
    assert ["sw-arrears"] in [one.get("sources") for one in reply.extensions["absences"]]


async def test_files_that_are_missing_or_broken(own: Sources) -> None:
    path = own.world.folder / "science" / "awards.csv"
    whole = path.read_bytes()
    async with hub(own) as ask:
        before = await ask(QUERY)
    path.unlink()
    async with hub(own) as ask:
        await assert_only_that_system_is_missing(ask, "awards", before, {"SOURCE_UNAVAILABLE"})
    path.write_bytes(b"\xff\xfe\x00garbage")
    async with hub(own) as ask:
        await assert_only_that_system_is_missing(ask, "awards", before, {"SOURCE_ERROR"})
    path.write_bytes(whole)
    async with hub(own) as ask:
        assert (await ask(QUERY)).data == before.data


async def test_a_broken_delivery_leaves_the_one_before_in_service(own: Sources) -> None:
    path = own.world.folder / "science" / "awards.csv"
    async with hub(own) as ask:
        before = await ask(QUERY)
        path.write_bytes(b"\xff\xfe\x00garbage")
        time.sleep(0.6)  # noqa: ASYNC251 - the connector looks at the disk twice a second
        assert (await ask(QUERY)).data == before.data
        health = await ask.hub.sources.sources["kj-awards"].connector.check()
        assert not health.ok
        assert "the delivery before it is served" in health.detail


async def test_the_registry_down_does_not_cost_an_enterprise_asked_by_code(own: Sources) -> None:
    (own.world.folder / "registry.sqlite").unlink()
    async with hub(own) as ask:
        reply = await ask('{ enterprise(uscc: "91000000MAX000015T") { uscc name filings { year } awards { name } } }')
    found = reply.data["enterprise"]
    assert found["name"] is None
    assert [f["year"] for f in found["filings"]] == [2022, 2021, 2020]
    assert found["awards"] == [{"name": "湖北省技术发明奖"}]
    assert reply.codes() == {"enterprise.name": "SOURCE_UNAVAILABLE"}
