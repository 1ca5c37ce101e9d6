"""Previews: what a question would touch, told before it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from auth.principal import ANONYMOUS, Principal
from codes import uscc
from codes.access import DataGroup, Purpose
from codes.kinds import Sharing
from store.consents import Agreement
from tests.resolvers.test_sharing import sharing
from tests.world import CHUJINGLING, Asker, World, asking

AGREED, UNKNOWN = (uscc.compose("91", "000000", f"MAX{n}") for n in ("00002", "99999"))
PREVIEW = {"hub-preview": "true"}
BOTH = "query($l: [USCC!]!) { enterprisesByUscc(usccs: $l) { name filings { year revenue } workforce { headcount } } }"


async def previewed(
    ask: Asker,
    query: str,
    variables: Mapping[str, Any] | None = None,
    reader: Principal = ANONYMOUS,
    purpose: str | None = None,
) -> Any:
    """The preview of a question, for which no source has been asked."""
    headers = {**PREVIEW, **({"hub-purpose": purpose} if purpose else {})}
    reply = await ask.guarded()(query, variables, headers=headers, principal=reader)
    assert reply.body["data"] is None
    assert reply.body.keys() == {"data", "extensions"}
    assert reply.extensions.keys() == {"preview"}
    assert reply.fetches == {}
    return reply.extensions["preview"]


async def test_a_preview_tells_sources_batches_and_cost(ask: Asker) -> None:
    found = await previewed(ask, "{ enterprises(first: 10) { nodes { name awards { name } } } }")
    assert (found["engine"], found["cost"], found["costLimit"]) == ("compiled", 41, 100_000)
    assert found["batches"] == 3
    (page,) = found["steps"]
    assert page["cost"] == pytest.approx(20.2)
    registration, awards = page["below"]
    assert registration["sources"] == {"scjg-entities.registration": ["name"]}
    assert (awards["asks"], awards["path"]) == ("Enterprise.awards", ["enterprises", "nodes", "awards"])
    assert list(awards["sources"]) == ["kj-awards.awards"]
    assert awards["cost"] == pytest.approx(20.4)
    assert page["cost"] + awards["cost"] == pytest.approx(40.6)
    assert "resolver" not in str(found), "which functions answer is nobody's business"


async def test_a_preview_names_no_source_that_is_never_shared(world: World) -> None:
    async with asking(world, sharing(Sharing.NEVER, "kj-awards")) as ask:
        found = await previewed(ask, f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name awards {{ name }} }} }}')
    assert "scjg-entities.registration" in str(found["steps"])
    assert "kj-awards" not in str(found["steps"])


async def test_the_question_itself_costs_what_its_preview_says(ask: Asker) -> None:
    query = "query($n: Int) { enterprises(first: $n) { totalCount nodes { name filings { year } } } }"
    found = await previewed(ask, query, {"n": 30})
    assert (await ask.guarded()(query, {"n": 30})).extensions["cost"] == found["cost"] == 143


async def test_what_would_be_too_dear_is_told_and_not_refused(ask: Asker) -> None:
    found = await previewed(ask, "query($n: Int) { enterprises(first: $n) { nodes { name } } }", {"n": 200_000})
    assert found["cost"] > found["costLimit"]


async def test_a_visitor_learns_what_it_would_not_get(ask: Asker) -> None:
    found = await previewed(ask, BOTH, {"l": [CHUJINGLING]})
    assert {(entry["field"], entry["code"], entry["level"]) for entry in found["withheld"]} == {
        ("Enterprise.filings", "FORBIDDEN", 3),
        ("Enterprise.workforce", "FORBIDDEN", 3),
    }
    assert {"group": "FILINGS", "level": 3} in found["holds"]
    (root,) = found["steps"]
    assert [(step["asks"], step.get("withheld")) for step in root["below"]] == [
        ("Enterprise (registration)", None),
        ("Enterprise.filings", "FORBIDDEN"),
        ("Enterprise.workforce", "FORBIDDEN"),
    ]
    assert found["batches"] == 2
    assert found["purposes"] == {"given": None, "needed": [], "missing": []}
    assert found["consents"] == {"needed": [], "missing": []}


async def test_a_mask_is_told_as_one(ask: Asker) -> None:
    found = await previewed(ask, f'{{ enterprise(uscc: "{CHUJINGLING}") {{ legalRepresentative name }} }}')
    assert [(entry["field"], entry["code"]) for entry in found["withheld"]] == [
        ("Enterprise.legalRepresentative", "MASKED")
    ]


async def test_a_filter_by_what_may_not_be_seen_is_told(ask: Asker, readers: Mapping[str, Principal]) -> None:
    query = "{ enterprises(filter: { qualification: [HIGH_TECH] }) { nodes { name } } }"
    scoped = replace(readers["portal"], scopes=frozenset(("REGISTRATION",)))
    found = await previewed(ask, query, reader=scoped)
    assert ("filter.qualification of Query.enterprises", "FORBIDDEN") in {
        (entry["field"], entry["code"]) for entry in found["withheld"]
    }


async def test_a_bank_learns_which_purpose_and_which_consents_it_lacks(
    ask: Asker, readers: Mapping[str, Principal]
) -> None:
    assert ask.hub.consents is not None
    today = ask.hub.today()
    agreement = Agreement(
        AGREED, "boc", frozenset((DataGroup.FILINGS,)), frozenset((Purpose.PRE_LOAN,)), today,
        today + timedelta(days=9), None, None, "somebody",
    )  # fmt: skip
    await ask.hub.consents.consents.grant(agreement)
    codes, bank = {"l": [CHUJINGLING, AGREED.lower(), UNKNOWN, "nonsense"]}, readers["bank-boc"]
    without = await previewed(ask, BOTH, codes, bank)
    assert without["purposes"] == {
        "given": None, "needed": ["FILINGS", "WORKFORCE"], "missing": ["FILINGS", "WORKFORCE"],
    }  # fmt: skip
    assert without["consents"] == {"needed": [], "missing": []}
    found = await previewed(ask, BOTH, codes, bank, purpose="PRE_LOAN")
    assert found["purposes"] == {"given": "PRE_LOAN", "needed": ["FILINGS", "WORKFORCE"], "missing": []}
    assert found["consents"] == {
        "needed": ["FILINGS", "WORKFORCE"],
        "missing": [
            {"uscc": CHUJINGLING, "groups": ["FILINGS", "WORKFORCE"]},
            {"uscc": AGREED, "groups": ["WORKFORCE"]},
            {"uscc": UNKNOWN, "groups": ["FILINGS", "WORKFORCE"]},
        ],
    }
    unusable = await previewed(ask, BOTH, codes, bank, purpose="POLICY")
    assert unusable["purposes"]["missing"] == ["FILINGS", "WORKFORCE"]


@pytest.mark.parametrize(
    "query",
    [
        '{ enterprise(uscc: "%s") { filings { year } } }',
        '{ node(id: "Enterprise:%s") { ... on Enterprise { filings { year } } } }',
        '{ nodes(ids: ["Zone:x", "Enterprise:%s", "Enterprise:nonsense"]) { ... on Enterprise { filings { year } } } }',
    ],
)
@pytest.mark.parametrize("code", [CHUJINGLING, UNKNOWN])
async def test_codes_are_found_in_literals_and_identities_and_nothing_tells_which_exist(
    ask: Asker, readers: Mapping[str, Principal], query: str, code: str
) -> None:
    found = await previewed(ask, query % code, reader=readers["bank-boc"], purpose="PRE_LOAN")
    assert found["consents"]["missing"] == [{"uscc": code, "groups": ["FILINGS"]}]


async def test_what_is_the_readers_own_needs_no_consent(ask: Asker, readers: Mapping[str, Principal]) -> None:
    own = await previewed(ask, BOTH, {"l": [CHUJINGLING]}, readers["enterprise-chujingling"])
    assert {entry["own"] for entry in own["withheld"]} == {"ALLOW"}
    assert {entry["code"] for entry in own["withheld"]} == {"FORBIDDEN"}
    assert own["consents"]["missing"] == []


async def test_a_mutation_is_not_made_by_its_preview(ask: Asker, readers: Mapping[str, Principal]) -> None:
    mutation = (
        'mutation { grantConsent(input: { grantee: "x", groups: [FILINGS], purposes: [POLICY] }) { consent { id } } }'
    )
    reader = readers["enterprise-zhongjiali"]
    found = await previewed(ask, mutation, reader=reader)
    assert (found["engine"], found["cost"], found["steps"]) == ("reference: mutation", 12, [])
    assert ask.hub.consents is not None
    made = await ask.hub.consents.consents.of_enterprises([AGREED])
    assert [consent for consent in made[AGREED] if consent.agreement.grantee == "x"] == []


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int!) { enterprises(first: $n) { nodes { name } } }", {}, "BAD_USER_INPUT"),
        (BOTH, {"l": [CHUJINGLING] * 1001}, "BAD_USER_INPUT"),
    ],
)
async def test_what_could_not_be_asked_has_its_errors_in_the_preview_too(
    ask: Asker, query: str, variables: Mapping[str, Any], code: str
) -> None:
    reply = await ask.guarded()(query, variables, headers=PREVIEW)
    assert reply.request_error
    assert reply.errors[0]["extensions"]["code"] == code


async def test_the_header_says_yes_or_no(ask: Asker) -> None:
    refused = await ask("{ zones { id } }", headers={"hub-preview": "perhaps"})
    assert "Hub-Preview is 'perhaps'" in refused.errors[0]["message"]
    assert (await ask("{ zones { id } }", headers={"hub-preview": "false"})).data["zones"]


async def test_where_there_are_no_rules_a_preview_tells_of_the_plan_alone(ask: Asker) -> None:
    reply = await ask("{ zones { id figures { name } } }", headers=PREVIEW)
    assert reply.extensions["preview"]["batches"] == 2
    assert reply.extensions["preview"]["holds"] == []
    assert reply.fetches == {}
