"""Social security: REST, one request a unit, keyed by organisation code with its hyphen, a bearer token."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from codes import uscc
from demo.population import Enterprise, residents
from demo.serving import Records, refusal, write_records

FILE = "social_security.sqlite"
TOKEN = "demo-social-security"


def make(folder: Path, population: list[Enterprise], seed: int) -> None:
    """Write the insured units."""
    rng = Random(f"{seed}:social")
    insured = [e for e in residents(population) if not e.synthetic or rng.random() < 0.95]
    units = [(uscc.organisation_code(e.uscc), _unit(e, rng)) for e in insured]
    write_records(folder / FILE, {"units": units})


def create_app(folder: Path) -> Starlette:
    """Return the service."""
    records = Records(folder / FILE)

    def unit(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, "the bearer token is missing or wrong")
        found = records.get("units", [request.path_params["code"]])
        return JSONResponse({"unit": found[0]}) if found else refusal(404, "no such unit")

    return Starlette(routes=[Route("/units/{code}", unit)])


def _unit(e: Enterprise, rng: Random) -> dict[str, Any]:
    rd_staff = int(e.staff * rng.uniform(0.1, 0.6))
    return {
        "org_code": uscc.organisation_code(e.uscc),
        "period": "202306",
        "insured": {"total": e.staff, "rd": rd_staff, "master_up": int(rd_staff * rng.uniform(0, 0.5))},
        "new_graduates": int(e.staff * rng.uniform(0, 0.12)),
    }
