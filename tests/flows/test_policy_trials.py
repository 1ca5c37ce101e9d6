"""A policy tried before it is published, and what is not confirmed in time, over HTTP and by command."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from resolvers.entitling import expire, recording
from store.changes import Changes, Doer
from store.engine import once
from store.entitlements import overdue
from tests.auditing import auditor_over, records
from tests.flows.conftest import Hub
from tests.flows.entitling import RUN, act, advance, confirm, fresh, matched, newest, passed
from tests.flows.policymaking import (
    ENTERPRISE,
    NANCHANG,
    OFFICER,
    advanced,
    condition,
    done,
    drafted,
    lawful,
    opened,
    wrong,
)

PART = "key enterprises eligible nearly unknown notEligible budget"
TRIAL = f"""{{ zone(id: "east-lake") {{ policyWork(first: 100) {{ id dryRun {{
    enterprises eligible nearly unknown notEligible budget amountUnknown poolFree sufficient
    byDistrict {{ {PART} }} byStage {{ {PART} }} conditions {{ code satisfied unmet unknown }} }} }} }} }}"""
CONDITIONS = [lawful(), condition("holder", "qualification", oneOf=["HIGH_TECH"], validOn="2023-06-30"),
              condition("research", "rdIntensity", unit="%", atLeast="3", year=2022)]  # fmt: skip


def trial_of(hub: Hub, policy: dict[str, Any]) -> dict[str, Any]:
    said = hub.ask(OFFICER, TRIAL)
    assert said.codes() == {}, said.body
    found = next(one for one in said.data["zone"]["policyWork"] if one["id"] == policy["id"])
    trial: dict[str, Any] = found["dryRun"]
    return trial


def test_a_trial_tells_what_a_match_then_makes(acting: Hub) -> None:
    benefit = {"percent": "5", "of": "rdExpense", "year": 2022, "cap": "100000"}
    draft = drafted(acting, opened(acting, "1")["id"], conditions=CONDITIONS, benefit=benefit)
    trial = trial_of(acting, draft)
    assert trial["enterprises"] > trial["eligible"] > 0
    assert trial["unknown"] > 0, "some deliver nothing"
    assert sum(trial[name] for name in ("eligible", "nearly", "unknown", "notEligible")) == trial["enterprises"]
    assert (trial["poolFree"], trial["sufficient"], trial["amountUnknown"]) == ("1.00", False, 0)
    for parts in ("byDistrict", "byStage"):
        assert sum(part["enterprises"] for part in trial[parts]) == trial["enterprises"], parts
        assert sum(part["eligible"] for part in trial[parts]) == trial["eligible"], parts
    for one in trial["conditions"]:
        assert one["satisfied"] + one["unmet"] + one["unknown"] == trial["enterprises"]

    made = done(advanced(acting, OFFICER, "publishPolicy", draft))
    run = done(act(acting, OFFICER, "matchEntitlements", RUN, policy=made["id"]))
    assert {one["fit"]: one["count"] for one in run["counts"]} == {
        "ELIGIBLE": trial["eligible"], "NEARLY": trial["nearly"], "UNKNOWN": trial["unknown"],
        "NOT_ELIGIBLE": trial["notEligible"],
    }  # fmt: skip
    assert (run["made"], run["amount"]) == (trial["eligible"], trial["budget"])


def test_a_trial_is_for_officers_of_the_zone(acting: Hub) -> None:
    drafted(acting, opened(acting)["id"])
    for name in (NANCHANG, ENTERPRISE, "bank-icbc", "anonymous"):
        assert acting.ask(name, TRIAL).codes() == {"zone.policyWork": "FORBIDDEN"}, name


@pytest.mark.parametrize("push", [True, False])
def test_what_is_not_confirmed_in_time_expires(acting: Hub, push: bool) -> None:
    _, policy = fresh(acting)
    found = matched(acting, policy, push=push)
    early = wrong(advance(acting, OFFICER, found, "EXPIRE"))
    assert "It can be confirmed until" in early["message"]
    passed(acting, found["id"])
    if push:
        late = wrong(confirm(acting, found))
        assert (late["code"], "It could be confirmed until" in late["message"]) == ("NOT_ALLOWED", True)
    expired = done(advance(acting, OFFICER, found, "EXPIRE"))
    assert (expired["state"], expired["allowedActions"]) == ("EXPIRED", [])
    for name, action in ((ENTERPRISE, "DECLINE"), (OFFICER, "PUSH"), (OFFICER, "FULFIL")):
        assert wrong(advance(acting, name, expired, action))["code"] == "NOT_ALLOWED"
    assert matched(acting, policy)["state"] == "PUSHED", "it may be matched anew"


def test_a_command_lets_expire_all_that_is_late_and_has_it_recorded(acting: Hub, tmp_path: Path) -> None:
    _, policy = fresh(acting)
    found = matched(acting, policy)
    passed(acting, found["id"])

    async def run(engine: AsyncEngine) -> None:
        late = await overdue(engine, "east-lake", date.today(), 100)
        assert found["id"].partition(":")[2] in {one.id for one in late}
        auditor = auditor_over(engine, tmp_path)
        recorded = await expire(Changes(engine), late, Doer("operator", "tester"), recording(auditor, "tester"))
        assert recorded == len(late)
        reasons = [str(one.reason) for one in await records(auditor) if one.subject == "tester"]
        assert sorted(reasons) == sorted(f"expire Entitlement {one.id} version {one.version + 1}" for one in late)
        await auditor.aclose()
        assert await overdue(engine, "east-lake", date.today(), 100) == []

    asyncio.run(once(acting.store_url, run))
    ended = newest(acting, ENTERPRISE)
    assert (ended["state"], ended["history"][-1]["organisation"]) == ("EXPIRED", "operator")
