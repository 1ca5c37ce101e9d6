"""The key map: a source that knows enterprises by another number is asked by the surest link that holds."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import manage
from auth.principal import ANONYMOUS, Principal
from codes.access import Role
from connectors.config import parse
from connectors.outcomes import Absent
from connectors.session import Session
from connectors.sources import Sources, installed_kinds
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from resolvers.hub_source import hub_kind, with_hub
from resolvers.request import Hub
from store.directory import Directory
from store.engine import open_store
from tests.consenting import ZHONGJIALI as B
from tests.world import CHUJINGLING as A
from tests.world import Asker, World, hub_schema

SOURCE = """
[sources.tax]
kind = "memory"
title = "Tax"
owner = "Tax"
sharing = "UNCONDITIONAL"
[sources.tax.collections.tax_payments]
key = { column = "taxpayer", through = "identifiers.taxpayer_number" }
cache = 0
fields = { year = "year", paid = "paid" }
records = [{ taxpayer = "T1", year = 2022, paid = 5 }, { taxpayer = "T2", year = 2022, paid = 7 }]
"""


@pytest.fixture
def url(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    shutil.copy(empty_store, tmp_path / "store.sqlite")
    found = f"sqlite+aiosqlite:///{tmp_path}/store.sqlite"
    monkeypatch.setenv("HUB_STORE_URL", found)
    return found


def run(*words: str) -> Result:
    return CliRunner().invoke(manage.application, ["identifiers", *words])


def paid(url: str, *codes: str) -> list[Any]:
    """What the source tells of enterprises."""

    async def ask() -> list[Any]:
        config = with_hub(parse(SOURCE, Path("sources.toml")))
        sources = Sources(config, kinds={**installed_kinds(), **hub_kind(url)})
        found = await sources.fetch(Session.lasting(5), "tax_payments", codes, frozenset(("paid",)))
        await sources.aclose()
        return [[int(one.paid) for one in key] if isinstance(key, tuple) else key for key in found]

    return asyncio.run(ask())


def test_the_surest_link_that_holds_is_asked_by_and_can_be_corrected(url: str, tmp_path: Path) -> None:
    assert paid(url, A) == [Absent.NOT_DELIVERED]
    lines = [
        "uscc,kind,value,origin,valid_from,valid_to,confidence",
        f"{A},taxpayer_number,T9,registry,2010-01-01,2015-12-31,1",
        f"{A},taxpayer_number,T1,tax bureau,2016-01-01,,0.9",
        f"{A},taxpayer_number,T2,by its name,,,0.5",
    ]
    (tmp_path / "links.csv").write_text("\n".join(lines), encoding="utf-8")
    assert run("import", str(tmp_path / "links.csv")).exit_code == 0
    assert paid(url, A, B) == [[5], Absent.NOT_DELIVERED]
    better = run("add", A, "TAXPAYER_NUMBER", "T2", "--origin", "the enterprise")
    assert paid(url, A) == [[7]]
    listed = run("list", "T2").stdout
    assert "0.50 (not asked by)" in listed
    assert run("withdraw", better.stdout.strip(), "--reason", "its branch").exit_code == 0
    assert paid(url, A) == [[5]]
    assert "its branch" in run("list", A, "--all").stdout
    assert "its branch" not in run("list", A).stdout


def test_what_is_wrong_is_refused_whole(url: str, tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text(f"uscc,kind,value,origin\n{A},NAME,x,o\n{B},SHOE_SIZE,x,o\n", encoding="utf-8")
    assert "line 3: 'SHOE_SIZE'" in str(run("import", str(tmp_path / "links.csv")).exception)
    assert "confidence is from 0 to 1" in str(
        run("add", A, "NAME", "x", "--origin", "o", "--confidence", "2").exception
    )
    assert "No link 'x' stands" in str(run("withdraw", "x", "--reason", "r").exception)
    assert "x" not in run("list", A).stdout


LINKS = """query($of: String!, $after: ID, $all: Boolean!) {
  identifierLinks(of: $of, first: 1, after: $after, withdrawn: $all) {
    id uscc kind value validFrom confidence sure origin withdrawnAt reason
  }
}"""


async def test_operators_see_it_in_the_graph(url: str) -> None:
    words = ("add", A, "TAXPAYER_NUMBER", "--origin", "bureau", "--from", "2016-01-01", "--confidence")
    wrong = await asyncio.to_thread(run, *words, "1", "T2")
    right = await asyncio.to_thread(run, *words, "0.75", "T1")
    await asyncio.to_thread(run, "withdraw", wrong.stdout.strip(), "--reason", "its branch")
    store = open_store(url)
    hub = Hub(Sources(parse(SOURCE, Path("sources.toml"))), Directory(store))
    ask = Asker(hub, Engine(hub_schema(), GRAPH, hub), Counter(), World(Path(), {}, url)).guarded()
    operator = Principal("operator", "innograph", frozenset((Role.OPERATOR,)))
    try:
        first = await ask(LINKS, {"of": A, "all": True}, principal=operator)
        (gone,) = first.data["identifierLinks"]
        assert (gone["value"], gone["reason"], gone["sure"]) == ("T2", "its branch", True)
        assert gone["withdrawnAt"]
        second = await ask(LINKS, {"of": A, "all": True, "after": gone["id"]}, principal=operator)
        (stands,) = second.data["identifierLinks"]
        assert stands == {
            "id": right.stdout.strip(), "uscc": A, "kind": "TAXPAYER_NUMBER", "value": "T1", "validFrom": "2016-01-01",
            "confidence": "0.75", "sure": False, "origin": "bureau", "withdrawnAt": None, "reason": None,
        }  # fmt: skip
        assert (await ask(LINKS, {"of": "T1", "all": False}, principal=operator)).data["identifierLinks"] == [stands]
        lost = await ask(LINKS, {"of": "T1", "all": False, "after": gone["id"]}, principal=operator)
        assert "is no link of this list" in lost.errors[0]["message"]
        officer = Principal("officer", "east-lake", frozenset((Role.OFFICER,)), zones=frozenset(("east-lake",)))
        for reader in (officer, ANONYMOUS):
            refused = await ask(LINKS, {"of": A, "all": True}, principal=reader)
            assert refused.codes() == {"identifierLinks": "FORBIDDEN"}
    finally:
        await hub.sources.aclose()
        await store.dispose()
