"""The hub as a subgraph: things by the keys that other subgraphs know, by the rules and at the cost of `nodes`."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from graphql import GraphQLInterfaceType, GraphQLUnionType, ObjectTypeDefinitionNode, parse, print_ast

from auth.principal import Principal
from schema.federation import keys
from schema.subgraph import subgraph
from tests.consenting import ZHONGJIALI
from tests.world import CHUJINGLING, Asker, Ruling, hub_schema

ENTITIES = """query($of: [_Any!]!) { _entities(representations: $of) {
    __typename ... on Enterprise { uscc name } ... on Zone { id name } } }"""


def _enterprise(code: str) -> dict[str, str]:
    return {"__typename": "Enterprise", "uscc": code}


@pytest.mark.parametrize("compiled", [True, False])
async def test_things_are_found_by_any_of_their_keys_in_the_order_asked(ask: Asker, compiled: bool) -> None:
    asked = [
        _enterprise(CHUJINGLING.lower()),
        {"__typename": "Zone", "id": "Zone:east-lake"},
        _enterprise("91000000MAX000015X"),
        {"__typename": "Zone", "id": f"Enterprise:{CHUJINGLING}"},
        {"__typename": "Nothing", "id": "Nothing:1"},
        {"__typename": "Zone"},
        {"__typename": "Enterprise", "id": f"Enterprise:{CHUJINGLING}"},
    ]
    chujingling = {"__typename": "Enterprise", "uscc": CHUJINGLING, "name": "武汉楚精灵医疗科技有限公司"}
    zone = {"__typename": "Zone", "id": "Zone:east-lake", "name": "武汉东湖新技术开发区"}
    reply = await (ask if compiled else ask.by_reference())(ENTITIES, {"of": asked})
    assert reply.errors == []
    assert reply.data == {"_entities": [chujingling, zone, None, None, None, None, chujingling]}


async def test_a_hundred_things_cost_each_source_one_fetch(ask: Asker) -> None:
    found = await ask("{ enterprises(first: 100) { nodes { uscc } } }")
    asked = [_enterprise(node["uscc"]) for node in found.data["enterprises"]["nodes"]]
    assert len(asked) == 100
    text = """query($of: [_Any!]!) { _entities(representations: $of) {
        ... on Enterprise { name filings(years: 1) { revenue } zone { name } } } }"""
    reply = await ask(text, {"of": asked})
    assert len([entity for entity in reply.data["_entities"] if entity["name"]]) == 100
    assert {name: count for name, count in reply.fetches.items() if count > 1} == {}
    assert reply.fetches["scjg-entities.registration"] == reply.fetches["sw-income-tax.filings"] == 1
    by_nodes = await ask(
        text.replace("_Any", "ID").replace("_entities(representations", "nodes(ids"),
        {"of": [f"Enterprise:{one['uscc']}" for one in asked]},
    )
    assert by_nodes.extensions["cost"] == reply.extensions["cost"]
    assert by_nodes.data["nodes"] == reply.data["_entities"]


async def test_what_is_written_into_the_document_is_read_like_variables(ask: Asker) -> None:
    for code in (CHUJINGLING, ZHONGJIALI):
        written = f'[{{ __typename: "Enterprise", uscc: "{code}" }}]'
        text = f"{{ _entities(representations: {written}) {{ ... on Enterprise {{ uscc }} }} }}"
        assert (await ask(text)).data == {"_entities": [{"uscc": code}]}


@pytest.mark.parametrize("wrong", ["text", 1, {}, {"__typename": 1}, {"uscc": CHUJINGLING}, [[]]])
async def test_what_is_no_representation_is_refused(ask: Asker, wrong: object) -> None:
    reply = await ask(ENTITIES, {"of": [wrong]})
    assert reply.request_error
    assert reply.codes() == {"": "BAD_USER_INPUT"}
    assert "__typename" in reply.errors[0]["message"]


async def test_too_many_representations_are_refused_before_a_source_is_asked(ask: Asker) -> None:
    reply = await ask.guarded()(ENTITIES, {"of": [_enterprise(CHUJINGLING)] * 1001})
    assert reply.request_error
    assert "1,000" in reply.errors[0]["message"]


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_representation_tells_nobody_more_than_an_identity_does(
    ask: Asker, readers: Mapping[str, Principal], by: Ruling, compiled: bool
) -> None:
    ruled = by(ENTERPRISE='all = { PUBLIC = "ALLOW" }\nown = { REGISTRATION = "ALLOW" }')
    guarded, own = ask.guarded(ruled, compiled=compiled), readers["enterprise-chujingling"]
    asked = [_enterprise(ZHONGJIALI), _enterprise(CHUJINGLING), _enterprise("91420100MA4K000000")]
    reply = await guarded(ENTITIES, {"of": asked}, principal=own)
    by_identity = await guarded(
        "query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Enterprise { uscc name } } }",
        {"ids": [f"Enterprise:{one['uscc']}" for one in asked]},
        principal=own,
    )
    assert reply.data["_entities"] == by_identity.data["nodes"]
    assert [entity is None for entity in reply.data["_entities"]] == [True, False, True]
    assert reply.codes() == {"_entities.0": "FORBIDDEN"}
    assert by_identity.codes() == {"nodes.0": "FORBIDDEN"}


async def test_the_text_is_told_to_those_who_may_read_the_schema(ask: Asker, by: Ruling) -> None:
    told = await ask.guarded()("{ _service { sdl } }")
    assert told.data["_service"]["sdl"] == subgraph(hub_schema())
    closed = await ask.guarded(by(ANONYMOUS='all = { PUBLIC = "ALLOW" }'))(
        "{ ...F } fragment F on Query { _service { sdl } }"
    )
    assert closed.request_error
    assert closed.codes() == {"": "FORBIDDEN"}


def test_every_noun_has_its_keys() -> None:
    core = hub_schema()._schema
    node = core.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    nouns = {type_.name for type_ in core.get_implementations(node).objects}
    text = parse(subgraph(hub_schema()))
    told = {node.name.value: node for node in text.definitions if isinstance(node, ObjectTypeDefinitionNode)}
    entity = core.type_map["_Entity"]
    assert isinstance(entity, GraphQLUnionType)
    assert {type_.name for type_ in entity.types} == nouns
    for name, node_ in told.items():
        given = [print_ast(d) for d in node_.directives or () if d.name.value == "key"]
        assert given == ([f'@key(fields: "{key}")' for key in keys(name)] if name in nouns else []), name
