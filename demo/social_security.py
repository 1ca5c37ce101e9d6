"""Social security: REST, keyed by organisation code with its hyphen, a bearer token; one request a unit, or a list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from codes import uscc
from demo.figures import Business, Year
from demo.serving import Records, refusal, write_records

FILE = "social_security.sqlite"
TOKEN = "demo-social-security"
PERIOD = "202212"
"""The month that is settled: the last one of the year before."""

_TALENTS = (("国家级", "演示国家级领军人才"), ("省级", "演示省级创新人才"))
_OF_THE_CITY = ("市级", "演示市级青年人才")


def make(folder: Path, businesses: list[Business], seed: int) -> None:
    """Write the insured units, who their people are, and the titles that some of them hold."""
    rng = Random(f"{seed}:social")
    insured = [b for b in businesses if b.years and (not b.enterprise.synthetic or rng.random() < 0.95)]
    write_records(
        folder / FILE,
        {
            "units": ((_code(b), _unit(b)) for b in insured),
            "persons": ((_code(b), [_persons(b)]) for b in insured),
            "unit_years": ((_code(b), [_unit_year(b, year) for year in b.years]) for b in insured),
            "person_years": ((_code(b), [_person_year(b, year) for year in b.years]) for b in insured),
            "talents": ((_code(b), found) for b in insured if (found := list(_talents(b, rng)))),
        },
    )


def create_app(folder: Path) -> Starlette:
    """Return the service."""
    records = Records(folder / FILE)

    def allowed(request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {TOKEN}"

    def unit(request: Request) -> JSONResponse:
        if not allowed(request):
            return refusal(401, "the bearer token is missing or wrong")
        found = records.get("units", [request.path_params["code"]])
        return JSONResponse({"unit": found[0]}) if found else refusal(404, "no such unit")

    def unit_years(request: Request) -> JSONResponse:
        if not allowed(request):
            return refusal(401, "the bearer token is missing or wrong")
        found = records.get("unit_years", [request.path_params["code"]])
        return JSONResponse({"years": found[0]}) if found else refusal(404, "no such unit")

    async def listed(request: Request) -> JSONResponse:
        if not allowed(request):
            return refusal(401, "the bearer token is missing or wrong")
        table = request.url.path.strip("/")
        found = records.get(table, (await request.json())["units"])
        return JSONResponse({table: [row for rows in found for row in rows]})

    return Starlette(
        routes=[
            Route("/units/{code}", unit),
            Route("/units/{code}/years", unit_years),
            *(Route(f"/{table}", listed, methods=["POST"]) for table in ("persons", "person_years", "talents")),
        ]
    )


def _code(b: Business) -> str:
    return uscc.organisation_code(b.enterprise.uscc)


def _unit(b: Business) -> dict[str, Any]:
    return {"org_code": _code(b), "period": PERIOD, "insured": {"total": b.years[-1].staff}}


def _persons(b: Business) -> dict[str, Any]:
    return {
        "org_code": _code(b),
        "period": PERIOD,
        "staff": {"rd": b.rd_staff, "master_up": b.postgraduates},
        "new_graduates": b.graduates,
    }


def _unit_year(b: Business, year: Year) -> dict[str, Any]:
    return {"org_code": _code(b), "year": year.year, "insured": {"total": year.staff}}


def _person_year(b: Business, year: Year) -> dict[str, Any]:
    """Who was insured at the end of a year; the parts of the last one, as the staff has grown since."""
    share = year.staff / b.years[-1].staff
    parts = [round(part * share) for part in (b.rd_staff, b.postgraduates, b.graduates)]
    research, postgraduates, graduates = (min(part, year.staff) for part in parts)
    return {
        "org_code": _code(b),
        "year": year.year,
        "staff": {"rd": research, "master_up": postgraduates},
        "new_graduates": graduates,
    }


def _talents(b: Business, rng: Random) -> Iterator[dict[str, Any]]:
    held = [rng.choices(_TALENTS, (1, 3))[0] for _ in range(b.talents)]
    for level, title in [*held, *([_OF_THE_CITY] if rng.random() < 0.1 else [])]:
        number, year = f"DEMO-RC-{rng.randrange(10**8):08d}", rng.randrange(2016, 2023)
        yield {"org_code": _code(b), "no": number, "title": title, "level": level, "year": year}
