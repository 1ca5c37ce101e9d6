"""Every field of the graph for every reader, by every way to it, held against what the rules say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    parse,
)
from strawberry.utils.str_converters import to_snake_case

from auth import rules
from auth.identity import demo
from auth.principal import Principal
from auth.rules import Verdict
from codes.access import Purpose
from codes.kinds import Sharing
from tests.consenting import NORTH, SOUTH, Consenting, consenting
from tests.everything import QUESTIONS, SCHEMA, SWAPS
from tests.oracle import CONDITIONAL, GIVEN
from tests.questions import question
from tests.told import TEXT
from tests.world import World

READERS = ("anonymous", *demo.NAMES, NORTH, SOUTH)
PARTS = 6
"""The questions are asked in so many parts, each of one hub whose guards and caches serve all of its questions."""
CHANGED = frozenset(
    (
        "Mutation", "BudgetPoolPayload", "ConsentPayload", "DataObjectionPayload", "EditionPayload",
        "EntitlementPayload", "EntitlementRun",
        "EntitlementRunPayload", "EntitlementsPayload",
        "FinancingDemandPayload", "FitCount", "IntroductionPayload", "LoanApplicationPayload",
        "LoanListingPayload", "ObjectionPayload", "PortfolioListPayload", "PreCreditBatchPayload", "UserError",
        "ZonePolicyPayload",
    )
)  # fmt: skip
"""Only what changes something leads here."""
LISTENED = frozenset(("Subscription", "EditionProgress"))
"""Only who listens comes here; what is told is an ordinary question's answer (tests/flows/test_live_rights.py)."""
OWN = frozenset(("me", "scoreChanges", "_service"))
"""Root fields whose answers are made for the reader; tests/resolvers/scores/test_seeing.py asks for the changes."""


@pytest.fixture
async def hub(world: World, tmp_path: Path) -> AsyncIterator[Consenting]:
    """A hub whose enterprises have agreed to something."""
    async with consenting(world, tmp_path) as found:
        yield found


def readers_and_purposes(readers: Mapping[str, Principal]) -> Iterator[tuple[str, Principal, Purpose | None]]:
    """Give every reader without a purpose, and for each of its own."""
    for name in READERS:
        reader = reader_of(readers, name)
        for purpose in (None, *sorted(reader.purposes, key=lambda p: p.value)):
            yield name, reader, purpose


def headed(purpose: Purpose | None) -> Mapping[str, str]:
    """The header of a purpose."""
    return {"hub-purpose": purpose.value} if purpose else {}


def reader_of(readers: Mapping[str, Principal], name: str) -> Principal:
    """One of the demo's readers, or a bank of another name."""
    return readers[name] if name in readers else replace(readers["bank-icbc"], organisation=name)


@pytest.mark.parametrize("part", range(PARTS))
async def test_readers_get_what_the_rules_say_and_nothing_else(
    hub: Consenting, readers: Mapping[str, Principal], part: int
) -> None:
    shipped = rules.load()
    both = {compiled: hub.ask.guarded(shipped, compiled=compiled) for compiled in (True, False)}
    questions = {**QUESTIONS, **SWAPS}
    for way in [*questions][part::PARTS]:
        asked = await question(hub.ask, hub.open, questions[way], {}, hub.zones)
        assert asked is not None, way
        assert asked.published.errors == [], way
        for name, reader, purpose in readers_and_purposes(readers):
            expected = asked.expected(reader, shipped, purpose, hub.agreed)
            for compiled, guarded in both.items():
                reply = await guarded(questions[way], principal=reader, headers=headed(purpose))
                if fault := asked.difference(reply, expected):  # an assertion would show the whole hub
                    pytest.fail(f"{way}: {name} for {purpose}, {compiled=}: {fault}")


async def test_readers_get_the_same_from_the_sources_as_from_warm_caches(
    hub: Consenting, readers: Mapping[str, Principal]
) -> None:
    text = QUESTIONS["enterprise"]
    asked = await question(hub.ask, hub.open, text, {}, hub.zones)
    assert asked is not None
    shipped = rules.load()
    guarded = hub.ask.guarded(shipped)
    for name in READERS:
        reader = reader_of(readers, name)
        purpose = min(reader.purposes, key=lambda p: p.value, default=None)
        hub.ask.hub.sources.cache.forget()  # the caches of the whole hub
        reply = await guarded(text, principal=reader, headers=headed(purpose))
        assert reply.fetches["scjg-entities.registration"], "from a cache"
        if fault := asked.difference(reply, asked.expected(reader, shipped, purpose, hub.agreed)):
            pytest.fail(f"{name} for {purpose}: {fault}")


