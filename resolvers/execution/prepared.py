"""An operation of a document, ready to be run: its variables, its plans, and what the engine does not know in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry
from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)

from auth.rules import Rights
from resolvers.binding import Graph
from resolvers.execution.cost import Price, price
from resolvers.execution.deprecated import deprecated_in
from resolvers.execution.limits import TooMuch
from resolvers.execution.plan import Plan
from resolvers.execution.selection import Answers, FieldSelection, OperationScope
from resolvers.execution.variables import Variables, VariableTypes
from resolvers.guarding import Guarding
from schema.cost import rates
from schema.deprecations import deprecations

_VARIANTS = 64
"""Plans kept for one operation: each combination of rights, @skip and @include that is asked has one."""
_KINDS_OF_READERS = 256
_LONGEST_NAME = 60
"""Characters of an operation's name that operators are shown: readers choose it."""


class Binding:
    """What every plan of a hub shares: the schema, and what answers its fields."""

    def __init__(self, schema: strawberry.Schema, graph: Graph, answers: Answers, guarding: Guarding | None) -> None:
        """Hold them."""
        self.strawberry = schema
        self.schema: GraphQLSchema = schema._schema
        self.graph = graph
        self._answers = answers
        self._guarding = guarding
        self.rates = rates(schema)
        self.deprecates = bool(deprecations(schema._schema))
        self._guarded: LRUCache[Rights, Answers] = LRUCache(_KINDS_OF_READERS)

    def answers(self, rights: Rights | None) -> Answers:
        """Return what answers the fields for readers with these rights; None: without any guard."""
        if rights is None or self._guarding is None:
            return self._answers
        found = self._guarded.get(rights)
        if found is None:
            found = self._guarded[rights] = self._guarding.answers(self._answers, rights)
        return found


class Prepared:
    """One operation of a valid document."""

    def __init__(self, binding: Binding, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        """Compile nothing yet."""
        self.operation = operation
        self.name = operation.name.value[:_LONGEST_NAME] if operation.name else ""
        """As it is shown to operators."""
        self.variables = VariableTypes(binding.schema, operation)
        self._binding = binding
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._conditions = _conditions(document)
        self._plans: LRUCache[Any, Plan] = LRUCache(_VARIANTS)
        self._last: tuple[Any, Plan] | None = None
        self._prices: LRUCache[Any, Price | TooMuch] = LRUCache(_VARIANTS)
        self._price: Price | None = None
        self.detour = self._detour()
        """Why the operation goes the reference's way; None if it does not."""
        self.deprecated = deprecated_in(binding.schema, document) if binding.deprecates else frozenset[str]()
        """What it asks for that is deprecated, by any operation of the document."""
        self.introspects = any(_introspects(node) for node in (operation, *self._fragments.values()))

    def plan(self, variables: Variables, rights: Rights | None = None) -> Plan:
        """Return the plan for readers with these rights and these values of the variables in @skip and @include."""
        if not self._conditions and self._last is not None and self._last[0] is rights:
            return self._last[1]
        conditions = {name: variables.coerced.get(name) for name in self._conditions}
        key = (rights, *conditions.values())
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._planned(conditions, rights)
        self._last = (rights, plan)
        return plan

    def price(self, variables: Variables) -> Price:
        """Return what the operation costs with these values of the variables in @skip and @include.

        Raises TooMuch for one with more fields than can be told.
        """
        if self._price is not None and not self._conditions:
            return self._price
        conditions = {name: variables.coerced.get(name) for name in self._conditions}
        key = tuple(conditions.values())
        found = self._prices.get(key)
        if found is None:
            found = self._prices[key] = self._priced(conditions)
        if isinstance(found, TooMuch):
            raise TooMuch(*found.args)
        self._price = found
        return found

    def _priced(self, conditions: Mapping[str, Any]) -> Price | TooMuch:
        try:
            root = self._root(OperationScope(self._binding.schema, {}, self._fragments, conditions))
            return price(self._binding.schema, self._binding.rates, self._root_type, root)
        except TooMuch as problem:
            return problem

    def _planned(self, conditions: Mapping[str, Any], rights: Rights | None) -> Plan:
        scope = OperationScope(self._binding.schema, self._binding.answers(rights), self._fragments, conditions)
        return Plan(self._binding.strawberry, self._binding.graph, scope, self._root_type, self._root(scope))

    @property
    def _root_type(self) -> str:
        root_type = self._binding.schema.get_root_type(self.operation.operation)
        assert root_type is not None, "a valid operation has a root"
        return root_type.name

    def _root(self, scope: OperationScope) -> FieldSelection:
        root = FieldNode(name=NameNode(value="query"), selection_set=self.operation.selection_set)
        return FieldSelection(scope, (root,))

    def _detour(self) -> str | None:
        if self.operation.operation is OperationType.MUTATION:
            return str(self.operation.operation.value)
        strange = _Strange()
        for node in (self.operation, *self._fragments.values()):
            visit(node, strange)
        reason: str | None = strange.reason
        return reason


def _conditions(document: DocumentNode) -> tuple[str, ...]:
    """The variables that occur in directives."""
    found: dict[str, None] = {}

    class Conditions(Visitor):
        def enter_directive(self, node: Any, *_: Any) -> None:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    found[argument.value.name.value] = None

    visit(document, Conditions())
    return tuple(found)


def _introspects(node: Any) -> bool:
    strange = _Strange()
    visit(node, strange)
    return strange.reads_schema


class _Strange(Visitor):
    """Looks for what the engine leaves to the reference."""

    def __init__(self) -> None:
        super().__init__()
        self.reason: str | None = None
        self.reads_schema = False

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value in ("__schema", "__type"):
            self.reason = "introspection"
            self.reads_schema = True
        elif node.name.value == "_service":
            self.reads_schema = True

    def enter_directive(self, node: Any, *_: Any) -> None:
        if node.name.value not in ("skip", "include"):
            self.reason = f"@{node.name.value}"
