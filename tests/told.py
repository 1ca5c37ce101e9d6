"""What the schema's text says that fields and arguments hold, and documents marked to tell whose objects are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    print_ast,
    visit,
)
from graphql.language import EnumValueNode, NamedTypeNode

from codes.access import DataGroup, Mask
from schema.graph import sdl
from tests.world import hub_schema


@dataclass(frozen=True)
class Told:
    """What the schema's text says of a field."""

    group: DataGroup
    mask: Mask | None = None


class Text:
    """The schema's text, and what it says that fields and arguments hold."""

    def __init__(self) -> None:
        self.types: dict[str, DataGroup] = {}
        self.fields: dict[str, dict[str, Told]] = {}
        self.compared: dict[str, dict[str, DataGroup]] = {}
        kinds = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode, InputObjectTypeDefinitionNode)
        nodes = [node for node in parse(sdl(hub_schema())).definitions if isinstance(node, kinds)]
        own = {node.name.value: _told(node.directives) for node in nodes}
        inputs = {n.name.value: n for n in nodes if isinstance(n, InputObjectTypeDefinitionNode)}
        results = {n.name.value: n for n in nodes if isinstance(n, ObjectTypeDefinitionNode)}
        leading = {n.name.value for n in nodes if isinstance(n, InterfaceTypeDefinitionNode)} | set(results)
        for name, node in results.items():
            whole = own[name]
            assert whole is not None, name
            self.types[name] = whole.group
            self.fields[name] = {}
            for declared in node.fields or ():
                target = _named(declared.type)
                told = _told(declared.directives) or (own[target] if target in leading else None) or whole
                self.fields[name][declared.name.value] = told
                given = self.compared.setdefault(f"{name}.{declared.name.value}", {})
                for argument in declared.arguments or ():
                    if said := _told(argument.directives):
                        given[argument.name.value] = said.group
                    if (filtering := inputs.get(_named(argument.type))) is not None:
                        for inner in filtering.fields or ():
                            said = _told(inner.directives) or own[filtering.name.value]
                            assert said is not None, f"{filtering.name.value}.{inner.name.value}"
                            given[f"{argument.name.value}.{inner.name.value}"] = said.group


def _told(directives: Sequence[DirectiveNode] | None) -> Told | None:
    for directive in directives or ():
        if directive.name.value == "data":
            given = {
                a.name.value: a.value.value for a in directive.arguments or () if isinstance(a.value, EnumValueNode)
            }
            return Told(DataGroup(given["group"]), Mask(given["mask"]) if "mask" in given else None)
    return None


def _named(type_: Any) -> str:
    while not isinstance(type_, NamedTypeNode):
        type_ = type_.type
    return type_.name.value


TEXT = Text()


class _Marking(Visitor):
    """Adds to each selection what tells of what type its objects are, and whose."""

    def __init__(self, schema: GraphQLSchema, info: TypeInfo) -> None:
        super().__init__()
        self._schema, self._info = schema, info
        network = "oracleNetwork: network { oracleId: id }"
        on = {
            "Node": f"oracleId: id ... on TechnologyManager {{ {network} }}",
            "TechnologyManager": f"oracleId: id {network}",
            **dict.fromkeys(("RankingEntry", "Objection", "PortfolioEntry"), "oracleUscc: uscc"),
        }
        self._more = {name: parse(f"{{ {text} }}").definitions[0].selection_set.selections for name, text in on.items()}  # type: ignore[attr-defined]  # operations have selections

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> Any:
        parent = self._info.get_parent_type()
        name = parent.name if parent else ""
        interfaces = {i.name for i in getattr(parent, "interfaces", ())}
        more = self._more.get(name) or (self._more["Node"][:1] if "Node" in interfaces else ())
        return SelectionSetNode(selections=(*node.selections, *more)) if more else None


def marked(schema: GraphQLSchema, text: str) -> str:
    """Return a document that also asks of what type objects are, and whose."""
    info = TypeInfo(schema)
    return print_ast(visit(parse(text), TypeInfoVisitor(info, _Marking(schema, info))))