async def test_things_are_told_by_their_identity_as_in_lists(hub: Consenting, readers: Mapping[str, Principal]) -> None:
    listed = await hub.ask("""{ technologyManagers(first: 2) { nodes { id } } loanProducts(first: 1) { nodes { id } }
        policies(first: 1) { nodes { id } } }""")
    ids = [node["id"] for page in listed.data.values() for node in page["nodes"]]
    ids += ["TechnologyManagerNetwork:technology-managers", "Fund:nssf-zhongguancun", "Zone:east-lake", "Zone:nowhere"]
    shapes = " ".join(
        f"... on {name} {{ {_leaves(name)} }}" for name in sorted({identity.partition(":")[0] for identity in ids})
    )
    first = ids[0].partition(":")[0]
    one = f"id ... on {first} {{ {_leaves(first)} }}"
    text = f"query($ids: [ID!]!, $id: ID!) {{ nodes(ids: $ids) {{ {shapes} }} node(id: $id) {{ {one} }} }}"
    given = {"ids": ids, "id": ids[0]}
    asked = await question(hub.ask, hub.open, text, given, hub.zones)
    assert asked is not None
    assert asked.published.errors == []
    shipped = rules.load()
    for guarded in (hub.ask.guarded(shipped), hub.ask.guarded(shipped, compiled=False)):
        for name in READERS:
            reader = reader_of(readers, name)
            fault = asked.fault(await guarded(text, given, principal=reader), reader, shipped, None, hub.agreed)
            assert fault is None, f"{name}: {fault}"


def _leaves(type_name: str) -> str:
    """The plain fields of a type, under names that tell the types apart."""
    type_ = SCHEMA.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    plain = [name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type))]
    return " ".join(f"{type_name.lower()}_{name}: {name}" for name in plain)


def test_every_type_and_every_root_field_is_asked() -> None:
    asked: set[str] = set()

    def reach(type_name: str) -> None:
        asked.add(type_name)
        type_ = SCHEMA.type_map[type_name]
        if isinstance(type_, GraphQLUnionType):
            return
        assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        for field in type_.fields.values():
            target = get_named_type(field.type)
            if not is_leaf_type(target) and target.name not in asked:
                reach(target.name)

    reach("Query")
    assert set(TEXT.types) - CHANGED - LISTENED == asked - {"Node", "_Entity"}
    assert SCHEMA.query_type is not None
    roots = {field.name.value for text in QUESTIONS.values() for field in _top(text)}
    assert roots == set(SCHEMA.query_type.fields) - OWN


def _top(text: str) -> Sequence[FieldNode]:
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]


async def test_a_reader_is_told_of_nobody_but_itself(hub: Consenting, readers: Mapping[str, Principal]) -> None:
    guarded = hub.ask.guarded()
    for name in READERS:
        reader = reader_of(readers, name)
        me = (await guarded("{ me { subject organisation enterprise zones roles } }", principal=reader)).data["me"]
        assert me["subject"] == reader.subject
        assert me["organisation"] == (reader.organisation or None)
        assert me["enterprise"] == reader.enterprise
        assert me["roles"] == sorted(role.value for role in reader.roles)


def test_the_matrix_withholds_something_and_gives_something(readers: Mapping[str, Principal]) -> None:
    for name, reader in readers.items():
        rights = rules.load().rights(reader, None)
        verdicts = {rights.others[told.group] for told in TEXT.fields["Enterprise"].values()}
        assert Verdict.ALLOW in verdicts, name
        assert verdicts - set(GIVEN), name


async def test_the_conditional_fields_are_those_of_the_conditional_sources(hub: Consenting) -> None:
    sources = hub.ask.hub.sources.config.sources.values()
    assert {source.name for source in sources if source.sharing is Sharing.CONDITIONAL} == {
        "dsj-credit-evaluation", "kj-torch-statistics", "rs-insured", "rs-persons", "rs-talents", "sl-utilities",
        "sw-credit-grades", "sw-income-tax", "sw-social-insurance", "sw-tax-paid", "sw-vat", "tj-rd-statistics",
        "tz-investments", "zj-fund-monthly", "zj-fund-yearly",
    }  # fmt: skip
    collections = {to_snake_case(coordinate.partition(".")[2]) for coordinate in CONDITIONAL}
    # Of the workforce by years only scores tell.
    assert collections | {"workforce_years"} == hub.ask.hub.sources.shared.conditional
