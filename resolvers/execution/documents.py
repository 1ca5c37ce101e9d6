"""Documents by text: parsed and validated once, shared by texts that differ in literals only, kept within bounds."""

from __future__ import annotations

from dataclasses import dataclass

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    parse,
    specified_rules,
    validate,
)

from connectors.recent import Recent
from resolvers.execution import limits
from resolvers.execution.errors import COST_LIMIT, OPERATION_FAILURE, PARSE_FAILED, VALIDATION_FAILED
from resolvers.execution.literals import DOCUMENTS_OWN, Form, Lifting, Literals, form_of
from resolvers.execution.merging import conflicts
from resolvers.execution.prepared import Binding, Prepared

_MOST_ERRORS = 20
_RULES = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]
"""All but the one whose cost grows with the square of the document; `merging` takes its place."""
_CACHED = 160_000_000
_OVERHEAD = 500
_WITH_LITERALS = 12
_WITH_DOCUMENT = 60
"""A text is weighed in bytes: by its length and a little more, so many times with its literals alone, or with its
document and plans."""
_RECENT = 256


class Refused(Exception):
    """The document or the choice of its operation is wrong: the errors, and their code."""

    def __init__(self, code: str, errors: list[GraphQLError]) -> None:
        self.code = code
        self.errors = errors
        super().__init__(code)


class Document:
    """A valid document and its operations."""

    def __init__(self, binding: Binding, node: DocumentNode, lifting: Lifting | None, weight: int) -> None:
        """Prepare no operation yet."""
        self.node = node
        self.weight = weight
        self.lifting = lifting
        self.longest_list = limits.Written.of(node).longest_list
        """Members of the longest list among its literals."""
        self._binding = binding
        self._operations = [n for n in node.definitions if isinstance(n, OperationDefinitionNode)]
        self._prepared: dict[int | str | None, Prepared] = {}

    def prepared(self, name: str | None) -> Prepared:
        """Return the operation to execute; raise Refused if the name does not tell which."""
        found = self._prepared.get(name)
        if found is None:
            place = self._place(name)
            found = self._prepared.get(place)
            if found is None:
                found = self._prepared[place] = Prepared(self._binding, self.node, self._operations[place])
            self._prepared[name] = found
        return found

    def _place(self, name: str | None) -> int:
        if name:
            for place, node in enumerate(self._operations):
                if node.name and node.name.value == name:
                    return place
            raise _unclear(f"The document has no operation named {name!r}.")
        if not self._operations:
            raise _unclear("The document holds no operation, only fragments.")
        if len(self._operations) > 1:
            raise _unclear("The document holds several operations; give operationName.")
        return 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a text: its document, perhaps first seen with other literals, or why it is refused."""

    document: Document | Refused
    literals: Literals
    weight: int


class Documents:
    """Parsed and validated documents of one schema."""

    def __init__(self, binding: Binding) -> None:
        """Return an empty store of documents."""
        self._binding = binding
        self._texts: LRUCache[str, Known] = LRUCache(_CACHED, getsizeof=lambda known: known.weight)
        self._recent: Recent[str, Known] = Recent(_RECENT)
        self._forms: LRUCache[str, Document] = LRUCache(_CACHED, getsizeof=lambda document: document.weight)

    def get(self, text: str) -> tuple[Document, Literals]:
        """Return a valid document and the text's literals; raise Refused for one that is not."""
        known = self._recent.get(text)
        if known is None:
            known = self._texts.get(text)
            if known is None:
                known = self._texts[text] = self._known(text)
            self._recent[text] = known
        if isinstance(known.document, Refused):
            raise Refused(known.document.code, known.document.errors)
        return known.document, known.literals

    def alone(self, text: str) -> Document:
        """Return the document of a text whose literals do not fit where another text's did."""
        document = self._checked(text, None)
        self._recent.pop(text, None)
        self._texts[text] = Known(document, DOCUMENTS_OWN, _weight(text, _WITH_DOCUMENT))
        return self.get(text)[0]

    @property
    def sizes(self) -> dict[str, int]:
        """How much is held: weight and number of texts, and of documents that others may share."""
        return {
            "weight": int(self._texts.currsize),
            "texts": len(self._texts),
            "shared weight": int(self._forms.currsize),
            "shared": len(self._forms),
        }

    def _known(self, text: str) -> Known:
        if too_long := limits.too_long(text):
            return Known(Refused(COST_LIMIT, [too_long]), DOCUMENTS_OWN, _weight("", 1))
        form = form_of(text)
        if form is None:
            return Known(self._checked(text, None), DOCUMENTS_OWN, _weight(text, _WITH_DOCUMENT))
        document = self._forms.get(form.text)
        if document and document.lifting and document.lifting.fits(form):
            return Known(document, Literals(document.lifting.form, form), _weight(text, _WITH_LITERALS))
        checked = self._checked(text, form)
        if isinstance(checked, Document):
            self._forms[form.text] = checked
        return Known(checked, DOCUMENTS_OWN, _weight(text, _WITH_DOCUMENT))

    def _checked(self, text: str, form: Form | None) -> Document | Refused:
        try:
            node = parse(text, max_tokens=limits.MOST_TOKENS)
            if too_much := limits.refusal(node):
                return Refused(COST_LIMIT, [too_much])
            errors = validate(self._binding.schema, node, _RULES, max_errors=_MOST_ERRORS)
            errors = errors or conflicts(self._binding.schema, node, _MOST_ERRORS)
        except GraphQLError as error:
            return Refused(PARSE_FAILED, [error])
        except RecursionError:
            return Refused(PARSE_FAILED, [GraphQLError("The document is nested too deeply; ask in several requests.")])
        if errors:
            return Refused(VALIDATION_FAILED, errors)
        lifting = Lifting.of(form, node) if form else None
        return Document(self._binding, node, lifting, _weight(text, _WITH_DOCUMENT))


def _weight(text: str, times: int) -> int:
    return (len(text) + _OVERHEAD) * times


def _unclear(message: str) -> Refused:
    return Refused(OPERATION_FAILURE, [GraphQLError(message)])
