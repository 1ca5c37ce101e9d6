"""Every mutation for every reader: who may not change something changes nothing, and learns nothing."""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLNonNull, get_named_type, is_list_type

from auth import rules
from auth.principal import Principal
from codes.access import DataGroup, Purpose
from resolvers.request import Hub
from store.consents import Agreement
from tests.consenting import EDITION, NORTH, SOUTH, Consenting, consenting
from tests.everything import SCHEMA
from tests.resolvers.test_access_matrix import READERS, reader_of
from tests.world import CHUJINGLING, Asker, World

LENDERS = frozenset(("bank-icbc", "bank-boc", "guarantee-dongke", NORTH, SOUTH))
BOC = "bank-boc"
DEMAND = 'amount: "1000000", termMonths: 12, about: "x", guaranteeKinds: [CREDIT]'
TERMS = (
    'name: "x", lenderName: "x", amountMax: "1000000", termMonthsMax: 12, guaranteeKinds: [CREDIT], '
    'validFrom: "2023-01-01"'
)
ENTERPRISES = frozenset(("enterprise-chujingling", "enterprise-zhongjiali"))
OFFICER, NETWORK, OWN = "officer-eastlake", "partner-managers", "enterprise-chujingling"
DAY = date(2023, 6, 30)


@dataclass(frozen=True)
class Called:
    """How a mutation is called, and who may change something by it; a thing stands for one that there is."""

    arguments: str
    may: frozenset[str]


CALLS: Mapping[str, Called] = {
    "grantConsent": Called('input: { grantee: "icbc", groups: [FILINGS], purposes: [PRE_LOAN] }', ENTERPRISES),
    "revokeConsent": Called('id: "CONSENT"', frozenset((OWN,))),
    "runEdition": Called(
        f'input: {{ zone: "east-lake", scheme: "national-18-demo", period: "2022", usccs: ["{CHUJINGLING}"] }}',
        frozenset((OFFICER,)),
    ),
    "openNotice": Called('edition: "DRAFT", until: "2023-07-04"', frozenset((OFFICER,))),
    "publishEdition": Called('edition: "DRAFT"', frozenset()),
    "correctEdition": Called(
        f'input: {{ edition: "{EDITION}", reason: "x", usccs: ["{CHUJINGLING}"] }}', frozenset((OFFICER,))
    ),
    "fileObjection": Called(f'input: {{ edition: "{EDITION}", indicator: "r_and_d", text: "x" }}', frozenset()),
    "decideObjection": Called('id: "OBJECTION", accepted: true, text: "x"', frozenset((OFFICER,))),
    "requestIntroduction": Called(
        f'idempotencyKey: "KEY", input: {{ enterprise: "{CHUJINGLING}", manager: "tm-003", about: "x" }}',
        frozenset((OWN, OFFICER)),
    ),
    "advanceIntroduction": Called(
        'idempotencyKey: "KEY", input: { id: "INTRODUCTION", version: 1, action: ACCEPT }', frozenset((NETWORK,))
    ),
    "publishDemand": Called(f'idempotencyKey: "KEY", input: {{ {DEMAND} }}', ENTERPRISES),
    "advanceDemand": Called(
        'idempotencyKey: "KEY", input: { id: "DEMAND", version: 1, action: CLOSE }', frozenset((OWN,))
    ),
    "applyForLoan": Called(
        'idempotencyKey: "KEY", input: { demand: "DEMAND", product: "icbc-tech-loan" }', frozenset((OWN,))
    ),
    "advanceLoan": Called(
        'idempotencyKey: "KEY", input: { id: "LOAN", version: 1, action: ACCEPT }', frozenset((BOC,))
    ),
    "recordLoanMovement": Called(
        'idempotencyKey: "KEY", input: { application: "LOAN", kind: DRAW, amount: "1", day: "2023-06-30" }', frozenset()
    ),
    "offerPreCredit": Called(
        f'idempotencyKey: "KEY", input: {{ edition: "{EDITION}", line: "1", scoreAtLeast: "1", '
        'expiresOn: "2023-07-01" }',
        frozenset(),
    ),
    "withdrawPreCredit": Called('idempotencyKey: "KEY", input: { id: "BATCH", version: 1 }', frozenset((BOC,))),
    "setPortfolioList": Called('idempotencyKey: "KEY", input: { name: "KEY", usccs: [] }', LENDERS),
    "draftLoanProduct": Called(f'idempotencyKey: "KEY", input: {{ terms: {{ {TERMS} }} }}', LENDERS),
    "editLoanProduct": Called(
        f'idempotencyKey: "KEY", input: {{ id: "LISTING", version: 1, terms: {{ {TERMS} }} }}', frozenset((BOC,))
    ),
    "listLoanProduct": Called('idempotencyKey: "KEY", input: { id: "LISTING", version: 1 }', frozenset((BOC,))),
    "withdrawLoanProduct": Called('idempotencyKey: "KEY", input: { id: "LISTING", version: 1 }', frozenset((BOC,))),
}
"""Nobody may publish a draft that was not up for notice, object to an indicator that is not there, hold out pre-credit
without a purpose, or draw from what was not granted."""
SAMPLES: Mapping[str, str] = {
    "String": '"x"', "ID": '"nothing"', "Int": "1", "Boolean": "true", "Date": '"2023-06-30"', "Decimal": '"1"',
    "USCC": f'"{CHUJINGLING}"',
}  # fmt: skip
"""A value of each scalar, for calls that are made of the schema."""


