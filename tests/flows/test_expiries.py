"""What runs out before long: told to whose it is, and to whom it was given; by days that are left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from tests.flows.conftest import Hub
from tests.flows.parties import BOC, ENTERPRISE, ICBC, OFFICER, agree, made, withdraw
from tests.flows.test_loans import S, advance, arrived
from tests.world import CHUJINGLING, Asker, hub_schema

TODAY = date.today()
ONE = "kind name of endsOn daysLeft urgency source { id }"
PARTS = ("qualifications", "credits", "lines", "consents", "own")
SHOWN = "expiries(within: 400) { " + " ".join(f"{part} {{ {ONE} }}" for part in PARTS) + " }"
OF_ENTERPRISE = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ {SHOWN} }} }}'
PORTFOLIO = f"""{{ portfolio(usccs: ["{CHUJINGLING}", "91000000MAX000023M"], since: "2023-01-01", first: 10) {{
    nodes {{ uscc {SHOWN} }} }} }}"""


def consented(hub: Hub, grantee: str, days: int) -> str:
    text = "mutation($i: GrantConsentInput!) { grantConsent(input: $i) { consent { id } userErrors { message } } }"
    last = (TODAY + timedelta(days)).isoformat()
    given = {"grantee": grantee, "groups": ["SCORE"], "purposes": ["PRE_LOAN"], "lastDay": last}
    return str(made(hub.ask(ENTERPRISE, text, i=given))["id"])


def told(found: list[dict[str, Any]]) -> dict[str, tuple[str, int, str | None]]:
    return {one["of"]: (one["name"], one["daysLeft"], one["urgency"]) for one in found}


def test_lines_and_consents_are_told_to_whom_they_concern(acting: Hub) -> None:
    soon, later, far = (consented(acting, "icbc", days) for days in (30, 31, 181))
    gone = consented(acting, "icbc", 5)
    withdraw(acting, ENTERPRISE, gone)
    line = arrived(acting, S.SIGNED)
    approved = made(
        advance(acting, BOC, arrived(acting, S.REVIEW), "APPROVE", lineExpiresOn=(TODAY + timedelta(180)).isoformat())
    )
    said = acting.ask(ENTERPRISE, OF_ENTERPRISE)
    assert said.codes() == {}
    own = said.data["enterprise"]["expiries"]
    consents = told(own["consents"])
    assert {consents[soon], consents[later], consents[far]} == {
        ("icbc", 30, "URGENT"),
        ("icbc", 31, "WARNING"),
        ("icbc", 181, None),
    }
    assert gone not in consents
    assert [one["daysLeft"] for one in own["consents"]] == sorted(one["daysLeft"] for one in own["consents"])
    lines = told(own["lines"])
    assert (lines[line["id"]], lines[approved["id"]]) == (("boc", 1, "URGENT"), ("boc", 180, "WARNING"))
    assert own["own"] == [], "it has lent nothing to itself"

    seen = {one["uscc"]: one["expiries"] for one in acting.ask(BOC, PORTFOLIO, "MONITORING").data["portfolio"]["nodes"]}
    assert told(seen[CHUJINGLING]["own"]).keys() >= {line["id"], approved["id"]}
    assert seen[CHUJINGLING]["own"][0]["kind"] == "CREDIT"
    assert seen["91000000MAX000023M"]["own"] == []
    given = acting.ask(ICBC, OF_ENTERPRISE, "MONITORING")
    assert told(given.data["enterprise"]["expiries"]["own"]) == {
        id: consents[id] for id in consents if consents[id][0] == "icbc"
    }
    for name in (BOC, ICBC):
        refused = acting.ask(name, PORTFOLIO, "MONITORING").codes()
        assert {path.rpartition(".")[2]: code for path, code in refused.items()} == {
            "credits": "CONSENT_REQUIRED", "lines": "CONSENT_REQUIRED", "consents": "FORBIDDEN",
        }  # fmt: skip
    consent = agree(acting, ENTERPRISE, "icbc", ["LENDING"], ["MONITORING"])
    lending = acting.ask(ICBC, OF_ENTERPRISE, "MONITORING").data["enterprise"]["expiries"]
    assert told(lending["lines"]) == lines
    withdraw(acting, ENTERPRISE, consent)
    of_zone = acting.ask(OFFICER, OF_ENTERPRISE)
    assert told(of_zone.data["enterprise"]["expiries"]["lines"]) == lines
    assert set(of_zone.codes()) == {"enterprise.expiries.consents"}
    nobody = acting.ask("anonymous", OF_ENTERPRISE)
    assert set(nobody.codes()) == {f"enterprise.expiries.{part}" for part in ("credits", "lines", "consents")}
    assert nobody.data["enterprise"]["expiries"]["own"] == []


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2023, 6, 30), []),
        (date(2024, 6, 5), [("HIGH_TECH", 180, "WARNING")]),
        (date(2024, 11, 2), [("HIGH_TECH", 30, "URGENT")]),
        (date(2024, 12, 2), [("HIGH_TECH", 0, "URGENT")]),
        (date(2024, 12, 3), []),
        (date(2025, 1, 1), [("LITTLE_GIANT", 180, "WARNING")]),
    ],
)
async def test_qualifications_are_told_before_they_end(ask: Asker, day: date, expected: list[Any]) -> None:
    hub = replace(ask.hub, today=lambda: day)
    on = replace(ask, hub=hub, engine=Engine(hub_schema(), GRAPH, hub))
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ expiries {{ qualifications {{ {ONE} }} }} }} }}'
    reply = await on(query)
    found = reply.data["enterprise"]["expiries"]["qualifications"]
    assert [(one["name"], one["daysLeft"], one["urgency"]) for one in found] == expected
    assert all(one["source"]["id"] for one in found)


async def test_days_that_cannot_be_are_refused(ask: Asker) -> None:
    reply = await ask(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ expiries(within: -1) {{ lines {{ name }} }} }} }}')
    assert reply.codes() == {"enterprise.expiries": "BAD_USER_INPUT"}
