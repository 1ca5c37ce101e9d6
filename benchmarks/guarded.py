"""A hub over made-up enterprises in memory, with access rules, a bank's consents and the audit.

`python -m benchmarks.guarded PORT` serves it, once `prepare` has made what it needs in DATA and STORE; with RULES=0
without access rules, so that nothing is recorded.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from auth import rules
from auth.identity import demo
from codes import uscc
from codes.access import DataGroup, Purpose
from connectors.config import parse
from connectors.sources import Sources
from resolvers.graph import GRAPH
from resolvers.synchronising import synchronise
from schema.graph import build_schema
from server import assemble
from serving import serve
from settings import Settings
from store.consents import fresh_id
from store.engine import once
from store.filling import Filling
from store.tables import consent, consent_grantee
from store.upgrade import upgrade

ENTERPRISES = 5000
PEOPLE, YEARS = 18, 5
"""How many talents and awards an enterprise has, and years of taxes and of environmental credit."""
BANK, AUDITOR = "bank-icbc", "auditor"
_GRANTEE, _ISSUER = "icbc", "demo-issuer"
_PURPOSE = Purpose.MONITORING
_AGREED = (DataGroup.FILINGS, DataGroup.WORKFORCE, DataGroup.CONTRACTS)
_BOUNDLESS = 10**9
_SOURCE = """
[sources.register]
kind = "files"
folder = "{folder}"
title = "Register"
owner = "benchmark"
sharing = "UNCONDITIONAL"
synthetic = true
"""
_FIELDS: Mapping[str, str] = {
    "registration": "name name_en status status_text founded_on address industry_text",
    "workforce": "period headcount rd_staff postgraduates graduates_hired",
    "intellectual_property": "inventions_granted utility_models designs software_copyrights trademarks",
    "technology_contracts": "year contracts turnover",
    "investments": "round amount announced_on",
    "talents": "certificate_number title level year",
    "awards": "name level year",
    "tax_payments": "year paid",
    "environmental_credit": "year grade",
}

Data = Mapping[str, list[dict[str, Any]]]


def records(count: int = ENTERPRISES, seed: int = 1) -> Data:
    """Return synthetic records of the collections; what is public is of the size of what is not."""
    chance = random.Random(seed)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in _FIELDS}

    def put(collection: str, *values: Any) -> None:
        found[collection].append(dict(zip(("uscc", *_FIELDS[collection].split()), values, strict=True)))

    def amount() -> str:
        return str(chance.randrange(10**5, 10**9))

    for number in range(count):
        code = uscc.compose("91", "420100", f"MAX{number:05d}")
        name = f"合成{chance.choice('甲乙丙丁')}第{number:05d}号有限公司"
        founded = f"{chance.randint(1985, 2024)}-{chance.randint(1, 12):02d}-01"
        status = chance.choice(("ACTIVE", "CANCELLED"))
        english = f"Synthetic {number:05d} Technology Co., Ltd."
        put("registration", code, name, english, status, "存续", founded, f"合成路{number}号", "软件和信息技术服务业")
        put("workforce", code, "202306", *(chance.randrange(1000) for _ in range(4)))
        put("intellectual_property", code, *(chance.randrange(1000) for _ in range(5)))
        put("technology_contracts", code, 2023, chance.randrange(100), amount())
        put("investments", code, "A", amount(), founded)
        for one in range(PEOPLE):
            put("talents", code, f"T{one}", "合成高级工程师", "PROVINCIAL", 2000 + one)
            put("awards", code, f"合成科学技术奖{one}", "PROVINCIAL", 2000 + one)
        for year in range(2023, 2023 - YEARS, -1):
            put("tax_payments", code, year, amount())
            put("environmental_credit", code, year, chance.choice(("GREEN", "BLUE")))
    return found


def reader(folder: Path, name: str | None) -> Mapping[str, str]:
    """Return what a reader sends in its headers: a fresh token of one of the demo's; nothing for an anonymous one."""
    if name is None:
        return {}
    return {"Authorization": f"Bearer {demo.mint(folder / _ISSUER, name)}", "Hub-Purpose": _PURPOSE.value}


def written(folder: Path) -> list[str]:
    """Write the sources' files into a folder; return the enterprises' codes."""
    data = records()
    for name, found in data.items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(found))
    return [record["uscc"] for record in data["registration"]]


async def prepare(folder: Path, store_url: str | None) -> list[str]:
    """Write the sources' files; bring the store up to date, fill its directory, and give the consents.

    Return the enterprises' codes.
    """
    demo.make_issuer(folder / _ISSUER)
    codes = written(folder)
    settings = _settings(folder, store_url)

    async def filled(engine: AsyncEngine) -> None:
        await upgrade(engine)
        await synchronise(_sources(folder), Filling(engine), lambda _stage, _count: None)
        await _consent(engine, codes)

    await once(settings.store, filled)
    return codes


def _settings(folder: Path, store_url: str | None, port: int = 0) -> Settings:
    return Settings(
        data_dir=folder, port=port, store_url=store_url, cost_limit=_BOUNDLESS, rate_organisation=_BOUNDLESS,
        rate_address=_BOUNDLESS,
    )  # fmt: skip


def _sources(folder: Path) -> Sources:
    text = _SOURCE.format(folder=folder)
    for name, fields in _FIELDS.items():
        listed = ", ".join(f'{field} = "{field}"' for field in fields.split())
        text += f'\n[sources.register.collections.{name}]\nfile = "{name}.json"\nexact = true\n'
        text += f"fields = {{ {listed} }}\n"
    return Sources(parse(text, folder / "sources.toml"))


async def _consent(engine: AsyncEngine, codes: list[str]) -> None:
    """Let the bank see what it needs of every enterprise."""
    agreed = {
        "grantee": _GRANTEE, "groups": ",".join(group.value for group in _AGREED), "purposes": _PURPOSE.value,
        "first_day": date.today() - timedelta(1), "last_day": date.today() + timedelta(90), "granted_by": "benchmark",
        "granted_at": datetime.now(UTC),
    }  # fmt: skip
    rows = [{"id": fresh_id(), "uscc": code, "change": change, **agreed} for change, code in enumerate(codes, 1)]
    async with engine.begin() as connection:
        await connection.execute(insert(consent), rows)
        await connection.execute(insert(consent_grantee).values(grantee=_GRANTEE, change=len(rows)))


def main() -> None:
    """Serve until told to stop."""
    folder = Path(os.environ["DATA"])
    settings = _settings(folder, os.environ["STORE"] or None, int(sys.argv[1]))
    by = rules.load() if os.environ["RULES"] == "1" else None
    serve(assemble(settings, _sources(folder), build_schema(), GRAPH, by), settings)


if __name__ == "__main__":
    main()