def sample(type_: Any) -> str:
    """A value for an argument, with only what has to be given."""
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        given = [f"{n}: {sample(f.type)}" for n, f in named.fields.items() if isinstance(f.type, GraphQLNonNull)]
        value = f"{{ {', '.join(given)} }}"
    else:
        value = next(iter(named.values)) if isinstance(named, GraphQLEnumType) else SAMPLES[named.name]
    return f"[{value}]" if is_list_type(getattr(type_, "of_type", type_)) else value


OFFICERS = frozenset((OFFICER, "officer-nanchang"))
OTHERS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("draftPolicy", "editPolicy", "publishPolicy", "withdrawPolicy"), OFFICERS),
    **dict.fromkeys(("objectToDatum", "advanceDataObjection"), ENTERPRISES | {"department-tax"}),
    **dict.fromkeys(("openBudgetPool", "changeBudgetPool"), OFFICERS),
    **dict.fromkeys(
        ("matchEntitlements", "confirmEntitlement", "advanceEntitlement", "advanceEntitlements"), ENTERPRISES | OFFICERS
    ),
}
"""Mutations that have tests of their parties in tests/flows, and whose roles may call them at all."""

KNOWN: Mapping[str, frozenset[str]] = {
    "publishEdition": frozenset((OFFICER,)),
    "advanceIntroduction": frozenset((OWN, OFFICER)),
    "advanceLoan": frozenset((OWN,)),
    "recordLoanMovement": frozenset((OWN, BOC)),
}
"""Whose own the thing is, so that it may be told why not."""


@pytest.fixture
async def hub(world: World, tmp_path: Path) -> AsyncIterator[Consenting]:
    """A hub whose enterprises have agreed to something, with a thing of each kind."""
    async with consenting(world, tmp_path) as found:
        yield found


@dataclass(frozen=True)
class Things:
    """What there is to be changed, by the names of the calls."""

    ids: Mapping[str, str]

    def called(self, name: str, key: str, *, there: bool = True) -> str:
        """The document that calls a mutation, for what there is or for what there is not."""
        text = CALLS[name].arguments.replace("KEY", key)
        for kind, id in self.ids.items():
            text = text.replace(f'"{kind}"', f'"{id if there else absent(id)}"')
        return f"mutation {{ {name}({text}) {{ __typename {SHOWN[name]} userErrors {{ message field code }} }} }}"


