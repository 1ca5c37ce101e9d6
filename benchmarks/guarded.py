"""A hub over made-up enterprises in memory, with access rules, a bank's consents and the audit, asked in process."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp

from auth import rules
from auth.identity import demo
from auth.rules import Rulebook
from codes import uscc
from codes.access import DataGroup, Purpose
from connectors.config import parse
from connectors.sources import Sources
from resolvers.graph import GRAPH
from resolvers.synchronising import synchronise
from schema.graph import build_schema
from server import assemble
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
_GRANTEE = "icbc"
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


@dataclass(frozen=True)
class Hub:
    """A hub that is asked in process, over ASGI, by readers of the demo's issuer and by nobody in particular."""

    application: ASGIApp
    issuer: Path
    codes: list[str]

    def reader(self, name: str | None) -> list[tuple[bytes, bytes]]:
        """Return the headers of a reader: a fresh token of one of the demo's; none for an anonymous one."""
        headers = [(b"content-type", b"application/json")]
        if name is not None:
            token = demo.mint(self.issuer, name)
            headers += [(b"authorization", f"Bearer {token}".encode()), (b"hub-purpose", _PURPOSE.value.encode())]
        return headers

    async def ask(self, headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
        """Return the body of an answer."""
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/graphql",
            "raw_path": b"/graphql", "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }  # fmt: skip
        parts: list[bytes] = []
        coming = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> MutableMapping[str, Any]:
            if coming:
                return coming.pop()
            await asyncio.Event().wait()  # nobody leaves
            raise AssertionError

        async def send(message: MutableMapping[str, Any]) -> None:
            parts.append(message.get("body", b""))

        await self.application(scope, receive, send)
        return b"".join(parts)


@asynccontextmanager
async def guarded(folder: Path, store_url: str | None = None) -> AsyncIterator[Hub]:
    """Open a hub whose bank may see everything of everybody, by their consents; the store is SQLite if not given."""
    async with _opened(folder, store_url, rules.load()) as hub:
        yield hub


@asynccontextmanager
async def unguarded(folder: Path, store_url: str | None = None) -> AsyncIterator[Hub]:
    """Open the same hub without access rules, which records nothing."""
    async with _opened(folder, store_url, None) as hub:
        yield hub


def written(folder: Path) -> list[str]:
    """Write the sources' files into a folder; return the enterprises' codes."""
    data = records()
    for name, found in data.items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(found))
    return [record["uscc"] for record in data["registration"]]


async def prepare(folder: Path, store_url: str | None = None) -> None:
    """Write the sources' files; bring the store up to date, fill its directory, and give the consents."""
    codes = written(folder)
    settings = _settings(folder, store_url)

    async def filled(engine: AsyncEngine) -> None:
        await upgrade(engine)
        await synchronise(_sources(folder), Filling(engine), lambda _stage, _count: None)
        await _consent(engine, codes)

    await once(settings.store, filled)


def _settings(folder: Path, store_url: str | None) -> Settings:
    return Settings(
        data_dir=folder, store_url=store_url, cost_limit=_BOUNDLESS, rate_organisation=_BOUNDLESS,
        rate_address=_BOUNDLESS,
    )  # fmt: skip


def _sources(folder: Path) -> Sources:
    text = _SOURCE.format(folder=folder)
    for name, fields in _FIELDS.items():
        listed = ", ".join(f'{field} = "{field}"' for field in fields.split())
        text += f'\n[sources.register.collections.{name}]\nfile = "{name}.json"\nexact = true\n'
        text += f"fields = {{ {listed} }}\n"
    return Sources(parse(text, folder / "sources.toml"))


@asynccontextmanager
async def _opened(folder: Path, store_url: str | None, by: Rulebook | None) -> AsyncIterator[Hub]:
    settings = _settings(folder, store_url)
    demo.make_issuer(folder / "demo-issuer")
    application: Any = assemble(settings, _sources(folder), build_schema(), GRAPH, by)
    codes = [record["uscc"] for record in orjson.loads((folder / "registration.json").read_bytes())]
    async with application.router.lifespan_context(application):
        yield Hub(application, folder / "demo-issuer", codes)


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
