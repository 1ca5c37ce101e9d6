"""A thousand enterprises by eighteen indicators in one batch, out of a real database."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from codes import uscc
from connectors import config
from connectors.catalogue import COLLECTIONS
from connectors.sources import Sources
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from resolvers.request import Hub
from resolvers.scores.reading import needs_of
from resolvers.scores.registry import Schemes
from tests.scoring.scored import SCHEMES
from tests.world import Asker, World, counting, empty_hub, hub_schema

SCHEME = SCHEMES["national-18-demo"]
CODES = [uscc.compose("91", "000000", f"MAX{number:05d}") for number in range(1000)]
NEEDS: Mapping[str, list[str]] = {
    need.collection.name: sorted(need.fields | ({need.collection.record_key or "as_of"} - {None}))
    for need in needs_of(SCHEME, COLLECTIONS)
}
TEXT = """query($codes: [USCC!]!) { enterprisesByUscc(usccs: $codes) {
    score(scheme: "national-18-demo", live: true) { total indicators { indicator { id } value points missing } } } }"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a table for each collection that the scheme needs, and the source that leads to it."""
    folder = tmp_path_factory.mktemp("many")
    lines = [
        '[sources.all]\nkind = "sql"\ntitle = "All"\nowner = "All"\nsharing = "UNCONDITIONAL"',
        f'timeout = 30\nurl = "sqlite+aiosqlite:///{folder}/all.sqlite"',
    ]
    with sqlite3.connect(folder / "all.sqlite") as database:
        for name, fields in NEEDS.items():
            database.execute(f"CREATE TABLE {name} (uscc TEXT, {', '.join(fields)})")
            lines.append(f'[sources.all.collections.{name}]\ntable = "{name}"\ncache = 0\nfields = {fields!r}')
        for year in (2021, 2022):
            rows = [(code, year, 1_000 * n * (year - 2019), 50 * n) for n, code in enumerate(CODES, 1)]
            database.executemany("INSERT INTO filings (uscc, year, revenue, rd_expense) VALUES (?, ?, ?, ?)", rows)
        rows_ = [(code, 2022, 10 + n % 90, n % 9) for n, code in enumerate(CODES)]
        database.executemany("INSERT INTO workforce_years (uscc, year, headcount, rd_staff) VALUES (?, ?, ?, ?)", rows_)
        database.executemany(
            "INSERT INTO registration (uscc, founded_on) VALUES (?, ?)", [(code, "2019-05-01") for code in CODES]
        )
    database.close()
    (folder / "sources.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_thousand_are_scored_in_one_batch(folder: Path, compiled: bool) -> None:
    counts: Counter[str] = Counter()
    opened = Sources(config.load(folder / "sources.toml"), kinds=counting(counts))
    hub = Hub(opened, empty_hub().directory, today=lambda: date(2023, 6, 30), schemes=Schemes([SCHEME]))
    ask = Asker(hub, Engine(hub_schema(), GRAPH, hub, compiled=compiled), counts, World(folder, {}, ""))
    reply = await ask(TEXT, {"codes": CODES})
    await opened.aclose()
    assert reply.errors == []
    scores = [firm["score"] for firm in reply.data["enterprisesByUscc"]]
    assert len(scores) == 1000
    assert {len(score["indicators"]) for score in scores} == {18}
    found = [{one["indicator"]["id"]: one for one in score["indicators"]} for score in scores]
    assert [one["rd_staff_share"]["value"] for one in found[:3]] == ["0", "9.0909090909", "16.6666666667"]
    assert {one["revenue_growth"]["value"] for one in found} == {"50"}
    assert {one["projects"]["value"] for one in found} == {"0"}
    assert len({score["total"] for score in scores}) > 3
    once = dict.fromkeys((f"all.{name}" for name in NEEDS), 1)
    assert reply.fetches == {**once, "all.registration": 2}, "the registry is also asked whether there are such"
