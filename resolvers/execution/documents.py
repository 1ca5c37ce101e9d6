"""Documents by text: parsed and validated once, kept within bounds."""

from __future__ import annotations

from dataclasses import dataclass

from cachetools import LRUCache
from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, validate

from resolvers.execution.errors import OPERATION_FAILURE, PARSE_FAILED, VALIDATION_FAILED

_MOST_TOKENS = 20_000
_MOST_ERRORS = 20
_CACHED_CHARACTERS = 8_000_000
_OVERHEAD = 500
"""Texts are weighed by their length and a little more, so that neither huge nor tiny documents fill the memory."""


class Refused(Exception):
    """The document or the choice of its operation is wrong: the errors, and their code."""

    def __init__(self, code: str, errors: list[GraphQLError]) -> None:
        self.code = code
        self.errors = errors
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class _Known:
    checked: DocumentNode | Refused
    weight: int


class Documents:
    """Parsed and validated documents of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        """Return an empty store of documents."""
        self.schema = schema
        self._known: LRUCache[str, _Known] = LRUCache(_CACHED_CHARACTERS, getsizeof=lambda known: known.weight)

    def get(self, text: str) -> DocumentNode:
        """Return a valid document; raise Refused for one that is not."""
        known = self._known.get(text)
        if known is None:
            known = _Known(self._checked(text), len(text) + _OVERHEAD)
            self._known[text] = known
        if isinstance(known.checked, Refused):
            raise Refused(known.checked.code, known.checked.errors)
        return known.checked

    def _checked(self, text: str) -> DocumentNode | Refused:
        try:
            document = parse(text, max_tokens=_MOST_TOKENS)
            errors = validate(self.schema, document, max_errors=_MOST_ERRORS)
        except GraphQLError as error:
            return Refused(PARSE_FAILED, [error])
        except RecursionError:
            return Refused(PARSE_FAILED, [GraphQLError("The document is nested too deeply; ask in several requests.")])
        return Refused(VALIDATION_FAILED, errors) if errors else document


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """Return the operation to execute; raise Refused if the name does not tell which."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name:
        operations = [node for node in operations if node.name and node.name.value == name]
        if not operations:
            raise Refused(OPERATION_FAILURE, [GraphQLError(f"The document has no operation named {name!r}.")])
    if not operations:
        raise Refused(OPERATION_FAILURE, [GraphQLError("The document holds no operation, only fragments.")])
    if len(operations) > 1:
        raise Refused(OPERATION_FAILURE, [GraphQLError("The document holds several operations; give operationName.")])
    return operations[0]
