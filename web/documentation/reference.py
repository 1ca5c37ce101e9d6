"""Pages of reference, written as Markdown from the schema, the settings and the models of kinds of sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import parse
from graphql.language import (
    DefinitionNode,
    DirectiveNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    print_ast,
)
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

Fielded = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
_ROOTS = ("Query", "Mutation", "Subscription")


def of_schema(sdl: str) -> dict[str, str]:
    """Return pages by name: what can be asked, the types, what is handed in, and the enumerations."""
    definitions = sorted(parse(sdl).definitions, key=_name)
    objects = [node for node in definitions if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)]
    roots = [node for root in _ROOTS for node in objects if _name(node) == root]
    types = [node for node in objects if _name(node) not in _ROOTS]
    inputs = [node for node in definitions if isinstance(node, InputObjectTypeDefinitionNode)]
    enums = [node for node in definitions if isinstance(node, EnumTypeDefinitionNode)]
    return {
        "reference/operations": _page(
            "Operations", "Where questions, changes and subscriptions begin.", map(_fielded, roots)
        ),
        "reference/types": _page(
            "Types",
            "Each field with its group and level (see [access](../access.md)) and what it costs beyond the usual "
            "(see [what a question costs](../access.md#what-a-question-costs)). A field without a group of its own has "
            "that of its type.",
            map(_fielded, types),
        ),
        "reference/inputs": _page("Inputs", "What arguments are made of.", map(_input, inputs)),
        "reference/enumerations": _page("Enumerations", "Values, with their Chinese terms.", map(_enum, enums)),
    }


def of_settings(settings: type[BaseModel]) -> dict[str, str]:
    """Return the page of the hub's settings."""
    rows = [
        (f"`HUB_{name.upper()}`", _default(field.default), field.description or "")
        for name, field in settings.model_fields.items()
    ]
    text = "Read once from the environment when the hub starts; a wrong one ends the start and is named."
    return {"reference/settings": _page("Settings", text, [_table(("setting", "default", "meaning"), rows)])}


def of_kinds(options: Mapping[str, type[BaseModel]]) -> dict[str, str]:
    """Return the page of what sources.toml may say for each kind of source, by the models that check it."""
    parts = [
        f"## {title}\n\n"
        + _table(
            ("option", "type", "default"),
            [
                (f"`{field.alias or name}`", f"`{_type(field.annotation)}`", _default(field.default))
                for name, field in model.model_fields.items()
            ],
        )
        for title, model in options.items()
    ]
    text = "What an entry of `sources.toml` may have, by kind; [sources](../sources.md) explains each."
    return {"reference/connectors": _page("Connector options", text, parts)}


def _page(title: str, text: str, parts: Iterable[str]) -> str:
    return f"# {title}\n\n{text}\n\n" + "\n\n".join(parts) + "\n"


def _name(node: DefinitionNode) -> str:
    name = getattr(node, "name", None)
    return name.value if name else ""


def _said(node: Any) -> str:
    return " ".join(node.description.value.split()) if node.description else ""


def _fielded(node: DefinitionNode) -> str:
    assert isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
    rows = [
        (
            f"`{field.name.value}`{_arguments(field)}",
            f"`{print_ast(field.type)}`",
            _held(field.directives),
            _said(field),
        )
        for field in node.fields or ()
    ]
    own = _held(node.directives)
    head = f"## {_name(node)}\n\n{_said(node)}" + (f" **{own}**" if own else "")
    return head + "\n\n" + _table(("field", "type", "holds, costs", ""), rows)


def _arguments(field: FieldDefinitionNode) -> str:
    told = [
        f"`{argument.name.value}: {print_ast(argument.type)}"
        + (f" = {print_ast(argument.default_value)}`" if argument.default_value else "`")
        for argument in field.arguments or ()
    ]
    return f" ({', '.join(told)})" if told else ""


def _input(node: DefinitionNode) -> str:
    assert isinstance(node, InputObjectTypeDefinitionNode)
    rows = [(f"`{field.name.value}`", f"`{_given(field)}`", _said(field)) for field in node.fields or ()]
    return f"## {_name(node)}\n\n{_said(node)}\n\n" + _table(("field", "type", ""), rows)


def _given(field: InputValueDefinitionNode) -> str:
    return print_ast(field.type) + (f" = {print_ast(field.default_value)}" if field.default_value else "")


def _enum(node: DefinitionNode) -> str:
    assert isinstance(node, EnumTypeDefinitionNode)
    rows = [(f"`{value.name.value}`", _said(value)) for value in node.values or ()]
    return f"## {_name(node)}\n\n{_said(node)}\n\n" + _table(("value", ""), rows)


def _held(directives: Iterable[DirectiveNode] | None) -> str:
    told = []
    for directive in directives or ():
        given = {argument.name.value: print_ast(argument.value) for argument in directive.arguments or ()}
        if directive.name.value == "data":
            masked = f", masked as {given['mask']}" if "mask" in given else ""
            told.append(f"{given['group']} level {given['level']}{masked}")
        elif directive.name.value == "cost":
            told.append(f"cost {given['weight']}")
        elif directive.name.value == "listSize":
            sized = given.get("slicingArguments", "").strip('[]"') or given.get("assumedSize", "")
            told.append(f"list of {sized}")
    return "; ".join(told)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *lines])


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "needed"
    return "" if value in (None, (), "") else f"`{value}`"


def _type(annotation: Any) -> str:
    return getattr(annotation, "__name__", str(annotation)).replace("typing.", "")
