"""The data bureau's exchange: REST with user and password; water and gas aligned to the keys, evaluations in pages."""

from __future__ import annotations

import base64
from pathlib import Path
from random import Random
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from demo.figures import YEARS, Business
from demo.serving import Records, refusal, write_records

FILE = "city_data.sqlite"
USER = "innograph"
PASSWORD = "demo-city-data"

_GRADES = ((90, "优秀"), (75, "良好"), (60, "一般"), (0, "较差"))


def make(folder: Path, businesses: list[Business], seed: int) -> None:
    """Write water and gas of those who have meters of their own, and the evaluations."""
    rng = Random(f"{seed}:city-data")
    metered = [b for b in businesses if not b.enterprise.synthetic or rng.random() < 0.8]
    write_records(
        folder / FILE,
        {
            "utilities": ((b.enterprise.uscc, _utilities(b)) for b in metered),
            "evaluations": ((b.enterprise.uscc, _evaluation(b)) for b in businesses if b.years),
        },
    )


def create_app(folder: Path) -> Starlette:
    """Return the service."""
    records = Records(folder / FILE)
    expected = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"

    async def utilities(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != expected:
            return refusal(401, "user or password is wrong")
        codes = (await request.json())["codes"]
        found = {document["code"]: document["years"] for document in records.get("utilities", codes)}
        return JSONResponse({"entries": [found.get(code) for code in codes]})

    def evaluations(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != expected:
            return refusal(401, "user or password is wrong")
        if codes := request.query_params.getlist("code"):
            return JSONResponse({"items": records.get("evaluations", codes)})
        page, size = int(request.query_params.get("page", "1")), int(request.query_params.get("size", "500"))
        items, total = records.page("evaluations", (page - 1) * size, size)
        return JSONResponse({"items": items, "total": total})

    return Starlette(routes=[Route("/utilities", utilities, methods=["POST"]), Route("/evaluations", evaluations)])


def _utilities(b: Business) -> dict[str, Any]:
    years = [{"year": year.year, "water_gas": year.utilities} for year in b.years]
    return {"code": b.enterprise.uscc, "years": years}


def _evaluation(b: Business) -> dict[str, Any]:
    grade = next(word for least, word in _GRADES if b.credit_score >= least)
    return {"code": b.enterprise.uscc, "year": YEARS[-1], "score": b.credit_score, "grade": grade}
