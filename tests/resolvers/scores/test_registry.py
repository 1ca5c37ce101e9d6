"""The schemes of a hub: those that come with it where its sources fit, the operator's own or no start."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors import config
from connectors.config import SourcesConfig
from resolvers.scores.registry import Schemes, open_schemes
from scoring.errors import SchemeMisconfigured
from scoring.loading import SHIPPED
from server import create_app
from settings import Settings
from tests.scoring.scored import SCHEMES
from tests.world import DEMO_SOURCES, Asker

FITTING = SHIPPED / "national-18-demo.toml"


@pytest.fixture
def sources() -> SourcesConfig:
    """The demo's sources."""
    return config.load(DEMO_SOURCES)


def own(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write a scheme of one's own, made of a shipped one."""
    text = FITTING.read_text(encoding="utf-8")
    for before, after in (('version = "1.0-demo"', 'version = "mine"'), *changes):
        assert before in text
        text = text.replace(before, after)
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_shipped_scheme_without_its_sources_is_left_out(sources: SourcesConfig) -> None:
    lake = SCHEMES["east-lake-28-demo"]
    alone = replace(sources, sources={})
    assert open_schemes(alone).find("national-18-demo") is not None
    assert open_schemes(alone).find(lake.id) is None
    (problem,) = (why for name, why in open_schemes(alone).left_out.items() if name.startswith(lake.id))
    assert "data_sources" in problem


def test_one_of_the_operators_own_is_added(sources: SourcesConfig, tmp_path: Path) -> None:
    found = open_schemes(sources, own(tmp_path))
    assert {("national-18-demo", "1.0-demo"), ("national-18-demo", "mine")} <= set(found.current)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ((('collection = "filings"', 'collection = "fillings"'),), r"mine\.toml: inputs\.\w+: there is no collection"),
        ((('field = "revenue"', 'field = "turnover"'),), "filings has no field 'turnover'.* It has .*'revenue'"),
        ((('version = "mine"', 'version = "1.0-demo"'),), "1.0-demo is there already.* Give it another `version`"),
        ((('[inputs.age]\ncollection = "registration"', '[inputs.age]\ncollection = "zones"'),), "'zones'"),
    ],
)
def test_one_that_does_not_fit_is_refused(
    sources: SourcesConfig, tmp_path: Path, changes: tuple[tuple[str, str], ...], problem: str
) -> None:
    with pytest.raises(SchemeMisconfigured, match=problem):
        open_schemes(sources, own(tmp_path, *changes))


def test_a_hub_does_not_start_with_it(sources: SourcesConfig, tmp_path: Path) -> None:
    with pytest.raises(SchemeMisconfigured, match=r"is no folder.*HUB_SCHEMES"):
        open_schemes(sources, tmp_path / "nowhere")
    empty = tmp_path / "sources.toml"
    empty.write_text("[sources]\n", encoding="utf-8")
    given = Settings(mode="demo", sources=empty, data_dir=tmp_path, schemes=own(tmp_path, ("filings", "fillings")))
    with pytest.raises(SchemeMisconfigured, match="fillings"):
        create_app(given)


def test_the_version_that_came_into_force_last_is_meant() -> None:
    base = SCHEMES["national-18-demo"]
    old, new = (replace(base, version=str(year), valid_from=date(year, 1, 1), synthetic=False) for year in (2021, 2024))
    found = Schemes([new, old])
    assert found.find(base.id, day=date(2023, 6, 30)) is old
    assert found.find(base.id, day=date(2024, 1, 1)) is new
    assert found.find(base.id, day=date(2020, 1, 1)) is old, "none is in force yet: the first to be"
    assert found.find(f"{base.id}@2024") is new
    assert found.find(base.id, "2021") is old
    assert found.find(base.id, "1999") is None
    assert found.find("other") is None


async def test_schemes_are_found_by_code_version_and_identity(ask: Asker) -> None:
    reply = await ask("""{
        schemes { id code version }
        scheme(id: "national-18-demo") { ...S }
        named: scheme(id: "national-18-demo", version: "1.0-demo") { id }
        with: scheme(id: "Scheme:national-18-demo@1.0-demo") { id }
        other: scheme(id: "national-18-demo", version: "3.0") { id }
        node(id: "Scheme:national-2-demo@2.0-demo") { id ... on Scheme { maximum bonus } }
    } fragment S on Scheme { id title groups { points { stage { id } points } } indicators { id group { id } } }""")
    assert reply.errors == []
    data = reply.data
    identity = "Scheme:national-18-demo@1.0-demo"
    assert {data[name]["id"] for name in ("scheme", "named", "with")} == {identity}
    assert data["other"] is None
    assert data["node"] == {"id": "Scheme:national-2-demo@2.0-demo", "maximum": "130.00", "bonus": "30.00"}
    assert identity in [one["id"] for one in data["schemes"]]
    assert len(data["scheme"]["indicators"]) == 18
    points = data["scheme"]["groups"][0]["points"]
    assert [one["stage"]["id"] for one in points] == ["start_up", "growth", "stable"]
    assert reply.fetches == {}


async def test_the_matrix_of_indicators_and_sources_is_that_of_the_scheme(ask: Asker) -> None:
    lake = SCHEMES["east-lake-28-demo"]
    reply = await ask("""{ scheme(id: "east-lake-28-demo") {
        sources { id titleZh department collections source { id } }
        indicators { id sources { id } }
    } }""")
    assert reply.errors == []
    columns, rows = reply.data["scheme"]["sources"], reply.data["scheme"]["indicators"]
    assert (len(rows), len(columns)) == (28, 43)
    matrix = {(row["id"], source["id"]) for row in rows for source in row["sources"]}
    assert matrix == {(one.names.id, source) for one in lake.indicators for source in one.sources}
    assert all(row["sources"] for row in rows)
    assert [one["source"]["id"] for one in columns] == [f"Source:{one['id']}" for one in columns]
    assert reply.fetches == {}
