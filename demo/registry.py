"""The company registry: an SQLite database with current entities, their versions, annual reports and risk lists."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from demo.dirt import Dirt
from demo.population import WORLD_DAY, Enterprise, residents

_ENTITY = (
    "uscc TEXT, ent_name TEXT, ent_name_en TEXT, former_names TEXT, reg_status TEXT, legal_rep TEXT, reg_cap TEXT,"
    " est_date TEXT, dist_code TEXT, dom TEXT, industry_co TEXT, industry_text TEXT, updated_at TEXT, is_demo TEXT"
)
_SCHEMA = f"""
CREATE TABLE entity ({_ENTITY});
CREATE TABLE entity_history ({_ENTITY}, valid_from TEXT, valid_to TEXT);
CREATE TABLE annual_report (uscc TEXT, report_year INTEGER, asset_total TEXT, asset_total_pub TEXT, net_assets TEXT,
  net_assets_pub TEXT, liability TEXT, liability_pub TEXT);
CREATE TABLE risk_list (uscc TEXT, list_kind TEXT, reason TEXT, authority TEXT, put_on TEXT, taken_off TEXT);
"""
_INDEXES = """
CREATE INDEX entity_uscc ON entity (uscc);
CREATE INDEX entity_history_uscc ON entity_history (uscc);
CREATE INDEX annual_report_uscc ON annual_report (uscc);
CREATE INDEX risk_list_uscc ON risk_list (uscc);
"""
_RISKS = (
    ("1", "通过登记的住所或者经营场所无法联系"),
    ("1", "未依照规定公示年度报告"),
    ("3", "虚假宣传，罚款"),
    ("4", "欠缴增值税"),
)

Row = tuple[object, ...]


def make(folder: Path, population: list[Enterprise], seed: int) -> None:
    """Write registry.sqlite."""
    dirt = Dirt(Random(f"{seed}:registry"))
    rng = Random(f"{seed}:registry-events")
    database = sqlite3.connect(folder / "registry.sqlite")
    with database:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        entities = [row for enterprise in population for row in _entity_rows(enterprise, dirt)]
        _fill(database, "entity", 14, entities)
        _fill(database, "entity_history", 16, [row for e in population for row in _versions(e, dirt, rng)])
        _fill(database, "annual_report", 8, [row for e in residents(population) for row in _reports(e, dirt, rng)])
        _fill(database, "risk_list", 6, [row for e in population if e.synthetic for row in _risks(e, dirt, rng)])
        database.executescript(_INDEXES)
    database.close()


def _fill(database: sqlite3.Connection, table: str, columns: int, rows: list[Row]) -> None:
    database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})", rows)


def _entity_rows(enterprise: Enterprise, dirt: Dirt) -> Iterator[Row]:
    row = _entity(enterprise, dirt)
    yield row
    if enterprise.synthetic and dirt.chance(0.5):
        yield row
    if enterprise.synthetic and dirt.chance(0.2):
        yield (dirt.masked(enterprise.uscc), *row[1:])


def _entity(e: Enterprise, dirt: Dirt) -> Row:
    text_only = e.synthetic and dirt.chance(2)
    status = "待核实" if e.synthetic and dirt.chance(0.2) else e.status
    return (
        dirt.code(e.uscc) if e.synthetic else e.uscc,
        e.name,
        e.name_en,
        ";".join(e.former_names),
        status,
        e.representative,
        dirt.amount(e.capital) if e.synthetic else None,
        dirt.day(e.founded) if e.synthetic else e.founded_text,
        e.district,
        e.address,
        "" if text_only else e.industry_code,
        e.industry_text,
        WORLD_DAY.isoformat() + "T00:00:00+08:00",
        "1" if e.synthetic else "0",
    )


def _versions(e: Enterprise, dirt: Dirt, rng: Random) -> Iterator[Row]:
    """Versions of an enterprise; one in ten has changed its name, capital or address since it was founded."""
    current = (e.uscc, *_entity(e, dirt)[1:])
    first = e.founded or date(2018, 1, 1)
    days = (WORLD_DAY - first).days
    if e.synthetic and days > 800 and rng.random() < 0.1:
        changed = first + timedelta(days=rng.randrange(400, days - 100))
        before = list(current)
        before[1] = e.former_names[0] if e.former_names else e.name.replace("有限公司", "实业有限公司")
        before[3] = ""
        before[6] = f"{(e.capital or 0) / 20_000:.4f}"
        before[9] = f"{e.address}旧址"
        yield (*before, first.isoformat(), changed.isoformat())
        first = changed
    yield (*current, first.isoformat() if e.synthetic else "1900-01-01", "9999-9-9")


def _reports(e: Enterprise, dirt: Dirt, rng: Random) -> Iterator[Row]:
    assets = int(e.revenue * rng.uniform(0.8, 2.5))
    for year in (2020, 2021, 2022):
        if e.founded and e.founded.year > year:
            continue
        assets = int(assets * rng.uniform(0.95, 1.3))
        liabilities = int(assets * rng.uniform(0.1, 0.8))
        public = ["1" if rng.random() < 0.6 else "2" for _ in range(3)]
        amounts = (assets, assets - liabilities, liabilities)
        yield (
            dirt.code(e.uscc), year,
            *(value for amount, flag in zip(amounts, public, strict=True) for value in (dirt.amount(amount), flag)),
        )  # fmt: skip


def _risks(e: Enterprise, dirt: Dirt, rng: Random) -> Iterator[Row]:
    if rng.random() < 0.03:
        kind, reason = rng.choice(_RISKS)
        since = WORLD_DAY - timedelta(days=rng.randrange(30, 1500))
        lifted = since + timedelta(days=rng.randrange(20, 400)) if rng.random() < 0.5 else None
        until = lifted.isoformat() if lifted and lifted < WORLD_DAY else "9999-9-9"
        yield (dirt.code(e.uscc), kind, reason, "市场监督管理局", since.isoformat(), until)
