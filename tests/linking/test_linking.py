"""A system that the hub has never seen is in the graph by `sources new` and `sources check`, without Python."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from strawberry.asgi import GraphQL
from typer.testing import CliRunner, Result

import manage
from connectors.config import load
from connectors.sources import Sources
from resolvers.declared import graph_of
from resolvers.execution.engine import Engine
from resolvers.execution.operation import Operation
from resolvers.graph import GRAPH
from resolvers.request import Hub
from store.directory import Directory
from store.engine import open_store
from tests.consenting import ZHONGJIALI as B
from tests.running import serve
from tests.world import CHUJINGLING as A

ROOT = Path(__file__).parent.parent.parent
START = f"""# What this hub knows already; this line stays.
[sources.registry]
kind = "memory"
title = "Registry"
owner = "Registry"
sharing = "UNCONDITIONAL"
[sources.registry.collections.registration]
fields = ["name"]
records = [{{ uscc = "{A}", name = "甲" }}, {{ uscc = "{B}", name = "乙" }}]
"""
DEALS: list[dict[str, Any]] = [
    {"uscc": A, "dealNo": "D-1", "amountWan": 120.5, "signedOn": "2023-05-06", "buyer": {"city": "武汉"}},
    {"uscc": A, "dealNo": "D-2", "amountWan": 3, "signedOn": "2022-01-31", "buyer": {"city": None}},
    {"uscc": B, "dealNo": "D-3", "amountWan": None, "signedOn": None, "buyer": {"city": "𠮷安"}},
]


@pytest.fixture
def sources(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(START, encoding="utf-8")
    monkeypatch.setenv("HUB_MODE", "production")
    monkeypatch.setenv("HUB_SOURCES", str(path))
    monkeypatch.setenv("HUB_STORE_URL", f"sqlite+aiosqlite:///{empty_store}")
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(manage.application, list(words))


def linked(sources: Path, *words: str) -> Result:
    """What `sources new` says; nobody is asked."""
    found = run("sources", "new", *words, "--set", "owner=Somebody", "--set", "sharing=UNCONDITIONAL", "--yes")
    assert found.exit_code == 0, (found.output, found.exception)
    assert sources.read_text(encoding="utf-8").startswith("# What this hub knows already; this line stays.\n")
    return found


def checked(name: str, *words: str) -> dict[str, Any]:
    """What `sources check` tells of each field, by name."""
    found = run("sources", "check", name, "--json", *words)
    assert found.exit_code == 0, (found.output, found.exception)
    (told,) = json.loads(found.stdout)["collections"]
    assert told["ok"]
    return {one["field"]: one for one in told["fields"]}


def asked(sources: Path, query: str) -> Any:
    """What a hub over the file answers."""

    async def ask() -> Any:
        config = load(sources)
        opened, store = Sources(config, environment={}), open_store("sqlite+aiosqlite:///:memory:")
        try:
            engine = Engine(*graph_of(config, GRAPH), Hub(opened, Directory(store)))
            answer = await engine.answer(Operation(query, {}, None, {}, {}, read_only=False))
        finally:
            await opened.aclose()
            await store.dispose()
        return json.loads(answer.body)

    found = asyncio.run(ask())
    assert found["extensions"]["engine"] == "compiled"
    return found["data"]


BOTH = f'enterprisesByUscc(usccs: ["{A}", "{B}"])'


def test_a_database(sources: Path, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "insurer.sqlite") as database:
        database.execute("CREATE TABLE cover (credit_code VARCHAR(18) PRIMARY KEY, sum_wan NUMERIC(12,2), since DATE)")
        database.execute("INSERT INTO cover VALUES (?, 250.5, '2023-01-02'), (?, NULL, '2022-03-04')", (A, B))
        database.execute("CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT)")
    address = f"sqlite+aiosqlite:///{tmp_path}/insurer.sqlite"
    linked(sources, "insurer", "--kind", "sql", "--at", address, "--set", "group=CREDIT", "--set", "type=ExportCover")
    told = checked("insurer")
    assert told["sum_wan"]["expected"] == "amount in 万元"
    assert (told["sum_wan"]["coverage"], told["since"]["coverage"]) == (0.5, 1.0)
    assert asked(sources, f"{{ {BOTH} {{ name cover {{ sumWan since source {{ kind }} }} }} }}") == {
        "enterprisesByUscc": [
            {
                "name": "甲",
                "cover": {"sumWan": "2505000.00", "since": "2023-01-02", "source": {"kind": "sql"}},
            },
            {"name": "乙", "cover": {"sumWan": None, "since": "2022-03-04", "source": {"kind": "sql"}}},
        ]
    }
    printed = run("schema", "print", "--declared").stdout
    assert "cover: ExportCover @data(group: CREDIT" in printed


def test_a_delivered_file_becomes_what_the_hub_has_a_name_for(sources: Path, tmp_path: Path) -> None:
    lines = f"统一社会信用代码,年度,营业收入(万元),研发费用\n{A},2022,1200,3000000\n{A},2021,900,-\n{B},2022,5,7\n"
    (tmp_path / "returns.csv").write_text(lines, encoding="utf-8")
    linked(sources, "returns", "--kind", "files", "--at", str(tmp_path / "returns.csv"))
    told = checked("returns")
    assert told["rd_expense"]["coverage"] == pytest.approx(2 / 3)
    assert told["revenue"]["raw"] == "'1200'"
    assert told["revenue"]["read"] == "12000000.00"
    found = asked(sources, f"{{ {BOTH} {{ filings {{ year revenue rdExpense }} }} }}")["enterprisesByUscc"]
    assert found[0]["filings"][1] == {"year": 2021, "revenue": "9000000.00", "rdExpense": None}


GUARANTEES = f"uscc,sum_wan,since\n{A},250.5,2023-01-02\n{B},,2022-03-04\n"
COVERED = {"enterprisesByUscc": [{"cover": {"sum": "2505000.00"}}, {"cover": {"sum": None}}]}


def test_the_questions_are_answered_by_a_file(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "cover.csv").write_text(GUARANTEES, encoding="utf-8")
    (tmp_path / "answers.toml").write_text(
        """
        title = "Guarantees"
        title_zh = "担保"
        owner = "A fund"
        sharing = "UNCONDITIONAL"
        synthetic = true
        group = "CREDIT"
        [map]
        sum_wan = "sum"
        since = "-"
        """,
        encoding="utf-8",
    )
    words = ("sources", "new", "fund", "--kind", "files", "--at", str(tmp_path / "cover.csv"))
    found = run(*words, "--answers", str(tmp_path / "answers.toml"))
    assert found.exit_code == 0, (found.output, found.exception)
    written = load(sources).sources["fund"]
    assert (written.title, written.title_zh, written.owner, written.synthetic) == ("Guarantees", "担保", "A fund", True)
    assert list(written.collections["cover"].fields) == ["sum"]
    assert asked(sources, f"{{ {BOTH} {{ cover {{ sum }} }} }}") == COVERED
    (tmp_path / "answers.toml").write_text('owner = "o"', encoding="utf-8")
    assert "`group` in --answers" in str(run("sources", "new", "other", *words[3:], "--answers",
                                             str(tmp_path / "answers.toml")).exception)  # fmt: skip


def test_the_questions_are_answered_at_a_terminal(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "cover.csv").write_text(GUARANTEES, encoding="utf-8")
    command = (sys.executable, ROOT / "manage.py", "sources", "new", "fund", "--kind", "files")
    answers = {"responsible": ["A fund"], "data group": ["money", "CREDIT"], "sum_wan (": ["sum"], "since (": ["-"]}
    shown = typed((*command, "--at", tmp_path / "cover.csv"), answers)
    assert "'money' is none of PUBLIC" in shown
    assert "fund feeds cover" in shown
    assert not any(answers.values()), "each was asked for"
    assert load(sources).sources["fund"].owner == "A fund"
    assert asked(sources, f"{{ {BOTH} {{ cover {{ sum }} }} }}") == COVERED


def typed(command: Sequence[str | Path], answers: Mapping[str, list[str]]) -> str:
    """What a command shows at a terminal, its questions answered by their words, or as it proposes."""
    ours, its = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "COLUMNS": "200", "LINES": "50"}
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True)
    os.close(its)
    shown, answered = "", 0
    try:
        while select.select((ours,), (), (), 30)[0]:
            shown += os.read(ours, 4096).decode(errors="replace")
            if shown.endswith(": "):
                question, answered = shown[answered:], len(shown)
                given = next((left.pop(0) for words, left in answers.items() if words in question and left), "")
                os.write(ours, f"{given}\n".encode())
    except OSError:  # the other end is closed: it has ended
        pass
    finally:
        os.close(ours)
    assert process.wait(30) == 0, shown
    return shown


async def _deals(request: Request) -> Response:
    codes = request.query_params["codes"].split(",")
    return JSONResponse({"data": {"deals": [deal for deal in DEALS if deal["uscc"] in codes]}})


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with serve(Starlette(routes=[Route("/deals", _deals)])) as url:
        yield url


def test_a_rest_service_by_one_of_its_answers(sources: Path, service: str) -> None:
    words = ("deals", "--kind", "rest", "--at", service, "--sample", f"/deals?codes={A},{B}")
    linked(sources, *words, "--set", "group=CONTRACTS", "--set", "record_key=deal_no", "--set", "type=Deal")
    told = checked("deals", "--keys", f"{A},{B}")
    assert told["buyer_city"]["column"] == "buyer.city"
    assert told["amount_wan"]["expected"] == "amount in 万元"
    found = asked(sources, f"{{ {BOTH} {{ deals {{ dealNo amountWan signedOn buyerCity }} }} }}")["enterprisesByUscc"]
    assert found[0]["deals"][0] == {
        "dealNo": "D-1", "amountWan": "1205000.00", "signedOn": "2023-05-06", "buyerCity": "武汉",
    }  # fmt: skip
    assert [len(one["deals"]) for one in found] == [2, 1]


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
    with serve(GraphQL(strawberry.Schema(_Query))) as url:
        words = ("grants", "--kind", "partner", "--at", url, "--set", "key=uscc", "--set", "group=ACHIEVEMENTS")
        linked(sources, *words, "--set", "field=Enterprise.grant", "--set", "name=grants", "--no-try")
        assert checked("grants", "--keys", f"{A},{B}")["stars"]["read"] == "3"
        assert asked(sources, f"{{ {BOTH} {{ grant {{ number stars }} }} }}") == {
            "enterprisesByUscc": [{"grant": {"number": "G", "stars": 3}}] * 2
        }


def test_a_wrong_mapping_shows_the_raw_answer_beside_what_was_expected(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(f"uscc,score,town\n{A},good,x\n{B},bad,y\n", encoding="utf-8")
    words = ("c", "--kind", "files", "--at", str(tmp_path / "c.csv"), "--set", "owner=o", "--set", "group=CREDIT")
    wrong = run("sources", "new", *words, "--set", "kind.score=number", "--yes")
    assert wrong.exit_code == 1
    for words_ in ("unreadable", "'good'", "no number", "python manage.py sources check c"):
        assert words_ in " ".join(wrong.output.split()), wrong.output
    text = sources.read_text(encoding="utf-8").replace('town = "town"', 'town = "village"')
    sources.write_text(text, encoding="utf-8")
    told = run("sources", "check", "c", "--json")
    assert told.exit_code == 1
    (collection,) = json.loads(told.stdout)["collections"]
    assert {one["field"]: one["verdict"] for one in collection["fields"]} == {"score": "unreadable", "town": "missing"}


def test_what_is_not_answered_or_secret_or_wrong_leaves_the_file_as_it_is(sources: Path, tmp_path: Path) -> None:
    for words, told in (
        (("--kind", "sql", "--at", "postgresql+asyncpg://u:sesame@h/d"), "holds a password"),
        (("--kind", "files", "--at", str(tmp_path / "none.csv")), "cannot be read"),
        (("--kind", "sql", "--at", "soap://x"), "no address of a database"),
        (("--kind", "rest", "--at", "http://127.0.0.1:1"), "--sample or --openapi"),
        (("--kind", "partner", "--at", "http://127.0.0.1:1"), "Check address"),
    ):
        refused = run("sources", "new", "x", *words, "--yes")
        assert refused.exit_code == 1
        assert told in str(refused.exception)
        assert "sesame" not in str(refused.exception) + refused.output
    (tmp_path / "d.csv").write_text(f"uscc,n\n{A},1\n", encoding="utf-8")
    d = ("sources", "new", "x", "--kind", "files", "--at", str(tmp_path / "d.csv"), "--set", "owner=o", "--yes")
    assert "`group` in --answers" in str(run(*d).exception)
    shadowing = run(*d, "--set", "group=CREDIT", "--set", "field=Enterprise.filings")
    assert "Enterprise has a field 'filings' already" in str(shadowing.exception)
    assert sources.read_text(encoding="utf-8") == START
