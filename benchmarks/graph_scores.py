"""How fast the hub's own graph answers scores: `python -m benchmarks.graph_scores`, beside graph-core over the same.

The question is the workload's Q3 as far as the hub has its parts: enterprises with what the registry says, the score
with eighteen indicators, finished by a source or computed live, and with it technology managers suggested for each, and
the policies. Sources are in memory; times are CPU time.
"""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
import time
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from random import Random
from tempfile import TemporaryDirectory
from typing import Annotated, Any, cast

import orjson
import structlog
import typer

import collector
from codes import uscc
from connectors.config import parse
from connectors.sources import Sources
from resolvers.execution.engine import Engine
from resolvers.execution.operation import Operation
from resolvers.graph import GRAPH
from resolvers.request import Hub
from resolvers.scores.reading import needs_of
from resolvers.scores.registry import Schemes
from schema.graph import build_schema
from scoring.loading import SHIPPED, load
from store.directory import Directory

RESULTS = Path(__file__).parent / "results"
SIZES = (1, 100, 1000)
ROUNDS = 9
_SCHEME = load(SHIPPED / "national-18-demo.toml")
_REGISTRY = ("name", "name_en", "district_code", "industry_code", "registered_capital", "founded_on", "status")
_TEXT = """query($usccs: [USCC!]!) { enterprisesByUscc(usccs: $usccs) {
    uscc name nameEn district { code } industry { code } registeredCapital foundedOn status
    score%s { total stage { id } indicators { indicator { id } value points } } %s } %s }"""
_LIVE = '(scheme: "national-18-demo", live: true)'
_MANAGERS = "technologyManagers(first: 3) { manager { id name institution } reasons { kind } }"
_POLICIES = "policies(first: 20) { nodes { id title issuer validTo } }"
QUESTIONS: Mapping[str, str] = {
    "finished": _TEXT % ("", "", ""),
    "live": _TEXT % (_LIVE, "", ""),
    "finished, with managers and policies": _TEXT % ("", _MANAGERS, _POLICIES),
}
Times = dict[tuple[str, int], dict[str, float]]