SHOWN = {
    "grantConsent": "consent { id }", "revokeConsent": "consent { id }", "runEdition": "edition { id }",
    "openNotice": "edition { id }", "publishEdition": "edition { id }", "correctEdition": "edition { id }",
    "fileObjection": "objection { id }", "decideObjection": "objection { id }",
    "requestIntroduction": "introduction { id }", "advanceIntroduction": "introduction { id }",
    "publishDemand": "financingDemand { id }", "advanceDemand": "financingDemand { id }",
    **dict.fromkeys(("applyForLoan", "advanceLoan", "recordLoanMovement"), "loanApplication { id }"),
    **dict.fromkeys(("offerPreCredit", "withdrawPreCredit"), "preCreditBatch { id }"),
    "setPortfolioList": "portfolioList { id }",
    **dict.fromkeys(
        ("draftLoanProduct", "editLoanProduct", "listLoanProduct", "withdrawLoanProduct"), "loanListing { id }"
    ),
}  # fmt: skip


def absent(id: str) -> str:
    """An identity of nothing, as long as another."""
    return id[:-1] + ("0" if id[-1] != "0" else "1")


KINDS = ("DEMAND", "LOAN", "BATCH", "LISTING", "CONSENT", "OBJECTION", "DRAFT", "INTRODUCTION")


def concerned(name: str) -> frozenset[str]:
    """The kinds of things that a call names."""
    return frozenset(kind for kind in KINDS if f'"{kind}"' in CALLS[name].arguments)


async def things(ask: Asker, readers: Mapping[str, Principal], kinds: Collection[str] = KINDS) -> Things:
    """Make a thing of each of these kinds."""
    hub: Hub = ask.hub
    assert hub.consents
    assert hub.shelf
    guarded, listed, found = ask.guarded(), Things({}), dict[str, str]()
    if "CONSENT" in kinds:
        groups, purposes = frozenset((DataGroup.FILINGS,)), frozenset((Purpose.PRE_LOAN,))
        terms = Agreement(CHUJINGLING, "boc", groups, purposes, DAY, DAY, None, None, "x")
        found["CONSENT"] = (await hub.consents.consents.grant(terms)).id
    if "OBJECTION" in kinds:
        filed = (await hub.shelf.objections.of(EDITION, [CHUJINGLING]))[CHUJINGLING]
        objection = filed[0] if filed else await hub.shelf.objections.file(EDITION, CHUJINGLING, None, "no", DAY, "x")
        found["OBJECTION"] = objection.id
    if "DRAFT" in kinds:
        text = listed.called("runEdition", "").replace("2022", "2021").replace("{ id }", "{ code }")
        draft = await guarded(text, principal=readers[OFFICER])
        found["DRAFT"] = draft.data["runEdition"]["edition"]["code"]
    if "INTRODUCTION" in kinds:
        found["INTRODUCTION"] = await _made(guarded, listed, readers[OWN], "requestIntroduction")
    if {"DEMAND", "LOAN"} & {*kinds}:
        found["DEMAND"] = await _made(guarded, listed, readers[OWN], "publishDemand")
    if "LOAN" in kinds:
        text = listed.called("applyForLoan", uuid.uuid4().hex).replace('"DEMAND"', f'"{found["DEMAND"]}"')
        applied = await guarded(text.replace("icbc-tech-loan", "boc-points-loan"), principal=readers[OWN])
        found["LOAN"] = applied.data["applyForLoan"]["loanApplication"]["id"].partition(":")[2]
    if "BATCH" in kinds:
        text = listed.called("offerPreCredit", uuid.uuid4().hex)
        offered = await guarded(text, principal=readers[BOC], headers={"hub-purpose": "PRE_LOAN"})
        found["BATCH"] = offered.data["offerPreCredit"]["preCreditBatch"]["id"].partition(":")[2]
    if "LISTING" in kinds:
        found["LISTING"] = await _made(guarded, listed, readers[BOC], "draftLoanProduct")
    return Things(found)


