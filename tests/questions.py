"""Questions with their open answers, and what is wrong with an answer that a reader got."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from auth.principal import Principal
from auth.rules import Rules
from codes.access import DataGroup, Purpose, Role
from resolvers.execution.plan import Field, Scope
from tests.oracle import Expected, Oracle, Path, local, path_of
from tests.told import marked
from tests.world import Asker, Reply, hub_schema

_SCHEMA = hub_schema()._schema
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")


@dataclass(frozen=True)
class Question:
    """A question and its open answers."""

    text: str
    variables: Mapping[str, Any]
    published: Reply
    whole: Reply
    root: Scope
    zones: Mapping[str, str]
    arguments: Any

    def expected(self, principal: Principal, rules: Rules, purpose: Purpose | None, agreed: Any) -> Expected:
        """Return what a reader should get by the rules."""
        rights = rules.rights(principal, purpose)
        oracle = Oracle(principal, rights, purpose, agreed, self.published, self.whole, self.zones, self.arguments)
        return oracle.expected(self.root)

    def fault(
        self, reply: Reply, principal: Principal, rules: Rules, purpose: Purpose | None, agreed: Any
    ) -> str | None:
        """Return what is wrong with what a reader got; None if it is what the rules say, and nothing else."""
        return self.difference(reply, self.expected(principal, rules, purpose, agreed))

    def difference(self, reply: Reply, expected: Expected) -> str | None:
        """Return what a reader got that it should not have, or did not get."""
        if _still(expected.data) != _still(reply.data):
            return f"data\n  {_still(expected.data)}\n  {_still(reply.data)}"
        absences = {path_of(a): a["reason"] for a in reply.extensions.get("absences", ())}
        codes = {path_of(e): e["extensions"]["code"] for e in reply.errors}
        for name, ours, theirs in (("codes", codes, expected.codes), ("absences", absences, expected.absences)):
            strange = [p for p in {*ours, *theirs} if ours.get(p) != theirs.get(p) and not _is_lost(expected.data, p)]
            if strange:
                return f"{name}\n  {theirs}\n  {ours}\n  {strange}"
        return None


async def zones(ask: Asker) -> Mapping[str, str]:
    """Return on whose roster each enterprise of a small world is."""
    found = await ask("{ enterprises(first: 1000) { nodes { uscc zone { id } } } }")
    nodes = found.data["enterprises"]["nodes"]
    return {node["uscc"]: local(node["zone"]["id"]) for node in nodes if node["zone"]}


async def question(
    ask: Asker, open_: Asker, text: str, variables: Mapping[str, Any], zones: Mapping[str, str]
) -> Question | None:
    """Return a question with its answers without rules (`ask`) and by rules that allow everything; None if refused."""
    full = marked(_SCHEMA, text)
    published = await ask(full, variables)
    if published.request_error:
        return None
    hidden = any(absence["reason"] == "NOT_SHARED" for absence in published.extensions.get("absences", ()))
    whole = (
        published
        if not hidden
        else await open_(full, variables, principal=_EVERYBODY, headers={"hub-purpose": "PRE_LOAN"})
    )
    document, literals = ask.engine.documents.get(full)
    prepared = document.prepared(None)
    coerced = prepared.variables.coerced(variables)

    def arguments(asked: Field) -> Mapping[str, Any]:
        return asked.arguments.values(coerced, literals) if asked.arguments else {}

    return Question(text, variables, published, whole, prepared.plan(coerced).root, zones, arguments)


_EVERYBODY = Principal("open", "open", frozenset((Role.ANONYMOUS,)), purposes=frozenset(Purpose))
_ALL = ", ".join(f'{group.value} = "ALLOW"' for group in DataGroup)
OPEN = f"[roles.ANONYMOUS]\nall = {{ {_ALL} }}\n"
"""Rules that allow everything, what is not published included."""


def _still(data: Any) -> str:
    """Return data as text, without the moments of fetches."""
    return _MOMENT.sub("MOMENT", orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode())


def _is_lost(data: Any, path: Path) -> bool:
    """Whether a place lies below a null, or is one that could not be: which failure there is told is open."""
    for step in path[:-1]:
        if data is None:
            return True
        data = data[step]
    return data is None
