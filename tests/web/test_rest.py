"""Trusted documents as plain GET, described by OpenAPI, and as tools of an assistant."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult
from openapi_spec_validator import OpenAPIV31SpecValidator
from structlog.testing import capture_logs

from tests.web.documents import Documented, documented
from tests.world import CHUJINGLING, World
from web.document_book import DocumentBook

ROOT = Path(__file__).parent.parent.parent
PRE_LOAN = """query PreLoan($uscc: USCC!, $years: Int! = 1, $kind: PatentKind) {
  enterprise(uscc: $uscc) { ...Known filings(years: $years) { year revenue }
    intellectualProperty { patents(kind: $kind) { number } } }
  node(id: "Zone:east-lake") { id ... on Zone { title: name } }
}
fragment Known on Enterprise { uscc name status qualifications { kind } }"""
MANY = "query Many($usccs: [USCC!]!) { enterprisesByUscc(usccs: $usccs) { name } }"
PUBLIC = "query Zones { zones { id name } }"


@pytest.fixture(scope="module")
def hub(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Documented]:
    """A hub with documents for a bank, and one for everybody."""
    with documented(world, tmp_path_factory.mktemp("documents")) as found:
        found.register("anonymous", PUBLIC)
        found.register("bank-icbc", PRE_LOAN)
        yield found


def test_a_document_is_a_plain_get_by_the_same_rules(hub: Documented) -> None:
    found = hub.get("/rest/PreLoan", "bank-icbc", uscc=CHUJINGLING, years="2")
    assert found.status_code == 200
    by_hash = hub.ask("bank-icbc", documentId=_hash(hub), variables={"uscc": CHUJINGLING, "years": 2})
    assert found.json()["data"] == by_hash["data"]
    assert found.json()["errors"] == by_hash["errors"]
    assert found.json()["data"]["enterprise"]["filings"] is None
    assert found.json()["errors"][0]["extensions"]["code"] == "CONSENT_REQUIRED"


def _hash(hub: Documented) -> str:
    (line,) = (line for line in hub.run("list", "bank-icbc").stdout.splitlines() if "PreLoan" in line)
    return next(word for word in line.replace("│", " ").split() if len(word) == 64)


@pytest.mark.parametrize(
    ("reader", "path", "status", "words"),
    [
        ("", f"/rest/PreLoan?uscc={CHUJINGLING}", 404, "no query 'PreLoan' for your client"),
        ("bank-boc", f"/rest/PreLoan?uscc={CHUJINGLING}", 404, "no query 'PreLoan' for your client"),
        ("bank-icbc", "/rest/PreLoan", 400, "uscc"),
        ("bank-icbc", f"/rest/PreLoan?uscc={CHUJINGLING}&years=many", 400, "years is 'many'"),
        ("bank-icbc", f"/rest/PreLoan?uscc={CHUJINGLING}&uscc=1", 400, "given 2 times"),
        ("bank-icbc", f"/rest/PreLoan?uscc={CHUJINGLING}&kind=NOTHING", 400, "NOTHING"),
        ("bank-icbc", "/rest/PreLoan?code=1", 400, "no parameter 'code'"),
        ("bank-icbc", "/rest/Nothing", 404, "/rest/openapi.json"),
        ("bank-icbc", "/rest/Zones", 200, "Zone:east-lake"),
        ("", "/rest/Zones", 200, "Zone:east-lake"),
    ],
)
def test_what_is_asked_wrongly_is_told(hub: Documented, reader: str, path: str, status: int, words: str) -> None:
    answered = hub.get(path, reader)
    assert answered.status_code == status, answered.text
    assert words in answered.text


def test_the_hubs_own_fault_is_told_by_its_trace(hub: Documented, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> None:
        raise RuntimeError("something broke inside")

    monkeypatch.setattr(DocumentBook, "named", fail)
    with capture_logs() as logs:
        answered = hub.get("/rest/Zones")
    assert answered.status_code == 500
    (error,) = answered.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "something broke" not in answered.text
    (line,) = [one for one in logs if one["event"] == "request.unexpected"]
    assert line["trace_id"] == error["extensions"]["traceId"]


def test_each_client_is_told_what_it_may_ask(hub: Documented) -> None:
    found = hub.get("/rest/openapi.json", "bank-icbc").json()
    OpenAPIV31SpecValidator(found).validate()
    assert set(found["paths"]) == {"/rest/PreLoan", "/rest/Zones"}
    assert set(hub.get("/rest/openapi.json").json()["paths"]) == {"/rest/Zones"}
    operation = found["paths"]["/rest/PreLoan"]["get"]
    told = {parameter["name"]: parameter for parameter in operation["parameters"] if parameter["in"] == "query"}
    assert (told["uscc"]["required"], told["years"]["required"]) == (True, False)
    assert (told["years"]["schema"]["type"], told["years"]["schema"]["default"]) == ("integer", 1)
    assert "INVENTION" in told["kind"]["schema"]["enum"]
    data = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["data"]["properties"]
    assert set(data["enterprise"]["properties"]) == {
        "uscc",
        "name",
        "status",
        "qualifications",
        "filings",
        "intellectualProperty",
    }
    assert data["enterprise"]["type"] == ["object", "null"]
    assert set(data["node"]["properties"]) == {"id", "title"}


def test_lists_are_repeated_and_changes_are_no_gets(hub: Documented) -> None:
    hub.register("bank-icbc", MANY)
    many = hub.get(f"/rest/Many?usccs={CHUJINGLING}&usccs={CHUJINGLING.lower()}", "bank-icbc").json()
    assert [one["name"] for one in many["data"]["enterprisesByUscc"]] == ["武汉楚精灵医疗科技有限公司"] * 2
    OpenAPIV31SpecValidator(hub.get("/rest/openapi.json", "bank-icbc").json()).validate()


async def test_queries_are_tools_of_an_assistant_by_the_same_rules(hub: Documented) -> None:
    token = hub.token("bank-icbc")["Authorization"].removeprefix("Bearer ")
    environment = {**os.environ, "HUB_MCP_URL": hub.url, "HUB_MCP_TOKEN": token}
    started = StdioServerParameters(command=sys.executable, args=["manage.py", "mcp"], env=environment, cwd=ROOT)
    given = {"uscc": CHUJINGLING, "years": 2, "Hub-Purpose": "PRE_LOAN"}
    async with stdio_client(started) as streams, ClientSession(*streams) as assistant:
        await assistant.initialize()
        tools = {tool.name: tool for tool in (await assistant.list_tools()).tools}
        assert {"PreLoan", "Zones"} <= set(tools)
        assert tools["PreLoan"].input_schema["required"] == ["uscc"]
        answered = await assistant.call_tool("PreLoan", given)
        wrong = await assistant.call_tool("PreLoan", {"uscc": CHUJINGLING, "years": "many"})
    assert isinstance(answered, CallToolResult)
    assert isinstance(wrong, CallToolResult)
    by_get = hub.get("/rest/PreLoan", "bank-icbc", uscc=CHUJINGLING, years="2").json()
    assert answered.structured_content is not None
    assert answered.structured_content["data"] == by_get["data"]
    assert answered.structured_content["errors"] == by_get["errors"]
    assert (answered.is_error, wrong.is_error) == (False, True)