async def _made(guarded: Asker, listed: Things, reader: Principal, name: str) -> str:
    """Call a mutation that makes something; return its local id."""
    reply = await guarded(listed.called(name, uuid.uuid4().hex), principal=reader)
    id: str = reply.data[name][SHOWN[name].split()[0]]["id"]
    return id.partition(":")[2]


def kept(ask: Asker) -> str:
    """A digest of all that the store keeps; not of keys, which remember refusals."""
    path = ask.world.store_url.partition("///")[2]
    digest = hashlib.sha256()
    connection = sqlite3.connect(path)
    try:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        for (table,) in tables:
            if table not in ("change_key", "edition_run", "edition_page") and not table.startswith("directory_"):
                digest.update(table.encode())
                digest.update(msgspec.msgpack.encode(connection.execute(f'SELECT * FROM "{table}"').fetchall()))
    finally:
        connection.close()
    return digest.hexdigest()


def test_every_mutation_is_called() -> None:
    assert SCHEMA.mutation_type is not None
    assert {*CALLS, *OTHERS} == set(SCHEMA.mutation_type.fields), "say how it is called, and who may"


async def test_whose_roles_may_not_do_such_things_is_refused_outright(
    hub: Consenting, readers: Mapping[str, Principal]
) -> None:
    guarded = hub.ask.guarded(rules.load())
    assert SCHEMA.mutation_type is not None
    for name, may in OTHERS.items():
        given = ", ".join(f"{n}: {sample(a.type)}" for n, a in SCHEMA.mutation_type.fields[name].args.items())
        before = kept(hub.ask)
        for reader_name in READERS:
            if reader_name not in may:
                document = f"mutation {{ {name}({given}) {{ userErrors {{ code }} }} }}"
                reply = await guarded(document, principal=reader_of(readers, reader_name))
                assert reply.codes() == {name: "FORBIDDEN"}, f"{reader_name} by {name}"
                assert reply.data == {name: None}
        assert kept(hub.ask) == before, name


async def test_who_may_not_change_something_changes_nothing_and_learns_nothing(
    hub: Consenting, readers: Mapping[str, Principal]
) -> None:
    found = await things(hub.ask, readers)
    guarded = hub.ask.guarded(rules.load())
    for reader_name in READERS:
        reader = reader_of(readers, reader_name)
        for name, call in CALLS.items():
            if reader_name in call.may:
                continue
            before = kept(hub.ask)
            key = f"{reader_name} {name}"
            reply = await guarded(found.called(name, key), principal=reader)
            unknown = await guarded(found.called(name, f"{key} again", there=False), principal=reader)
            assert kept(hub.ask) == before, f"{reader_name} has changed something by {name}"
            payload = reply.data[name]
            (thing,) = SHOWN[name].split()[:1]
            assert payload is None or payload[thing] is None
            told = payload["userErrors"] if payload else reply.errors
            assert told, f"{reader_name} is not told why {name} was refused"
            if reader_name not in KNOWN.get(name, ()):
                assert _of_nothing(reply.body, found) == _of_nothing(unknown.body, found), (
                    f"{reader_name} learns by {name}"
                )


async def test_who_may_change_something_does(hub: Consenting, readers: Mapping[str, Principal]) -> None:
    guarded = hub.ask.guarded(rules.load())
    for name, call in CALLS.items():
        for reader_name in sorted(call.may):
            found = await things(hub.ask, readers, concerned(name))
            before = kept(hub.ask)
            reply = await guarded(
                found.called(name, f"{name} {reader_name}"), principal=reader_of(readers, reader_name)
            )
            assert reply.errors == [], f"{reader_name} by {name}: {reply.errors}"
            assert reply.data[name]["userErrors"] == [], f"{reader_name} by {name}"
            assert kept(hub.ask) != before, f"{reader_name} by {name}"


def _of_nothing(body: Mapping[str, Any], found: Things) -> str:
    text = str({name: part for name, part in body.items() if name != "extensions"})
    for id in found.ids.values():
        text = text.replace(id, "ID").replace(absent(id), "ID")
    return text
