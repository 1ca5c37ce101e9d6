"""Enterprises: by code, in lists, at a date; what is unknown, malformed, not shared."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from codes import uscc
from connectors.contract import Fetch, Rows
from tests.world import CHUJINGLING, Asker

UNKNOWN = uscc.compose("91", "000000", "NKNWN000")


async def test_the_named_enterprise_is_found_by_part_of_its_name_with_its_facets(ask: Asker) -> None:
    reply = await ask("""{ enterprises(search: "楚精灵") { totalCount nodes {
        uscc name foundedText synthetic zone { id name }
        filings { year revenue rdExpense source { id } asOf }
        intellectualProperty { inventionsGranted source { id } patents(first: 3) { number kind filedOn } }
        qualifications { kind source { id } } awards { name grade synthetic }
    } } }""")
    assert reply.errors == []
    (found,) = reply.data["enterprises"]["nodes"]
    assert reply.data["enterprises"]["totalCount"] == 1
    assert (found["uscc"], found["synthetic"], found["foundedText"]) == (CHUJINGLING, False, "2018")
    assert found["zone"] == {"id": "Zone:east-lake", "name": "武汉东湖新技术开发区"}
    assert [(f["year"], f["revenue"]) for f in found["filings"]] == [
        (2022, "38000000.00"),
        (2021, "46000000.00"),
        (2020, "16500000.00"),
    ]
    assert {f["source"]["id"] for f in found["filings"]} == {"Source:sw-income-tax"}
    assert found["intellectualProperty"]["source"] == {"id": "Source:zs-patents"}
    dates = [patent["filedOn"] for patent in found["intellectualProperty"]["patents"]]
    assert len(dates) == 3
    assert dates == sorted(dates, reverse=True)
    assert {q["kind"] for q in found["qualifications"]} == {"HIGH_TECH", "LITTLE_GIANT"}
    assert found["awards"] == [{"name": "湖北省技术发明奖", "grade": "一等奖", "synthetic": True}]


async def test_a_thousand_codes_keep_their_order_with_nulls_and_errors_where_they_belong(ask: Asker) -> None:
    known = [
        node["uscc"]
        for node in (await ask("{ enterprises(first: 400) { nodes { uscc } } }")).data["enterprises"]["nodes"]
    ]
    codes = [
        UNKNOWN if place % 7 == 3 else f"BAD{place}" if place % 11 == 5 else known[place % len(known)].lower()
        for place in range(1000)
    ]
    reply = await ask("query($usccs: [USCC!]!) { enterprisesByUscc(usccs: $usccs) { uscc name } }", {"usccs": codes})
    found = reply.data["enterprisesByUscc"]
    assert len(found) == 1000
    for place, (code, enterprise) in enumerate(zip(codes, found, strict=True)):
        if code == UNKNOWN:
            assert enterprise is None
            assert f"enterprisesByUscc.{place}" not in reply.codes()
        elif code.startswith("BAD"):
            assert enterprise is None
            assert reply.codes()[f"enterprisesByUscc.{place}"] == "BAD_USER_INPUT"
        else:
            assert enterprise["uscc"] == code.upper()
            assert enterprise["name"] is not None
    assert reply.absences()["enterprisesByUscc.3"] == "NOT_FOUND"
    assert reply.fetches == {"scjg-entities.registration": 1}


async def test_too_many_codes_are_refused_with_the_limit(ask: Asker) -> None:
    reply = await ask(
        "query($usccs: [USCC!]!) { enterprisesByUscc(usccs: $usccs) { uscc } }", {"usccs": [CHUJINGLING] * 1001}
    )
    assert reply.data is None
    assert "at most 1,000 at a time" in reply.errors[0]["message"]


async def test_a_malformed_code_costs_its_own_field(ask: Asker) -> None:
    reply = await ask(
        f'{{ bad: enterprise(uscc: "123") {{ name }} good: enterprise(uscc: "{CHUJINGLING}") {{ name }} }}'
    )
    assert reply.data == {"bad": None, "good": {"name": "武汉楚精灵医疗科技有限公司"}}
    assert reply.codes() == {"bad": "BAD_USER_INPUT"}
    assert "3 characters, not 18" in reply.errors[0]["message"]


async def test_an_unknown_code_is_null_with_its_reason(ask: Asker) -> None:
    reply = await ask(f'{{ enterprise(uscc: "{UNKNOWN}") {{ name filings {{ year }} }} }}')
    assert reply.data == {"enterprise": None}
    assert reply.errors == []
    assert reply.absences() == {"enterprise": "NOT_FOUND"}


async def test_two_dates_give_two_answers(ask: Asker) -> None:
    code, changed, before, after = await _renamed(ask)
    reply = await ask(
        """query($uscc: USCC!, $before: Date!, $after: Date!) {
          before: enterprise(uscc: $uscc, asOf: $before) { name registeredCapital workforce { headcount } }
          after: enterprise(uscc: $uscc, asOf: $after) { name registeredCapital }
          now: enterprise(uscc: $uscc) { name }
          ancient: enterprise(uscc: $uscc, asOf: "1950-01-01") { name }
        }""",
        {"uscc": code, "before": before, "after": after},
    )
    assert reply.data["before"]["name"] != reply.data["after"]["name"] == reply.data["now"]["name"] == changed
    assert reply.data["before"]["registeredCapital"] != reply.data["after"]["registeredCapital"]
    assert reply.data["before"]["workforce"] is None
    assert reply.absences()["before.workforce"] == "NO_HISTORY"
    assert reply.data["ancient"] is None
    assert reply.absences()["ancient"] == "NOT_AS_OF"


async def _renamed(ask: Asker) -> tuple[str, str, str, str]:
    """An enterprise that has changed its name: its code, its name now, a day before and a day after."""
    database = sqlite3.connect(ask.world.folder / "registry.sqlite")
    row = database.execute(
        """SELECT now.uscc, now.ent_name, old.valid_from, now.valid_from FROM entity_history now
        JOIN entity_history old ON old.uscc = now.uscc AND old.valid_to = now.valid_from
        WHERE now.valid_to = '9999-9-9' AND now.ent_name != old.ent_name AND old.reg_cap GLOB '[0-9]*'
          AND now.reg_cap GLOB '[0-9]*' ORDER BY now.uscc LIMIT 1"""
    ).fetchone()
    database.close()
    return row[0], row[1], row[2], row[3]


async def test_qualifications_valid_on_a_date(ask: Asker) -> None:
    reply = await ask(f"""{{ enterprise(uscc: "{CHUJINGLING}") {{
        then: qualifications(validOn: "2021-12-31") {{ kind }}
        later: qualifications(validOn: "2023-01-01") {{ kind }}
        much_later: qualifications(validOn: "2030-01-01") {{ kind }}
    }} }}""")
    kinds = {name: [q["kind"] for q in found] for name, found in reply.data["enterprise"].items()}
    assert kinds == {"then": ["HIGH_TECH"], "later": ["HIGH_TECH", "LITTLE_GIANT"], "much_later": []}


async def test_amounts_not_made_public_are_null_with_the_reason(ask: Asker) -> None:
    reply = await ask("{ enterprises(first: 50) { nodes { filings { totalAssets netAssets liabilities revenue } } } }")
    reasons = set(reply.absences().values())
    assert "NOT_SHARED" in reasons
    filings = [f for node in reply.data["enterprises"]["nodes"] for f in node["filings"] or ()]
    assert any(f["totalAssets"] is None for f in filings)
    assert any(f["totalAssets"] is not None for f in filings)


async def test_what_cannot_be_read_is_null_its_own_text_kept_and_counted(ask: Asker) -> None:
    reply = await ask(
        '{ enterprises(first: 400) { nodes { status statusText } } source(id: "scjg-entities") { unreadableValues } }'
    )
    unreadable = [path for path, reason in reply.absences().items() if reason == "UNREADABLE"]
    for path in unreadable:
        node = reply.data["enterprises"]["nodes"][int(path.split(".")[2])]
        assert node["status"] is None
        assert node["statusText"] is not None
    known = [node for node in reply.data["enterprises"]["nodes"] if node["status"] == "ACTIVE"]
    assert len(known) > 300


async def test_facets_are_asked_while_the_registry_is(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    registry, awards = (ask.hub.sources.sources[name].connector for name in ("scjg-entities", "kj-awards"))
    reached = asyncio.Event()
    answer_of_registry, answer_of_awards = registry.fetch, awards.fetch

    async def waiting(wanted: Fetch) -> Rows:
        await reached.wait()
        return await answer_of_registry(wanted)

    async def reaching(wanted: Fetch) -> Rows:
        reached.set()
        return await answer_of_awards(wanted)

    monkeypatch.setattr(registry, "fetch", waiting)
    monkeypatch.setattr(awards, "fetch", reaching)
    one = await ask(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name awards {{ name }} }} }}')
    assert one.errors == []
    assert len(one.data["enterprise"]["awards"]) == 1
    assert one.fetches == {"scjg-entities.registration": 1, "kj-awards.awards": 1}


async def test_what_was_asked_for_known_enterprises_stands_when_others_turn_out_unknown(ask: Asker) -> None:
    reply = await ask(
        "query($usccs: [USCC!]!) { enterprisesByUscc(usccs: $usccs) { uscc awards { name } } }",
        {"usccs": [UNKNOWN, CHUJINGLING]},
    )
    unknown, known = reply.data["enterprisesByUscc"]
    assert unknown is None
    assert known["uscc"] == CHUJINGLING
    assert len(known["awards"]) == 1
    assert reply.absences() == {"enterprisesByUscc.0": "NOT_FOUND"}
    assert reply.fetches == {"scjg-entities.registration": 1, "kj-awards.awards": 1}
