"""What the graph says of how the sources are doing, and where they disagree."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.config import SourcesConfig
from connectors.disagreement import Disagreements
from tests.world import Asker, World, asking

SOURCES = """{ sources { id feeds { collection coverage { asked held share } }
  health { state questions failures errorRate milliseconds }
  disagreements { collection field other believed compared differing largest } } }"""


async def told(ask: Asker) -> dict[str, Any]:
    return {source["id"].removeprefix("Source:"): source for source in (await ask(SOURCES)).data["sources"]}


async def test_sources_tell_health_coverage_and_where_they_disagree(ask: Asker) -> None:
    page = (await ask("{ enterprises(first: 40) { nodes { uscc filings { year revenue } awards { name } } } }")).data
    sources = await told(ask)
    health = sources["sw-income-tax"]["health"]
    assert health["state"] in ("WELL", "AILING"), "late at most"
    assert (health["failures"], health["errorRate"]) == (0, 0.0)
    assert health["milliseconds"] > 0
    assert sources["gx-little-giants"]["health"] == {
        "state": "UNKNOWN", "questions": 0, "failures": 0, "errorRate": None, "milliseconds": None
    }  # fmt: skip
    (awards,) = sources["kj-awards"]["feeds"]
    holders = sum(bool(node["awards"]) for node in page["enterprises"]["nodes"])
    assert awards["coverage"] == {"asked": 40, "held": holders, "share": holders / 40}
    (believed,) = [d for d in sources["sw-income-tax"]["disagreements"] if d["other"] == "Source:sw-vat"]
    (other,) = [d for d in sources["sw-vat"]["disagreements"] if d["other"] == "Source:sw-income-tax"]
    assert believed["field"] == "revenue"
    assert believed["believed"]
    assert not other["believed"]
    assert 0 <= believed["differing"] <= believed["compared"]
    assert believed["compared"] > 0
    assert (other["compared"], other["differing"]) == (believed["compared"], believed["differing"])


async def test_a_source_that_answers_nothing_is_down(world: World) -> None:
    def lost(found: SourcesConfig) -> SourcesConfig:
        awards = found.sources["kj-awards"]
        options = {**awards.options, "folder": "/absent"}
        return replace(found, sources={**found.sources, "kj-awards": replace(awards, options=options)})

    async with asking(world, lost) as ask:
        await ask("{ enterprises(first: 3) { nodes { awards { name } } } }")
        health = (await told(ask))["kj-awards"]["health"]
    assert health["state"] == "DOWN"
    assert health["errorRate"] == 1.0


@pytest.mark.parametrize(
    ("values", "differing"),
    [
        ((Decimal(100), Decimal(95)), 0),
        ((Decimal(100), Decimal("94.99")), 1),
        ((Decimal(94), Decimal(100)), 1),
        ((Decimal(-100), Decimal(100)), 1),
        ((Decimal(0), Decimal(0)), 0),
        ((0, Decimal(1)), 1),
    ],
)
def test_amounts_disagree_by_more_than_five_per_cent(values: tuple[Decimal | int, Decimal], differing: int) -> None:
    found = Disagreements()
    found.compare("filings", "revenue", ("tax", "reports"), values)
    found.compare("filings", "revenue", ("tax", "reports"), (None, Decimal(1)))
    found.compare("filings", "revenue", ("tax", "reports"), ("100", "1"))
    assert found.pairs["filings", "revenue", "tax", "reports"].values == 1
    assert found.pairs["filings", "revenue", "tax", "reports"].differing == differing


async def test_the_most_that_a_source_may_answer_is_told_where_there_is_a_bound(ask: Asker) -> None:
    shown = "{ source(id: $id) { policy { timeoutSeconds maxBytes } } }"
    office = (await ask("query ($id: ID!) " + shown, {"id": "Source:zs-trademarks"})).data["source"]["policy"]
    registry = (await ask("query ($id: ID!) " + shown, {"id": "Source:scjg-entities"})).data["source"]["policy"]
    assert office == {"timeoutSeconds": 2.0, "maxBytes": 10_000_000}
    assert registry == {"timeoutSeconds": 2.0, "maxBytes": None}, "a database has none"


REPLICAS = """{ source(id: "Source:zs-trademarks") {
  policy { ejectionFailures ejectionSeconds } replicas { number leftOut secondsLeft failures calls } } }"""
MARKS = '{ enterprise(uscc: "91000000MAX000015T") { intellectualProperty { trademarks } } }'


async def test_an_address_that_is_not_there_is_shown_to_be_left_out(world: World) -> None:
    def twice(found: SourcesConfig) -> SourcesConfig:
        office = found.sources["zs-trademarks"]
        uncached = {name: replace(collection, cache=0) for name, collection in office.collections.items()}
        urls = (world.environment["DEMO_IP_OFFICE_URL"], "http://127.0.0.1:9")
        return replace(found, sources={**found.sources, office.name: replace(office, urls=urls, collections=uncached)})

    async with asking(world, twice, timeout=20) as ask:
        before = (await ask(REPLICAS)).data["source"]
        well = {"leftOut": False, "secondsLeft": 0.0, "failures": 0, "calls": 0}
        assert before["policy"] == {"ejectionFailures": 3, "ejectionSeconds": 10.0}
        assert before["replicas"] == [{"number": 1, **well}, {"number": 2, **well}]
        for _ in range(6):
            reply = await ask(MARKS)
            assert reply.errors == []
            assert reply.data["enterprise"]["intellectualProperty"]["trademarks"] is not None
        first, second = (await ask(REPLICAS)).data["source"]["replicas"]
        assert first == {"number": 1, **well}
        assert second["leftOut"]
        assert 0 < second["secondsLeft"] <= 10
        other = await ask('{ source(id: "Source:sw-vat") { replicas { number } } }')
        assert other.data == {"source": {"replicas": []}}, "it stands at one address"
