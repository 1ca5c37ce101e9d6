"""What officers do with editions and enterprises against them: who may, what becomes of it, what the audit keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from auth import rules
from auth.audit.record import Withheld
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from tests.auditing import auditor_over, records
from tests.resolvers.scores.hub import BANK, OFFICER, PORTAL, STRANGER, Zoned, enterprise
from tests.resolvers.scores.zone import evaluated
from tests.world import Reply, hub_schema

EDITION = "edition { code state reason parent { code } evaluated noticeUntil } userErrors { field message }"
OBJECTION = "objection { id uscc state text decision indicator { id } edition { code } } userErrors { field message }"
RUN = f"mutation($i: RunEditionInput!) {{ runEdition(input: $i) {{ {EDITION} }} }}"
CORRECT = f"mutation($i: CorrectEditionInput!) {{ correctEdition(input: $i) {{ {EDITION} }} }}"
NOTICE = f"mutation($e: ID!, $u: Date!, $f: Date) {{ openNotice(edition: $e, until: $u, first: $f) {{ {EDITION} }} }}"
PUBLISH = f"mutation($e: ID!) {{ publishEdition(edition: $e) {{ {EDITION} }} }}"
FILE = f"mutation($i: FileObjectionInput!) {{ fileObjection(input: $i) {{ {OBJECTION} }} }}"
DECIDE = f'mutation($o: ID!, $a: Boolean!) {{ decideObjection(id: $o, accepted: $a, text: "seen") {{ {OBJECTION} }} }}'
YEAR = {"zone": "Zone:east-lake", "scheme": "small-demo", "period": "2021-06"}


def payload(reply: Reply) -> Mapping[str, Any]:
    """What became of the one thing that was to be changed."""
    assert reply.errors == []
    (found,) = reply.data.values()
    return dict(found)


def problem(reply: Reply) -> str:
    """What is wrong with what was given."""
    (error,) = payload(reply)["userErrors"]
    return str(error["message"])


async def test_an_officer_brings_an_edition_from_a_draft_to_final(hub: Zoned) -> None:
    guarded = hub.ask.guarded()
    codes = evaluated(hub.of)[:5]
    made = payload(await guarded(RUN, {"i": {**YEAR, "usccs": codes}}, principal=OFFICER))["edition"]
    assert (made["state"], made["evaluated"]) == ("DRAFT", 5)
    noticed = await guarded(NOTICE, {"e": made["code"], "u": "2023-07-04"}, principal=OFFICER)
    assert payload(noticed)["edition"]["state"] == "NOTICE"
    longer = await guarded(NOTICE, {"e": made["code"], "u": "2023-07-05"}, principal=OFFICER)
    assert payload(longer)["edition"]["noticeUntil"] == "2023-07-05"
    early = await guarded(PUBLISH, {"e": f"Edition:{made['code']}"}, principal=OFFICER)
    assert "until 2023-07-05; publish it after that" in problem(early)
    later = hub.on(date(2023, 7, 6)).ask.guarded()
    final = payload(await later(PUBLISH, {"e": made["code"]}, principal=OFFICER))["edition"]
    assert final["state"] == "FINAL"
    correction = {"i": {"edition": made["code"], "reason": "one patent too many", "usccs": codes}}
    corrected = payload(await later(CORRECT, correction, principal=OFFICER))["edition"]
    assert (corrected["parent"], corrected["reason"]) == ({"code": made["code"]}, "one patent too many")
    assert corrected["state"] == "DRAFT"


async def test_what_cannot_be_done_is_said(hub: Zoned) -> None:
    guarded = hub.ask.guarded()
    hub.ways.down.add("tax")
    for given, said in (
        ({**YEAR, "period": "x"}, "'x' is no period"),
        ({**YEAR, "scheme": "none"}, "There is no scheme 'none'. This hub has: small-demo@1."),
        ({**YEAR, "usccs": ["91X"]}, "Check the code for a typing error"),
        ({**YEAR, "period": "2020"}, "nobody in east-lake"),
        ({**YEAR, "period": "2022"}, "tax: is closed. No edition was made"),
    ):
        assert said in problem(await guarded(RUN, {"i": given}, principal=OFFICER))
    for query, variables, said in (
        (PUBLISH, {"e": "x"}, "There is no edition 'x'"),
        (PUBLISH, {"e": hub.old.id}, "is FINAL, not NOTICE"),
        (NOTICE, {"e": hub.old.id, "u": "2023-07-04"}, "is FINAL, not DRAFT"),
        (NOTICE, {"e": hub.new.id, "u": "2023-07-04", "f": "2023-06-01"}, "begins today at the earliest"),
        (CORRECT, {"i": {"edition": hub.old.id, "reason": " "}}, "Give reason as 1 to 2,000 printable characters"),
    ):
        assert said in problem(await guarded(query, variables, principal=OFFICER))
    missing = {**YEAR, "period": "2022", "acceptMissing": ["Source:tax"]}
    accepted = await guarded(RUN, {"i": missing}, principal=OFFICER)
    assert payload(accepted)["edition"]["state"] == "DRAFT"


async def test_through_the_graph_only_so_many_are_scored(hub: Zoned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolvers.edition_work._MOST", 10)
    refused = problem(await hub.ask.guarded()(RUN, {"i": {**YEAR, "period": "2022"}}, principal=OFFICER))
    assert f"These are {len(evaluated(hub.of))} enterprises; up to 10 are scored through the graph" in refused


async def test_a_run_that_takes_too_long_goes_on_when_it_is_asked_for_again(hub: Zoned) -> None:
    slow = Engine(hub_schema(), GRAPH, hub.ask.hub, request_seconds=0.001)
    late = await replace(hub.ask, engine=slow)(RUN, {"i": {**YEAR, "period": "2022"}}, principal=OFFICER)
    assert "ask again, and it goes on" in problem(late)
    assert payload(await hub.ask(RUN, {"i": {**YEAR, "period": "2022"}}, principal=OFFICER))["edition"]


READERS = {
    "anonymous": None, "portal": PORTAL, "bank": BANK, "an officer elsewhere": STRANGER,
    "an enterprise": enterprise("91420100MA0000012X"),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
async def test_only_officers_of_the_zone_change_its_editions(hub: Zoned, name: str) -> None:
    guarded = hub.ask.guarded()
    draft = await hub.make()
    filed = await hub.shelf.objections.file(hub.new.id, (await hub.evaluated())[0], None, "no", date(2023, 6, 9), "x")
    given: Mapping[str, Any] = {"principal": READERS[name]} if READERS[name] else {}
    for query, variables in (
        (RUN, {"i": YEAR}),
        (CORRECT, {"i": {"edition": hub.new.id, "reason": "x"}}),
        (NOTICE, {"e": draft.id, "u": "2023-07-04"}),
        (NOTICE, {"e": hub.new.id, "u": "2023-07-04"}),
        (NOTICE, {"e": "x", "u": "2023-07-04"}),
        (PUBLISH, {"e": hub.new.id}),
        (DECIDE, {"o": filed.id, "a": True}),
        (DECIDE, {"o": "x", "a": True}),
    ):
        reply = await guarded(query, variables, **given)
        if name == "an officer elsewhere" and variables.get("e") in (draft.id, "x"):
            assert "There is no edition" in problem(reply), "a draft is to others as if it were not there"
        elif name == "an officer elsewhere" and "o" in variables:
            assert "There is no objection" in problem(reply)
        else:
            assert set(reply.codes().values()) == {"FORBIDDEN"}, query
    assert await hub.shelf.editions.get(draft.id) == draft
    assert await hub.shelf.editions.get(hub.new.id) == hub.new
    assert await hub.shelf.objections.get(filed.id) == filed


async def test_an_objection_is_filed_shown_as_a_flag_and_decided(hub: Zoned) -> None:
    guarded = hub.ask.guarded()
    code = (await hub.evaluated())[0]
    own = enterprise(code)
    given = {"i": {"edition": hub.new.id, "indicator": "patents", "text": "one more was granted"}}
    filed = payload(await guarded(FILE, given, principal=own))["objection"]
    assert (filed["uscc"], filed["state"], filed["indicator"]) == (code, "OPEN", {"id": "patents"})
    assert filed["edition"] == {"code": hub.new.id}
    again = await guarded(FILE, given, principal=own)
    assert "yet to be decided" in problem(again)
    query = f"""{{ enterprise(uscc: "{code}") {{ score {{ disputed objections {{ id text }}
        indicators {{ indicator {{ id }} objections {{ state decision }} }} }} }}
        edition(id: "{hub.new.id}") {{ objections {{ id }} }} }}"""
    for reader in (own, OFFICER):
        shown = (await guarded(query, principal=reader)).data
        score = shown["enterprise"]["score"]
        assert (score["disputed"], len(score["objections"])) == (True, 1)
        flagged = {one["indicator"]["id"]: one["objections"] for one in score["indicators"]}
        assert flagged == {"rd_intensity": [], "patents": [{"state": "OPEN", "decision": None}], "age": []}
        assert shown["edition"]["objections"] == [{"id": filed["id"]}]
    for reader in (PORTAL, BANK, STRANGER, enterprise((await hub.evaluated())[1])):
        hidden = await guarded(query, principal=reader)
        assert hidden.data["edition"] == {"objections": []}
        assert hidden.data["enterprise"]["score"] is None
    decided = payload(await guarded(DECIDE, {"o": filed["id"], "a": False}, principal=OFFICER))["objection"]
    assert (decided["state"], decided["decision"]) == ("REJECTED", "seen")
    settled = (await guarded(query, principal=own)).data["enterprise"]["score"]
    assert settled["disputed"] is False
    assert "It was decided before" in problem(await guarded(DECIDE, {"o": filed["id"], "a": True}, principal=OFFICER))


async def test_an_objection_that_comes_too_late_or_about_nothing_is_refused_with_its_reason(hub: Zoned) -> None:
    code = (await hub.evaluated())[0]
    own, guarded = enterprise(code), hub.ask.guarded()
    late = hub.on(date(2023, 7, 1)).ask.guarded()
    new: Mapping[str, Any] = {"edition": hub.new.id, "text": "wrong"}
    for asked, given, said in (
        (late, new, "are filed from 2023-06-01 to 2023-06-30; today is 2023-07-01"),
        (guarded, {**new, "edition": hub.old.id}, "is FINAL: objections are filed while it is under NOTICE"),
        (guarded, {**new, "edition": "x"}, "There is no edition 'x'"),
        (guarded, {**new, "edition": (await hub.make()).id}, "There is no edition"),
        (guarded, {**new, "indicator": "x"}, "no indicator 'x'; it has: rd_intensity, patents, age"),
        (guarded, {**new, "text": "  "}, "Give text as 1 to 2,000 printable characters"),
    ):
        assert said in problem(await asked(FILE, {"i": given}, principal=own))
    stranger = enterprise(min({one["uscc"] for one in hub.of["roster"]} - set(evaluated(hub.of))))
    assert "has no score in" in problem(await guarded(FILE, {"i": new}, principal=stranger))
    for reader in (OFFICER, PORTAL, BANK):
        assert (await guarded(FILE, {"i": new}, principal=reader)).codes() == {"fileObjection": "FORBIDDEN"}


async def test_every_change_is_in_the_audit_and_tells_the_enterprise(hub: Zoned, tmp_path: Path) -> None:
    code = (await hub.evaluated())[0]
    own, store = enterprise(code), hub.shelf.editions.engine
    auditor = auditor_over(store, tmp_path)
    audited = replace(hub.ask.hub, auditor=auditor)
    asked = replace(hub.ask, hub=audited, engine=Engine(hub_schema(), GRAPH, audited, rules=rules.load()))
    filed = payload(await asked(FILE, {"i": {"edition": hub.new.id, "text": "no"}}, principal=own))["objection"]
    await asked(DECIDE, {"o": filed["id"], "a": True}, principal=OFFICER)
    await asked(NOTICE, {"e": hub.new.id, "u": "2023-07-04"}, principal=OFFICER)
    await asked(PUBLISH, {"e": hub.new.id}, principal=OFFICER)
    kept = await records(auditor)
    await auditor.aclose()
    assert [record.reason for record in kept] == [
        f"file objection {filed['id']} against {hub.new.id}",
        f"decide objection as ACCEPTED {filed['id']} against {hub.new.id}",
        f"open notice {hub.new.id}",
        None,
    ]
    assert [record.subject for record in kept] == ["wang", "li", "li", "li"]
    assert kept[3].withheld == (Withheld("Mutation.publishEdition", "NOT_ALLOWED"),), "what was refused"
    assert all(record.of(code) for record in kept[:2])
