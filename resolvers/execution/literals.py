"""Literals lifted out of documents, so that texts that differ only in the codes written into them share one plan.

A text's form is the text with every literal replaced by one of its kind. Two texts of one form are the same document if
the literals that a plan depends on (in directives and in defaults) are the same, and if fields of one response key
agree or disagree in their literals in the same places; all other literals are put back in when arguments are coerced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    Node,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    Visitor,
    parse_value,
    visit,
)

_TOKEN = re.compile(
    r"""(?P<kept>"{3}(?:\\"{3}|[^"\\]|\\(?!"{3})|"{1,2}(?!"))*+"{3}|\#[^\n\r]*|[$@]?[_A-Za-z][_0-9A-Za-z]*)"""
    r"""|(?P<text>"(?!"")(?:[^"\\\n\r]|\\.)*+")|(?P<endless>")|(?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)"""
)
"""What may stand in a document. Looking ends at a text without an end: from each quote in it, it would be read anew."""
_MOST_LITERALS = 2000
_LONGEST_WHOLE = len("-2147483648")


@dataclass(frozen=True, slots=True)
class Form:
    """A text without its literals, and the literals with the places where they begin."""

    text: str
    literals: tuple[str, ...]
    starts: tuple[int, ...]


def form_of(text: str) -> Form | None:
    """Return the form of a text; None if there is nothing to lift, or too much, or a text in it has no end."""
    parts: list[str] = []
    literals: list[str] = []
    starts: list[int] = []
    end = 0
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "kept":
            continue
        if len(literals) == _MOST_LITERALS or match.lastgroup == "endless":
            return None
        literal = match[0]
        parts += (text[end : match.start()], '""' if match.lastgroup == "text" else "0" if literal.isdigit() else "0.5")
        if match.lastgroup == "number" and literal.startswith("-") and literal[1:].isdigit():
            parts[-1] = "0"
        literals.append(literal)
        starts.append(match.start())
        end = match.end()
    if not literals:
        return None
    return Form("".join((*parts, text[end:])), tuple(literals), tuple(starts))


@dataclass(frozen=True)
class Lifting:
    """Which literals of a document may differ from text to text."""

    form: Form
    pinned: tuple[int, ...]
    """Numbers of the literals that its plans depend on."""
    alike: tuple[tuple[tuple[int, ...], ...], ...]
    """For each response key that several fields have: the numbers of each field's literals."""
    _pattern: tuple[tuple[int, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pattern", self._agreement(self.form.literals))

    @classmethod
    def of(cls, form: Form, document: DocumentNode) -> Lifting:
        """Find out where the literals of a document are."""
        number = {start: place for place, start in enumerate(form.starts)}
        by_key: dict[str, list[tuple[int, ...]]] = {}
        free: set[int] = set()
        for node in _fields(document):
            own = tuple(number[start] for a in node.arguments or () for start in _starts(a.value) if start in number)
            free.update(own)
            by_key.setdefault((node.alias or node.name).value, []).append(own)
        alike = tuple(tuple(owns) for owns in by_key.values() if len(owns) > 1 and any(owns))
        return cls(form, tuple(n for n in range(len(form.literals)) if n not in free), alike)

    def fits(self, form: Form) -> bool:
        """Say whether a text of this form may use this document's plans."""
        own, other = self.form.literals, form.literals
        return all(own[n] == other[n] for n in self.pinned) and self._agreement(other) == self._pattern

    def _agreement(self, literals: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        found: list[tuple[int, ...]] = []
        for owns in self.alike:
            texts = [tuple(literals[n] for n in own) for own in owns]
            found.append(tuple(texts.index(text) for text in texts))
        return tuple(found)


class Literals:
    """The literals of one text over the document of another of the same form."""

    def __init__(self, model: Form | None = None, own: Form | None = None) -> None:
        """Without forms: the document's own literals."""
        self.lifted = model is not None and own is not None and model.literals != own.literals
        self.known: dict[object, Mapping[str, Any]] = {}
        """Arguments that depend on nothing but these literals, by what coerces them."""
        self._own = own
        self._model = model
        self._number: Mapping[int, int] = {start: n for n, start in enumerate(model.starts)} if model else {}

    def restored(self, node: FieldNode) -> FieldNode:
        """Return a field with this text's literals in its arguments."""
        if not self.lifted or not node.arguments:
            return node
        arguments = tuple(ArgumentNode(name=a.name, value=self._value(a.value), loc=a.loc) for a in node.arguments)
        return FieldNode(name=node.name, alias=node.alias, arguments=arguments, loc=node.loc)

    def whole(self, node: IntValueNode) -> int:
        """Return a whole number as this text has it; past 32 bits, where it will be refused, some number past them."""
        written = self._value(node).value if self.lifted else node.value
        return int(written) if len(written) <= _LONGEST_WHOLE else 2**32

    def offset(self, start: int) -> int:
        """Return where something that begins here in the document begins in this text."""
        if not self.lifted or self._model is None or self._own is None:
            return start
        longer = 0
        for place, ours, theirs in zip(self._model.starts, self._own.literals, self._model.literals, strict=True):
            if place >= start:
                break
            longer += len(ours) - len(theirs)
        return start + longer

    def _value(self, value: ValueNode) -> Any:
        if isinstance(value, ListValueNode):
            return ListValueNode(values=tuple(map(self._value, value.values)), loc=value.loc)
        if isinstance(value, ObjectValueNode):
            fields = tuple(ObjectFieldNode(name=f.name, value=self._value(f.value), loc=f.loc) for f in value.fields)
            return ObjectValueNode(fields=fields, loc=value.loc)
        number = self._number.get(value.loc.start) if value.loc else None
        if number is None or self._own is None:
            return value
        found = self._own.literals[number]
        if isinstance(value, StringValueNode):
            return StringValueNode(value=_decoded(found), loc=value.loc)
        kind: Any = type(value)
        return kind(value=found, loc=value.loc)


DOCUMENTS_OWN = Literals()


def _decoded(literal: str) -> str:
    if "\\" not in literal:
        return literal[1:-1]
    value = parse_value(literal)
    assert isinstance(value, StringValueNode), "a text in quotes is a string"
    return value.value


def _fields(document: DocumentNode) -> list[FieldNode]:
    found: list[FieldNode] = []

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            found.append(node)

    visit(document, Fields())
    return found


def _starts(value: Node) -> Iterator[int]:
    if isinstance(value, ListValueNode):
        for item in value.values:
            yield from _starts(item)
    elif isinstance(value, ObjectValueNode):
        for entry in value.fields:
            yield from _starts(entry.value)
    elif isinstance(value, StringValueNode | IntValueNode | FloatValueNode) and value.loc:
        yield value.loc.start
