"""Every argument that narrows or orders, by readers who may not see what it is compared with: it tells them nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_list_type,
)

from auth import rules
from auth.principal import Principal
from auth.rules import Rules
from codes.access import LEVELS, DataGroup, Role
from tests.consenting import EDITION, Consenting, consenting
from tests.everything import SCHEMA
from tests.questions import question
from tests.resolvers.test_access_matrix import headed, readers_and_purposes
from tests.told import TEXT
from tests.world import World

VALUES: Mapping[str, str] = {
    "String": '"科技"', "ID": '"east-lake"', "Int": "1", "Float": "0.5", "Boolean": "true", "Date": '"2023-06-30"',
    "Decimal": '"1000"', "USCC": '"91000000MAX000015T"',
}  # fmt: skip
"""A value of each scalar; an argument of another scalar fails until there is one."""
NEEDED: Mapping[str, str] = {"Query.ranking": f'edition: "{EDITION}"'}
"""What a field takes besides."""
WAYS: Mapping[str, str] = {
    "Edition": f'edition(id: "{EDITION}") {{ id FIELD }}',
    "Enterprise": 'enterprise(uscc: "91000000MAX000015T") { uscc FIELD }',
    "Query": "FIELD",
}
"""How to come to an object of a type."""
SHOWN: Mapping[str, str] = {"ListChanges": "enteredCount leftCount"}
APART = frozenset(("Enterprise.simulateScore",))
"""Its argument says what would be otherwise: nothing is compared with it."""


@pytest.fixture
async def hub(world: World, tmp_path: Path) -> AsyncIterator[Consenting]:
    """A hub whose enterprises have agreed to something."""
    async with consenting(world, tmp_path) as found:
        yield found


def questions() -> Iterator[tuple[str, DataGroup, str]]:
    """Each argument that is compared with something, with a question that gives it."""
    for coordinate, compared in TEXT.compared.items():
        type_name, name = coordinate.split(".")
        if type_name == "Mutation" or coordinate in APART:
            continue
        type_ = SCHEMA.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        field = type_.fields[name]
        target = get_named_type(field.type).name
        shown = SHOWN.get(target, "totalCount pageInfo { endCursor } edges { cursor }")
        if not target.endswith("Connection") and target not in SHOWN:
            shown = "id"
        for path, group in compared.items():
            argument, _, inner = path.partition(".")
            for given in _given(field.args[argument].type, inner):
                arguments = ", ".join(filter(None, (NEEDED.get(coordinate), f"{argument}: {given}")))
                text = WAYS[type_name].replace("FIELD", f"{name}({arguments}) {{ {shown} }}")
                yield f"{coordinate} {path}: {given}", group, f"{{ {text} me {{ __typename }} }}"


def _given(type_: object, inner: str) -> Iterator[str]:
    """Values for an argument, or for one field of an input; every member where it chooses an order."""
    named = get_named_type(type_)  # type: ignore[call-overload]  # of whatever type
    if isinstance(named, GraphQLInputObjectType):
        field = named.fields[inner]
        others = [
            f"{name}: {next(_given(other.type, ''))}"
            for name, other in named.fields.items()
            if name != inner and isinstance(other.type, GraphQLNonNull)
        ]
        for value in _given(field.type, ""):
            yield f"{{ {', '.join([*others, f'{inner}: {value}'])} }}"
        return
    listed = is_list_type(getattr(type_, "of_type", type_)) or is_list_type(type_)
    several = list(named.values) if isinstance(named, GraphQLEnumType) else [VALUES[named.name]]
    yield from [f"[{several[0]}]"] if listed else several


QUESTIONS = {title: (group, text) for title, group, text in questions()}


def without(group: DataGroup, decision: str, path: Path) -> Rules:
    """Rules by which everybody may see everything but a group."""
    held = ", ".join(f'{one.value} = "{decision if one is group else "ALLOW"}"' for one in LEVELS)
    path.write_text("".join(f"[roles.{role.value}]\nall = {{ {held} }}\n" for role in Role), encoding="utf-8")
    return rules.load(path)


async def test_by_the_shipped_rules_each_reader_gets_what_they_say(
    hub: Consenting, readers: Mapping[str, Principal]
) -> None:
    shipped = rules.load()
    both = [hub.ask.guarded(shipped, compiled=compiled) for compiled in (True, False)]
    for number, (title, (_, text)) in enumerate(QUESTIONS.items()):
        asked = await question(hub.ask, hub.open, text, {}, hub.zones)
        assert asked is not None, title
        for name, reader, purpose in readers_and_purposes(readers):
            expected = asked.expected(reader, shipped, purpose, hub.agreed)
            reply = await both[number % 2](text, principal=reader, headers=headed(purpose))
            if fault := asked.difference(reply, expected):
                pytest.fail(f"{title}, {name} for {purpose}: {fault}")


async def test_what_may_not_be_seen_may_be_neither_narrowed_nor_ordered_by(
    hub: Consenting, readers: Mapping[str, Principal], tmp_path: Path
) -> None:
    refused = 0
    for decision in ("DENY", "MASK", "PURPOSE"):
        for group in sorted({group for group, _ in QUESTIONS.values()} - {DataGroup.PUBLIC}, key=lambda g: g.value):
            ruled = without(group, decision, tmp_path / "access.toml")
            both = [hub.ask.guarded(ruled, compiled=compiled) for compiled in (True, False)]
            for title, (compared, text) in QUESTIONS.items():
                if compared is not group:
                    continue
                asked = await question(hub.ask, hub.open, text, {}, hub.zones)
                assert asked is not None, title
                for guarded in both:
                    reply = await guarded(text, principal=readers["portal"])
                    expected = asked.expected(readers["portal"], ruled, None, hub.agreed)
                    if fault := asked.difference(reply, expected):
                        pytest.fail(f"{title} where {group.value} is {decision}: {fault}")
                    assert set(reply.codes().values()) <= {"FORBIDDEN", "PURPOSE_REQUIRED"}, title
                    assert reply.codes(), f"{title} is answered although {group.value} is {decision}"
                    refused += 1
    assert refused > 6 * len(QUESTIONS) / 2


def test_every_argument_that_is_compared_is_given() -> None:
    compared = {
        f"{coordinate} {path}"
        for coordinate, paths in TEXT.compared.items()
        for path in paths
        if not coordinate.startswith("Mutation.") and coordinate not in APART
    }
    assert {title.partition(":")[0] for title in QUESTIONS} == compared
    orders = SCHEMA.type_map["EnterpriseOrderField"]
    assert isinstance(orders, GraphQLEnumType)
    assert all(any(f"field: {order} " in title for title in QUESTIONS) for order in orders.values)