def main(
    write: Annotated[bool, typer.Option("--write", help="Keep the results in benchmarks/results/.")] = False,
) -> None:
    """Measure, print, and keep the results if that is wanted."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    text = _report(asyncio.run(measured()))
    print(text)
    if write:
        (RESULTS / f"{version('innograph')}-graph-scores.md").write_text(text, encoding="utf-8")


async def measured() -> Times:
    """Return the median time of each question by size, of the engine and of graphql-core."""
    codes = [uscc.compose("91", "000000", f"MAX{number:05d}") for number in range(max(SIZES))]
    with TemporaryDirectory() as name:
        opened = _sources(Path(name), codes)
        hub = Hub(opened, cast("Directory", None), today=lambda: date(2023, 6, 30), schemes=Schemes([_SCHEME]))
        engines = {
            "graphql-core": Engine(build_schema(), GRAPH, hub, compiled=False),
            "innograph": Engine(build_schema(), GRAPH, hub),
        }
        collector.settle()
        found: Times = {}
        for question, text in QUESTIONS.items():
            for size in SIZES:
                found[question, size] = await _compared(engines, text, codes[:size])
        await opened.aclose()
        return found


async def _compared(engines: Mapping[str, Engine], text: str, codes: list[str]) -> dict[str, float]:
    answers = [orjson.loads(await _answer(engine, text, codes)) for engine in engines.values()]
    assert "errors" not in answers[0], answers[0]["errors"][:1]
    assert answers[0]["data"] == answers[1]["data"], "the two ways differ"
    times: dict[str, list[float]] = {name: [] for name in engines}
    for number in range(ROUNDS):
        order = list(engines.items())
        for name, engine in order if number % 2 else order[::-1]:
            begun = time.process_time()
            await _answer(engine, text, codes)
            times[name].append((time.process_time() - begun) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


async def _answer(engine: Engine, text: str, codes: list[str]) -> bytes:
    return (await engine.answer(Operation(text, {"usccs": codes}, None, {}, {}, read_only=False))).body


def _sources(folder: Path, codes: list[str]) -> Sources:
    chance = Random(1)
    collections: dict[str, tuple[list[str], list[dict[str, Any]]]] = {}
    for need in needs_of(_SCHEME, GRAPH.catalogue):
        name, key = need.collection.name, need.collection.record_key
        more = _REGISTRY if name == "registration" else (key,) if key else ()
        collections[name] = (sorted({*need.fields, *more}), [])
    collections["scores"] = (["id", "scheme", "version", "period", "stage", "total", "indicators"], [])
    for number, code in enumerate(codes):
        for name, (_, records) in collections.items():
            records += ({"uscc": code, **record} for record in _records(name, number, chance))
    _add_offers(collections, chance)
    lines = [
        '[sources.all]\nkind = "files"\nfolder = "."\ntitle = "All"\nowner = "benchmark"\nsharing = "UNCONDITIONAL"'
    ]
    for name, (fields, records) in collections.items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(records))
        key = GRAPH.catalogue[name].key
        lines.append(f'[sources.all.collections.{name}]\nfile = "{name}.json"\nkey = "{key}"\ncache = 0')
        lines.append(f"fields = {fields!r}")
    return Sources(parse("\n".join(lines), folder / "sources.toml"))


def _add_offers(collections: dict[str, tuple[list[str], list[dict[str, Any]]]], chance: Random) -> None:
    """Add managers with specialities of several industries, and policies."""
    people = [
        {"id": f"M{number}", "name": f"合成经理{number}", "institution": f"合成机构{number}",
         "specialities": [chance.choice(("集成电路", "生物医药", "新材料", "新能源"))], "region": "湖北"}
        for number in range(138)
    ]  # fmt: skip
    papers = [
        {"id": f"P{number}", "title": f"合成政策{number}", "issuer": "合成部门", "valid_to": "2030-01-01"}
        for number in range(20)
    ]
    collections["technology_managers"] = (["name", "institution", "specialities", "region"], people)
    collections["policies"] = (["title", "issuer", "valid_to"], papers)


def _records(name: str, number: int, chance: Random) -> list[dict[str, Any]]:
    """Return an enterprise's records of a collection; of most it has some, as in life."""
    match name:
        case "registration":
            return [{
                "name": f"合成第{number:05d}号有限公司", "name_en": f"Synthetic {number:05d}",
                "district_code": "420111", "industry_code": "C3921", "status": "ACTIVE",
                "registered_capital": chance.randrange(10**6, 10**8),
                "founded_on": f"{chance.randrange(2000, 2022)}-05-01",
            }]  # fmt: skip
        case "filings":
            return [
                {"year": year, "revenue": chance.randrange(10**6, 10**9), "rd_expense": chance.randrange(10**5, 10**7),
                 "high_tech_revenue": chance.randrange(10**6), "profit": chance.randrange(10**6),
                 "net_assets": chance.randrange(10**6), "total_assets": chance.randrange(10**6, 10**9)}
                for year in (2020, 2021, 2022)
            ]  # fmt: skip
        case "workforce_years":
            staff = {"headcount": 50 + number % 90, "rd_staff": number % 40, "graduates_hired": 3}
            return [{"year": year, **staff} for year in (2021, 2022)]
        case "intellectual_property":
            return [{"invention_applications": number % 30, "pct_applications": number % 3}]
        case "scores":
            indicators = [
                {"id": one.names.id, "value": f"{chance.uniform(0, 1000):.3f}", "points": f"{chance.uniform(0, 9):.2f}"}
                for one in _SCHEME.indicators
            ]
            about = {"id": "a", "scheme": _SCHEME.id, "version": _SCHEME.version, "period": "2022", "stage": "growth"}
            return [{**about, "total": f"{chance.uniform(0, 100):.2f}", "indicators": indicators}]
        case _:
            return []


def _report(times: Times) -> str:
    lines = [
        f"# innograph {version('innograph')}, Python {python_version()}: scores in the graph",
        "",
        "CPU per request in process, encoding included, sources in memory; medians of "
        f"{ROUNDS} interleaved rounds; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores meanwhile. Each "
        "enterprise with nine values and a score with eighteen indicators; managers are three for each.",
        "",
        "| score | enterprises | graphql-core, ms | innograph, ms | ratio |",
        "|---|---|---|---|---|",
    ]
    for (question, size), found in times.items():
        core, ours = found["graphql-core"], found["innograph"]
        lines.append(f"| {question} | {size:,} | {core:.2f} | {ours:.2f} | {core / ours:.1f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    typer.run(main)
