"""Services of others, over REST and GraphQL, are in the graph by `sources new` and `sources check`, without Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from strawberry.asgi import GraphQL

from connectors.config import load
from tests.consenting import ZHONGJIALI as B
from tests.linking.guiding import BOTH, asked, checked, linked, run
from tests.running import serve
from tests.world import CHUJINGLING as A

DEALS: list[dict[str, Any]] = [
    {"uscc": A, "dealNo": "D-1", "amountWan": 120.5, "signedOn": "2023-05-06", "buyer": {"city": "武汉"}},
    {"uscc": A, "dealNo": "D-2", "amountWan": 3, "signedOn": "2022-01-31", "buyer": {"city": None}},
    {"uscc": B, "dealNo": "D-3", "amountWan": None, "signedOn": None, "buyer": {"city": "𠮷安"}},
]


async def _deals(request: Request) -> Response:
    codes = request.query_params["codes"].split(",")
    return JSONResponse({"data": {"deals": [deal for deal in DEALS if deal["uscc"] in codes]}})


async def _deal(request: Request) -> Response:
    """One at a time, wrapped, and 200 also for what is not there."""
    if request.query_params["format"] != "json":
        return JSONResponse({"code": 400}, 400)
    found = next((deal for deal in DEALS if deal["uscc"] == request.query_params["code"]), None)
    return JSONResponse({"code": 0 if found else 404, "data": found})


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with serve(Starlette(routes=[Route("/deals", _deals), Route("/deal", _deal)])) as url:
        yield url


def test_a_rest_service_by_one_of_its_answers(sources: Path, service: str) -> None:
    words = ("deals", "--kind", "rest", "--at", service, "--sample", f"/deals?codes={A},{B}")
    linked(sources, *words, "--set", "group=CONTRACTS", "--set", "record_key=deal_no", "--set", "type=Deal")
    told = checked("deals", "--keys", f"{A},{B}")
    assert told["buyer_city"]["column"] == "buyer.city"
    assert told["amount"]["expected"] == "amount in 万元"
    found = asked(sources, f"{{ {BOTH} {{ deals {{ dealNo amount signedOn buyerCity }} }} }}")["enterprisesByUscc"]
    assert found[0]["deals"][0] == {
        "dealNo": "D-1", "amount": "1205000.00", "signedOn": "2023-05-06", "buyerCity": "武汉",
    }  # fmt: skip
    assert [len(one["deals"]) for one in found] == [2, 1]


def test_a_rest_service_that_wraps_one_record_at_a_time(sources: Path, service: str) -> None:
    words = ("deals", "--kind", "rest", "--at", service, "--sample", f"/deal?format=json&code={A}")
    linked(sources, *words, "--set", "group=CONTRACTS")
    (written,) = load(sources).sources["deals"].collections.values()
    assert written.options["path"] == "/deal?format=json&code={key}"
    assert (written.options["batch"], written.options["rows"]) == ({"style": "each"}, "data")
    assert asked(sources, f"{{ {BOTH} {{ deal {{ dealNo buyerCity }} }} }}") == {
        "enterprisesByUscc": [{"deal": {"dealNo": n, "buyerCity": c}} for n, c in (("D-1", "武汉"), ("D-3", "𠮷安"))]
    }
    strange = run("sources", "check", "deals", "--keys", "nobody")
    assert "none of 1 keys has a record; give some that have one with --keys" in " ".join(strange.output.split())


def test_an_openapi_document_may_tell_of_a_query_with_one_key(sources: Path, service: str, tmp_path: Path) -> None:
    deal = {"type": "object", "properties": {"uscc": {"type": "string"}, "dealNo": {"type": "string"}}}
    document = {"openapi": "3.0.3", "paths": {"/deal": {"get": {
        "parameters": [{"name": "format", "in": "query"}, {"name": "code", "in": "query"}],
        "responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": {
            "code": {"type": "integer"}, "data": deal,
        }}}}}},
    }}}}  # fmt: skip
    (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    words = ("deals", "--kind", "rest", "--at", service, "--openapi", str(tmp_path / "openapi.json"), "--no-try")
    linked(sources, *words, "--set", "group=CONTRACTS")
    (written,) = load(sources).sources["deals"].collections.values()
    assert (written.options["path"], written.options["rows"]) == ("/deal?code={key}", "data")
    assert list(written.fields) == ["deal_no"]


def test_a_rest_service_by_its_openapi_document(sources: Path, service: str, tmp_path: Path) -> None:
    deal: Any = {"type": "object", "properties": {
        "uscc": {"type": "string", "example": A}, "dealNo": {"type": "string"},
        "signedOn": {"type": "string", "format": "date"},
        "buyer": {"$ref": "#/components/schemas/Buyer"},
    }}  # fmt: skip
    document: Any = {
        "openapi": "3.0.3",
        "paths": {"/deals": {"get": {
            "parameters": [
                {"name": "codes", "in": "query", "explode": False, "schema": {"type": "array", "maxItems": 50}},
            ],
            "responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": {
                "data": {"type": "object", "properties": {"deals": {"type": "array", "items": deal}}},
            }}}}}},
        }}},
        "components": {"schemas": {"Buyer": {"type": "object", "properties": {"city": {"type": "string"}}}}},
    }  # fmt: skip
    (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    words = ("deals", "--kind", "rest", "--at", service, "--openapi", str(tmp_path / "openapi.json"), "--no-try")
    linked(sources, *words, "--set", "group=CONTRACTS", "--set", "many=yes", "--set", "record_key=deal_no")
    assert checked("deals", "--keys", f"{A},{B}")["buyer_city"]["coverage"] == pytest.approx(2 / 3)
    found = asked(sources, f"{{ {BOTH} {{ deals {{ dealNo signedOn }} }} }}")["enterprisesByUscc"]
    assert found[1]["deals"] == [{"dealNo": "D-3", "signedOn": None}]


@strawberry.type
class _Grant:
    uscc: strawberry.ID
    number: str
    stars: int | None


@strawberry.type
class _Query:
    @strawberry.field
    def grants_by_codes(self, codes: list[strawberry.ID]) -> list[_Grant]:
        return [_Grant(uscc=strawberry.ID(code), number="G", stars=3) for code in codes if code in (A, B)]


def test_a_graphql_service(sources: Path) -> None:
    with serve(Starlette(routes=[Mount("/graphql", GraphQL(strawberry.Schema(_Query)))])) as url:
        url = f"{url}/graphql"
        astray = run("sources", "new", "grants", "--kind", "partner", "--at", url, "--yes")
        assert f"{url}: answered HTTP 307, which points to another address" in str(astray.exception)
        url = f"{url}/"  # as some frameworks insist
        words = ("grants", "--kind", "partner", "--at", url, "--set", "key=uscc", "--set", "group=ACHIEVEMENTS")
        linked(sources, *words, "--set", "field=Enterprise.grant", "--set", "name=grants", "--keys", f"{A},{B}")
        assert checked("grants", "--keys", f"{A},{B}")["stars"]["read"] == "3"
        assert asked(sources, f"{{ {BOTH} {{ grant {{ number stars }} }} }}") == {
            "enterprisesByUscc": [{"grant": {"number": "G", "stars": 3}}] * 2
        }
