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
from demo.figures import Business
from demo.population import WORLD_DAY
from demo.serving import Records, refusal, write_records

FILE = "ip_office.sqlite"
API_KEY = "demo-ip-office"
MOST_IDS = 100

_TOPICS = ("一种图像识别方法", "一种检测装置", "一种制备方法", "一种控制系统", "一种数据处理方法", "一种封装结构")


def make(folder: Path, businesses: list[Business], seed: int) -> None:
    """Write the office's records."""
    dirt = Dirt(Random(f"{seed}:ip"))
    rng = Random(f"{seed}:ip-patents")
    known = [b for b in businesses if not (b.enterprise.synthetic and dirt.chance(2))]
    patents = {b.enterprise.uscc: list(_patents(b, dirt, rng)) for b in known}
    write_records(
        folder / FILE,
        {
            "patents": patents.items(),
            "summary": ((code, _summary(code, found, rng)) for code, found in patents.items()),
            "applications": ((b.enterprise.uscc, _applications(b, patents)) for b in known),
            "trademarks": ((b.enterprise.uscc, _trademarks(b)) for b in known if b.trademarks),
        },
    )


def create_app(folder: Path) -> Starlette:
    """Return the office's service."""
    records = Records(folder / FILE)

    def ids_of(request: Request) -> list[str] | JSONResponse:
        if request.headers.get("x-api-key") != API_KEY:
            return refusal(401, "X-Api-Key is missing or wrong")
        ids = [code for code in request.query_params.get("ids", "").split(",") if code]
        return refusal(400, f"at most {MOST_IDS} ids") if len(ids) > MOST_IDS else ids

    def numbers(request: Request) -> JSONResponse:
        ids = ids_of(request)
        if isinstance(ids, JSONResponse):
            return ids
        found = records.get(request.url.path.rpartition("/")[2], ids)
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

    tables = ("summary", "applications", "trademarks")
    return Starlette(routes=[Route("/v2/patents", patents), *(Route(f"/v2/{table}", numbers) for table in tables)])


def _patents(b: Business, dirt: Dirt, rng: Random) -> Iterator[dict[str, Any]]:
    for number in range(b.inventions + b.other_patents):
        kind = "发明" if number < b.inventions else "实用新型" if rng.random() < 0.7 else "外观设计"
        filed = WORLD_DAY - timedelta(days=rng.randrange(60, 2500))
        granted = filed + timedelta(days=rng.randrange(200, 1000))
        state = "已授权" if granted < WORLD_DAY else "审中"
        state = "失效" if dirt.chance(4) else "驳回" if dirt.chance(3) else state
        core = rng.random() < 0.6
        yield {
            "owner": b.enterprise.uscc,
            "no": f"CN{filed.year}{rng.randrange(10**8):08d}.{rng.randrange(10)}",
            "title": f"{rng.choice(_TOPICS)}（演示）",
            "type": kind,
            "state": state,
            "filed": dirt.day(filed),
            "granted": granted.isoformat() if state == "已授权" else None,
            "core": core,
            "high": core and kind == "发明" and rng.random() < 0.2,
            "own": rng.random() < 0.8,
        }


def _summary(code: str, patents: list[dict[str, Any]], rng: Random) -> dict[str, Any]:
    def granted(kind: str) -> int:
        return sum(p["type"] == kind and p["state"] == "已授权" for p in patents)

    return {
        "owner": code,
        "inv_granted": granted("发明"),
        "um": granted("实用新型"),
        "design": granted("外观设计"),
        "updated": date(2023, 6, rng.randrange(1, 30)).isoformat(),
    }


def _applications(b: Business, patents: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    applied = sum(patent["type"] == "发明" for patent in patents[b.enterprise.uscc])
    return {"owner": b.enterprise.uscc, "inv_applied": applied, "pct": b.pct}


def _trademarks(b: Business) -> dict[str, Any]:
    return {"owner": b.enterprise.uscc, "tm": b.trademarks}
