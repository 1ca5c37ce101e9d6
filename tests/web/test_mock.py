"""The schema with values that are made up: right in type, marked in every answer, and nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth.identity import demo
from server import create_app
from settings import Settings
from tests.everything import OFFERS, filled
from tests.running import serve
from tests.world import CHUJINGLING


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hub that mocks."""
    folder = tmp_path_factory.mktemp("mock")
    demo.make_issuer(folder / "demo-issuer")
    with serve(create_app(Settings(mode="mock", data_dir=folder), {})) as url:
        yield url
    assert [path.name for path in Path(folder).iterdir()] == ["demo-issuer"], "no store was made"


def _ask(mock: str, query: str, **body: Any) -> Any:
    return httpx.post(f"{mock}/graphql", json={"query": query, **body}, timeout=20).json()


def test_every_answer_says_that_it_is_made_up(mock: str) -> None:
    text = "query($u: USCC!) { enterprise(uscc: $u) { uscc name synthetic filings(years: 3) { year revenue } } }"
    answered = _ask(mock, text, variables={"u": CHUJINGLING})
    enterprise = answered["data"]["enterprise"]
    assert answered["extensions"]["mock"] is True
    assert "made up" in answered["extensions"]["note"]
    assert enterprise["uscc"] == CHUJINGLING
    assert enterprise["name"].startswith("模拟 mock")
    assert enterprise["synthetic"] is True
    assert len(enterprise["filings"]) == 3
    assert _ask(mock, text, variables={"u": CHUJINGLING}) == answered


@pytest.mark.parametrize("root", ["loanProducts", "technologyManagers", "zones", "editions", "ranking"])
def test_every_field_has_a_value_of_its_type(mock: str, root: str) -> None:
    answered = _ask(mock, f"{{ {filled(root, OFFERS[root])} }}")
    assert "errors" not in answered
    assert answered["data"][root]


def test_things_are_found_by_what_names_them(mock: str) -> None:
    answered = _ask(
        mock, '{ nodes(ids: ["Zone:a", "Fund:b"]) { __typename id } node(id: "Policy:c") { id __typename } }'
    )
    assert answered["data"]["nodes"] == [{"__typename": "Zone", "id": "Zone:a"}, {"__typename": "Fund", "id": "Fund:b"}]
    assert answered["data"]["node"] == {"id": "Policy:c", "__typename": "Policy"}


def test_what_the_operator_has_declared_is_made_up_too(tmp_path: Path) -> None:
    declared = """
        [sources]
        [declared.customs]
        type = "CustomsYear"
        field = "Enterprise.customs"
        description = "Customs declarations of a year"
        group = "FILINGS"
        fields = { exports = { kind = "amount" } }
    """
    (tmp_path / "sources.toml").write_text(declared, encoding="utf-8")
    demo.make_issuer(tmp_path / "demo-issuer")
    settings = Settings(mode="mock", data_dir=tmp_path, sources=tmp_path / "sources.toml")
    with serve(create_app(settings, {})) as url:
        text = "query($u: USCC!) { enterprise(uscc: $u) { customs { exports synthetic } } }"
        customs = _ask(url, text, variables={"u": CHUJINGLING})["data"]["enterprise"]["customs"]
    assert customs["synthetic"] is True
    assert customs["exports"].endswith(".00")


def test_what_the_hub_would_refuse_is_refused(mock: str) -> None:
    assert _ask(mock, "{ nothing }")["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert _ask(mock, "{")["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    token = {"Authorization": "Bearer forged"}
    assert httpx.post(f"{mock}/graphql", json={"query": "{ zones { id } }"}, headers=token).status_code == 401
    assert "type Enterprise " in httpx.get(f"{mock}/schema.graphql").text
