"""GraphQL over HTTP: to the letter, whatever is sent."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from typing import Any

import httpx
import pytest

from tests.web.audits import run_audits

GRAPHQL = "application/graphql-response+json"
JSON = {"Content-Type": "application/json"}


def test_all_audits_pass(hub: str) -> None:
    results = run_audits(f"{hub}/graphql")
    assert [r for r in results if r["status"] != "ok"] == []
    assert len(results) == 61


def post(hub: str, content: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{hub}/graphql", content=content, headers={**JSON, **named}, timeout=10)


QUERY = json.dumps({"query": "{ __typename }"}).encode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"   ", 400),
        (b"{", 400),
        (b"null", 400),
        (b"[]", 400),
        (b"[" + QUERY + b"]", 400),
        (b'"text"', 400),
        (b"42", 400),
        (b"\xff\xfe{}", 400),
        (b"\xef\xbb\xbf" + QUERY, 400),
        (b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001, 400),
        (b'{"query": "{ __typename }", "variables": {"a": NaN}}', 400),
        (b'{"query": "{ __typename }", "variables": {"a": Infinity}}', 400),
        (b'{"query": "\\ud800"}', 400),
        (b'{"query": 1}', 400),
        (b'{"query": ""}', 400),
        (b'{"query": null}', 400),
        (b"{}", 400),
        (b'{"query": "{ __typename }", "variables": []}', 400),
        (b'{"query": "{ __typename }", "variables": "{}"}', 400),
        (b'{"query": "{ __typename }", "operationName": 1}', 400),
        (b'{"query": "{ __typename }", "extensions": 1}', 400),
        (b'{"query": "' + b"{a" * 50_000 + b'"}', 400),
        (b'{"query": "{ __typename }", "query": "{ nothing }"}', 400),
        (b"x" * 1_000_001, 413),
    ],
)
def test_malformed_bodies_are_the_readers_error(hub: str, body: bytes, status: int) -> None:
    response = post(hub, body, Accept=GRAPHQL)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    answer = response.json()
    assert "data" not in answer
    assert answer["errors"][0]["message"]
    assert answer["errors"][0]["extensions"]["code"]
    assert post(hub, QUERY).json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("number", ["1" + "0" * 30, "1" + "0" * 5000, "-" + "9" * 20])
def test_huge_numbers_never_break_the_hub(hub: str, number: str) -> None:
    query = "query($first: Int) { enterprises(first: $first) { nodes { id } } }"
    body = f'{{"query": {json.dumps(query)}, "variables": {{"first": {number}}}}}'.encode()
    response = post(hub, body, Accept=GRAPHQL)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    inline = json.dumps({"query": f"{{ enterprises(first: {number}) {{ nodes {{ id }} }} }}"}).encode()
    assert post(hub, inline, Accept=GRAPHQL).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Type": 'Application/JSON; charset="UTF-8"'}, 200),
        ({"Accept": "text/plain"}, 406),
        ({"Accept": "application/json;q=0"}, 406),
        ({"Accept": "text/plain, */*;q=0.1"}, 200),
        ({"Accept": "application/*"}, 200),
        ({"Content-Encoding": "br"}, 415),
        ({"Content-Encoding": "gzip"}, 400),
    ],
)
def test_headers(hub: str, headers: dict[str, str], status: int) -> None:
    response = httpx.post(f"{hub}/graphql", content=QUERY, headers={**JSON, **headers})
    assert response.status_code == status
    if status != 200:
        assert response.json()["errors"][0]["message"]


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_packed_bodies(hub: str, encoding: str, pack: Any) -> None:
    assert post(hub, pack(QUERY), Content_Encoding=encoding).json()["data"] == {"__typename": "Query"}
    assert post(hub, pack(QUERY)[:-6], Content_Encoding=encoding).status_code == 400
    assert post(hub, pack(QUERY) + b"more" * 10, Content_Encoding=encoding).status_code == 400
    assert post(hub, QUERY).headers["cache-control"] == "no-store"
    bomb = pack(b" " * 50_000_000)
    assert len(bomb) < 100_000
    assert post(hub, bomb, Content_Encoding=encoding).status_code == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_told_which_are_answered(hub: str, method: str) -> None:
    response = httpx.request(method, f"{hub}/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"query": "{ __typename }"}, 200),
        ({"query": "query A { __typename } query B { zones { id } }", "operationName": "A"}, 200),
        ({"query": "query($n: Int) { enterprises(first: $n) { nodes { id } } }", "variables": '{"n": 1}'}, 200),
        ({"query": "{ __typename }", "variables": ""}, 200),
        ({"query": "{ __typename }", "variables": "{"}, 400),
        ({"query": "{ __typename }", "variables": "[]"}, 400),
        ({"query": "query A { __typename } query B { __typename }"}, 400),
        ({"query": "query A { __typename }", "operationName": "B"}, 400),
        ({"query": "fragment F on Query { __typename }"}, 400),
        ({"query": "{ nothing }"}, 400),
        ({"operationName": "A"}, 400),
    ],
)
def test_get(hub: str, parameters: dict[str, str], status: int) -> None:
    response = httpx.get(f"{hub}/graphql", params=parameters, headers={"Accept": GRAPHQL})
    assert response.status_code == status, response.text
    assert ("data" in response.json()) is (status == 200)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
        ("query($n: Int!) { enterprises(first: $n) { nodes { id } } }", "BAD_USER_INPUT"),
        ("{" * 5000, "GRAPHQL_PARSE_FAILED"),
        ("{ zones " * 1600 + "}" * 1600, "GRAPHQL_PARSE_FAILED"),
        ("{ zones " * 2000 + "}" * 2000, "COST_LIMIT"),
    ],
)
def test_errors_of_the_document_have_their_code_and_no_data(hub: str, query: str, code: str) -> None:
    response = post(hub, json.dumps({"query": query}).encode(), Accept=GRAPHQL)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == code
    assert "data" not in response.json()


def test_health_and_schema(hub: str) -> None:
    alive = httpx.get(f"{hub}/health/live").json()
    assert alive["status"] == "alive"
    assert alive["process"] == os.getpid(), "the hub of these tests is a thread"
    assert httpx.get(f"{hub}/health/ready").json() == {"status": "ready", "reasons": {}}
    schema = httpx.get(f"{hub}/schema.graphql")
    assert "type Enterprise implements Node" in schema.text
    again = httpx.get(f"{hub}/schema.graphql", headers={"If-None-Match": schema.headers["etag"]})
    assert again.status_code == 304
