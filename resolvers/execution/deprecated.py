"""What a document asks for that is deprecated."""

from __future__ import annotations

from typing import Any

from graphql import DocumentNode, GraphQLSchema, TypeInfo, TypeInfoVisitor, Visitor, get_named_type, visit


def deprecated_in(schema: GraphQLSchema, document: DocumentNode) -> frozenset[str]:
    """Return the coordinates of deprecated fields, arguments, input fields and enum values that a document names."""
    info = TypeInfo(schema)
    looking = _Looking(info)
    visit(document, TypeInfoVisitor(info, looking))
    return frozenset(looking.found)


class _Looking(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.found: set[str] = set()
        self._field = ""

    def enter_field(self, node: Any, *_: Any) -> None:
        self._field = node.name.value
        field, parent = self._info.get_field_def(), self._info.get_parent_type()
        if field is not None and parent is not None and field.deprecation_reason:
            self.found.add(f"{parent.name}.{self._field}")

    def enter_argument(self, node: Any, *_: Any) -> None:
        argument, parent = self._info.get_argument(), self._info.get_parent_type()
        if argument is not None and parent is not None and argument.deprecation_reason:
            self.found.add(f"{parent.name}.{self._field}({node.name.value}:)")

    def enter_object_field(self, node: Any, *_: Any) -> None:
        parent = get_named_type(self._info.get_parent_input_type())
        field = getattr(parent, "fields", {}).get(node.name.value)
        if parent is not None and field is not None and field.deprecation_reason:
            self.found.add(f"{parent.name}.{node.name.value}")

    def enter_enum_value(self, node: Any, *_: Any) -> None:
        value, type_ = self._info.get_enum_value(), get_named_type(self._info.get_input_type())
        if type_ is not None and value is not None and value.deprecation_reason:
            self.found.add(f"{type_.name}.{node.value}")
