"""A portfolio while a source fails, for real: what it feeds is lost and says why, everything else arrives."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.consenting import ZHONGJIALI
from tests.faults.test_sources import Sources, hub, own
from tests.world import CHUJINGLING, Asker, Reply

__all__ = ["own"]

QUESTION = f"""{{ portfolio(since: "2000-01-01", usccs: ["{CHUJINGLING}", "{ZHONGJIALI}"]) {{ nodes {{
    uscc enterprise {{ name }} flags {{ number }} qualifications {{ kind }} filings {{ year revenue rdExpense }}
    score {{ edition {{ code }} }}
}} }} }}"""


def nodes(reply: Reply) -> list[dict[str, Any]]:
    """The entries."""
    found: list[dict[str, Any]] = reply.data["portfolio"]["nodes"]
    return found


def without(reply: Reply, *parts: str) -> list[dict[str, Any]]:
    """The entries without some of their parts."""
    return [{name: value for name, value in node.items() if name not in parts} for node in nodes(reply)]


async def whole(ask: Asker) -> Reply:
    """Everything, from sources that all answer."""
    reply = await ask(QUESTION)
    assert reply.errors == []
    assert [node["enterprise"]["name"] for node in nodes(reply)] == [
        "武汉楚精灵医疗科技有限公司",
        "江西众加利高科技股份有限公司",
    ]
    assert all(node["filings"] and node["qualifications"] for node in nodes(reply))
    assert set(reply.absences().values()) >= {"NOT_PUBLISHED"}, "nothing was scored here"
    return reply


@pytest.mark.parametrize(("system", "lost"), [("registry", ("enterprise", "flags")), ("tax", ("flags", "filings"))])
async def test_a_database_that_is_gone(own: Sources, system: str, lost: tuple[str, ...]) -> None:
    async with hub(own) as ask:
        before = await whole(ask)
    (own.world.folder / f"{system}.sqlite").unlink()
    async with hub(own) as ask:
        reply = await ask(QUESTION)
    assert without(reply, *lost) == without(before, *lost), "row by row as before"
    told = {".".join(map(str, error["path"][3:4])) for error in reply.errors}
    told |= {path.split(".")[3] for path, reason in reply.absences().items() if reason == "INCOMPLETE"}
    assert told <= set(lost)
    assert told, "and it says so"
    assert {error["extensions"]["code"] for error in reply.errors} <= {"SOURCE_UNAVAILABLE"}


async def test_one_silent_source_of_flags_is_named(own: Sources) -> None:
    async with hub(own) as ask:
        before = await whole(ask)
        with sqlite3.connect(own.world.folder / "tax.sqlite") as database:
            database.execute("ALTER TABLE qsgg RENAME TO renamed")
        database.close()
        reply = await ask(QUESTION)
    assert without(reply, "flags") == without(before, "flags")
    assert reply.source("sw-arrears")["error"]["code"] == "SOURCE_ERROR"
    for place, node in enumerate(nodes(reply)):
        path = f"portfolio.nodes.{place}.flags"
        assert node["flags"] is None or reply.absences()[path] == "INCOMPLETE", "nobody is shown to be clean"
        assert node["flags"] is not None or path in {**reply.codes(), **reply.absences()}
