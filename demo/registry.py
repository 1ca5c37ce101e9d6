"""Market regulation: an SQLite database with entities and their versions, annual reports, capital, lists, pledges."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from demo.dirt import Dirt
from demo.events import Entry, between, entries, rounds
from demo.figures import Business
from demo.population import WORLD_DAY, Enterprise
from demo.writing import Row, database

FILE = "registry.sqlite"

_ENTITY = (
    "uscc TEXT, ent_name TEXT, ent_name_en TEXT, former_names TEXT, reg_status TEXT, legal_rep TEXT, reg_cap TEXT,"
    " est_date TEXT, dist_code TEXT, dom TEXT, industry_co TEXT, industry_text TEXT, updated_at TEXT, is_demo TEXT"
)
_REPORT = (
    "uscc TEXT, report_year INTEGER, asset_total TEXT, asset_total_pub TEXT, net_assets TEXT, net_assets_pub TEXT,"
    " liability TEXT, liability_pub TEXT"
)
_LISTED = "uscc TEXT, doc_no TEXT, reason TEXT, authority TEXT, put_on TEXT, taken_off TEXT"


def make(folder: Path, population: list[Enterprise], businesses: list[Business], seed: int) -> None:
    """Write registry.sqlite."""
    dirt = Dirt(Random(f"{seed}:registry"))
    rng = Random(f"{seed}:registry-events")
    with database(folder / FILE) as tables:
        tables.write("entity", _ENTITY, (row for e in population for row in _entity_rows(e, dirt)), "uscc")
        versions = f"{_ENTITY}, valid_from TEXT, valid_to TEXT"
        tables.write("entity_history", versions, (row for e in population for row in _versions(e, dirt, rng)), "uscc")
        tables.write("annual_report", _REPORT, (row for b in businesses for row in _reports(b, dirt, rng)), "uscc")
        capital = ((_code(b, dirt), _amount(b, b.subscribed, dirt), _amount(b, b.paid_in, dirt)) for b in businesses)
        tables.write("capital", "uscc TEXT, rjcze TEXT, sjcze TEXT", capital, "uscc")
        pledges = (row for b in businesses for row in _pledges(b, dirt, rng))
        tables.write(
            "ip_pledge",
            "uscc TEXT, reg_no TEXT, pledgee TEXT, debt TEXT, reg_date TEXT, cancelled TEXT",
            pledges,
            "uscc",
        )
        changes = (row for b in businesses for row in _equity_changes(b, seed, dirt))
        tables.write("equity_change", "uscc TEXT, round TEXT, amount TEXT, changed TEXT, paid TEXT", changes, "uscc")
        standards = (row for b in businesses for row in _standards(b, dirt, rng))
        tables.write(
            "standard", "uscc TEXT, std_no TEXT, title TEXT, level TEXT, part TEXT, year INTEGER", standards, "uscc"
        )
        for name in ("abnormal", "serious", "penalty"):
            listed = (_entry(entry, dirt) for entry in entries(name, population, seed))
            tables.write(f"{name}_list", _LISTED, listed, "uscc")


def _code(b: Business, dirt: Dirt) -> str:
    return dirt.code(b.enterprise.uscc) if b.enterprise.synthetic else b.enterprise.uscc


def _amount(b: Business, yuan: int, dirt: Dirt) -> str:
    return dirt.amount(yuan) if b.enterprise.synthetic else f"{yuan / 10_000:.4f}"


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


def _reports(b: Business, dirt: Dirt, rng: Random) -> Iterator[Row]:
    for year in b.years[-3:]:
        otherwise = 0.1 if b.enterprise.synthetic else 0
        public = ["2" if b.publishes is (rng.random() < otherwise) else "1" for _ in range(3)]
        amounts = (year.assets, year.assets - year.liabilities, year.liabilities)
        shown = zip(amounts, public, strict=True)
        yield (
            _code(b, dirt), year.year, *(value for amount, flag in shown for value in (_amount(b, amount, dirt), flag)),
        )  # fmt: skip


def _pledges(b: Business, dirt: Dirt, rng: Random) -> Iterator[Row]:
    for _ in range(b.pledges):
        day = between(rng, b.enterprise, 30, 1200)
        released = (day + timedelta(days=365)).isoformat() if rng.random() < 0.4 else ""
        debt = _amount(b, rng.randrange(50, 1000) * 10_000, dirt)
        number = f"Y{day.year}DEMO{rng.randrange(10**6):06d}"
        yield _code(b, dirt), number, "演示银行", debt, dirt.day(day), released


_STANDARDS = (("国家标准", "GB/T"), ("行业标准", "YY/T"), ("国际标准", "ISO"))
_LESSER_STANDARDS = (("团体标准", "T/DEMO"), ("地方标准", "DB42/T"), ("企业标准", "Q/DEMO"))


def _standards(b: Business, dirt: Dirt, rng: Random) -> Iterator[Row]:
    drafted = [rng.choices(_STANDARDS, (3, 4, 1))[0] for _ in range(b.standards)]
    for level, prefix in [*drafted, *([rng.choice(_LESSER_STANDARDS)] if rng.random() < 0.05 else [])]:
        year, part = rng.randrange(2018, 2023), "主导" if rng.random() < 0.3 else "参与"
        number = f"{prefix} 演示{rng.randrange(10**5):05d}-{year}"
        yield _code(b, dirt), number, f"{b.enterprise.industry_text or '智能医疗'}技术要求（演示）", level, part, year


def _entry(entry: Entry, dirt: Dirt) -> Row:
    until = entry.until.isoformat() if entry.until else "9999-9-9"
    code = dirt.code(entry.enterprise.uscc)
    return code, entry.number, entry.reason, "市场监督管理局", entry.since.isoformat(), until


def _equity_changes(b: Business, seed: int, dirt: Dirt) -> Iterator[Row]:
    """Increases of capital in the course of a round; one in ten is not registered yet."""
    for found in rounds(b, seed):
        if not dirt.chance(10):
            paid = "已实缴" if found.paid_in else "未实缴"
            yield _code(b, dirt), found.name, _amount(b, found.amount, dirt), dirt.day(found.announced_on), paid
