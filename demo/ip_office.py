"""The intellectual-property office: REST, a comma list of at most a hundred codes, an API key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from demo.dirt import Dirt
from demo.population import WORLD_DAY, Enterprise, chujingling, residents
from demo.serving import Records, refusal, write_records

FILE = "ip_office.sqlite"
API_KEY = "demo-ip-office"
MOST_IDS = 100

_KINDS = ("发明", "发明", "实用新型", "实用新型", "外观设计")
_TOPICS = ("一种图像识别方法", "一种检测装置", "一种制备方法", "一种控制系统", "一种数据处理方法", "一种封装结构")


def make(folder: Path, population: list[Enterprise], seed: int) -> None:
    """Write the office's records."""
    dirt = Dirt(Random(f"{seed}:ip"))
    rng = Random(f"{seed}:ip-patents")
    patents = {e.uscc: list(_patents(e, dirt, rng)) for e in residents(population) if not dirt.chance(2)}
    summaries = [(code, _summary(code, found, rng)) for code, found in patents.items()]
    write_records(folder / FILE, {"summary": summaries, "patents": patents.items()})


def create_app(folder: Path) -> Starlette:
    """Return the office's service."""
    records = Records(folder / FILE)

    def ids_of(request: Request) -> list[str] | JSONResponse:
        if request.headers.get("x-api-key") != API_KEY:
            return refusal(401, "X-Api-Key is missing or wrong")
        ids = [code for code in request.query_params.get("ids", "").split(",") if code]
        return refusal(400, f"at most {MOST_IDS} ids") if len(ids) > MOST_IDS else ids

    def summary(request: Request) -> JSONResponse:
        ids = ids_of(request)
        if isinstance(ids, JSONResponse):
            return ids
        found = records.get("summary", ids)
        wanted = request.query_params.get("fields")
        if wanted:
            found = [{name: document.get(name) for name in wanted.split(",")} for document in found]
        return JSONResponse({"meta": {"count": len(found)}, "data": found})

    def patents(request: Request) -> JSONResponse:
        ids = ids_of(request)
        if isinstance(ids, JSONResponse):
            return ids
        found = [patent for patents in records.get("patents", ids) for patent in patents]
        return JSONResponse({"meta": {"count": len(found)}, "data": found})

    return Starlette(routes=[Route("/v2/summary", summary), Route("/v2/patents", patents)])


def _patents(e: Enterprise, dirt: Dirt, rng: Random) -> Iterator[dict[str, Any]]:
    count = 34 if e.uscc == chujingling().uscc else min(60, int(rng.lognormvariate(1.3, 1.0)))
    for _ in range(count):
        kind = rng.choice(_KINDS)
        filed = WORLD_DAY - timedelta(days=rng.randrange(60, 2500))
        granted = filed + timedelta(days=rng.randrange(200, 1000))
        state = "已授权" if granted < WORLD_DAY else "审中"
        state = "失效" if dirt.chance(4) else "驳回" if dirt.chance(3) else state
        yield {
            "owner": e.uscc,
            "no": f"CN{filed.year}{rng.randrange(10**8):08d}.{rng.randrange(10)}",
            "title": f"{rng.choice(_TOPICS)}（演示）",
            "type": kind,
            "state": state,
            "filed": dirt.day(filed),
            "granted": granted.isoformat() if state == "已授权" else None,
            "core": rng.random() < 0.6,
        }


def _summary(code: str, patents: list[dict[str, Any]], rng: Random) -> dict[str, Any]:
    def count(kind: str, state: str | None = None) -> int:
        return sum(p["type"] == kind and (state is None or p["state"] == state) for p in patents)

    return {
        "owner": code,
        "inv_granted": count("发明", "已授权"),
        "inv_applied": count("发明"),
        "pct": int(rng.random() < 0.1) * rng.randrange(1, 5),
        "um": count("实用新型", "已授权"),
        "design": count("外观设计", "已授权"),
        "soft": rng.randrange(0, 25),
        "tm": rng.randrange(0, 12),
        "updated": date(2023, 6, rng.randrange(1, 30)).isoformat(),
    }
