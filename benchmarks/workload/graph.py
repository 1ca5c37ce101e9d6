"""How the workload's graph is answered: four collections by credit code, and the register's order as an index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from benchmarks.workload.types import EnterpriseStage, EnterpriseStatus
from connectors.catalogue import Catalogue, Collection, Records
from connectors.outcomes import Absent
from resolvers.binding import Answered, Batch, Foreseen, Graph, Part, is_awaited
from resolvers.request import Ask

_CODE = "code"
"""Not `uscc`: the workload's codes are made up without a second check character, which the hub would refuse."""


class _Known(msgspec.Struct, frozen=True):
    """An enterprise of which only its code is known so far."""

    code: str


def _records(kind: str, /, **fields: Any) -> Records:
    return Records(kind, fields, frozenset(fields))


_LEGAL = {
    "name": str, "district": str, "industry_code": str, "registered_capital": float, "founded_on": str,
    "status": EnterpriseStatus, "stage": EnterpriseStage,
}  # fmt: skip
_INDICATORS = _records("Indicator", key=str, value=float, score=float)
_CATEGORIES = _records("CategoryScore", key=str, score=float)
_POLICIES = _records("Policy", id=str, title=str, issuer=str, valid_to=str)
_MANAGERS = _records("Manager", id=str, name=str, institution=str)
_FUNDS = _records("Fund", id=str, name=str, amount=float)


def _whole(collection: str, /, **fields: Any) -> Collection:
    return Collection(collection, fields, key=_CODE, required=frozenset(fields))


CATALOGUE: Catalogue = {
    "legal": Collection("legal", {**_LEGAL, "name_en": str}, key=_CODE, required=frozenset(_LEGAL)),
    "scores": _whole("scores", total=float, rank=int, indicators=_INDICATORS, categories=_CATEGORIES),
    "policies": _whole("policies", policies=_POLICIES),
    "managers": _whole("managers", managers=_MANAGERS, funds=_FUNDS),
}


def _fetched(ask: Ask, collection: str, keys: Sequence[str], fields: frozenset[str]) -> Answered:
    sources, session = ask.hub.sources, ask.request.session
    found = sources.at_once(session, collection, keys, fields)
    return found if found is not None else sources.fetch(session, collection, keys, fields)


def _then(found: Answered, change: Callable[[Sequence[Any]], Sequence[Any]]) -> Answered:
    """Change what was found, at once if it was found at once."""
    if is_awaited(found):

        async def later() -> Sequence[Any]:
            return change(await found)

        return later()
    return change(found)


def _of_enterprise(collection: str, type_name: str) -> Batch:
    def resolve(ask: Ask) -> Answered:
        return _fetched(ask, collection, [parent.code for parent in ask.parents], ask.selection.needs(type_name))

    return Batch(resolve, frozenset((_CODE,)), (collection,))


def _listed(collection: str, field: str) -> Batch:
    fields = frozenset((field,))

    def take(found: Sequence[Any]) -> Sequence[Any]:
        return [one if isinstance(one, Absent | Exception) else getattr(one, field) for one in found]

    def resolve(ask: Ask) -> Answered:
        return _then(_fetched(ask, collection, [parent.code for parent in ask.parents], fields), take)

    return Batch(resolve, frozenset((_CODE,)), (collection,))


def _enterprise(ask: Ask, uscc: str) -> Answered:
    found = _fetched(ask, "legal", [uscc], ask.selection.needs("Enterprise"))
    return Foreseen([_Known(uscc)], found) if is_awaited(found) else found


def _by_codes(ask: Ask, usccs: list[str]) -> Answered:
    found = _then(_fetched(ask, "legal", usccs, ask.selection.needs("Enterprise")), lambda found: [found])
    return Foreseen([_Known(code) for code in usccs], found) if is_awaited(found) else found


class _Register:
    """The register's order, read once, as the hub's own directory is."""

    def __init__(self) -> None:
        self._codes: list[str] | None = None

    def page(self, ask: Ask, first: int, offset: int = 0) -> Answered:
        """Answer Query.enterprises."""
        if self._codes is None:
            return self._first(ask, first, offset)
        return _by_codes(ask, self._codes[offset : offset + first])

    async def _first(self, ask: Ask, first: int, offset: int) -> Sequence[Any]:
        codes: list[str] = []
        async for page in ask.hub.sources.scan("legal", "register", frozenset(("name",))):
            codes += page.keys
        self._codes = codes
        found = _by_codes(ask, codes[offset : offset + first])
        return await found if is_awaited(found) else found


def workload() -> Graph:
    """Return what answers the workload's schema."""
    return Graph(
        batches={
            "Query.enterprise": Batch(_enterprise, reads=("legal",)),
            "Query.enterprises": Batch(_Register().page, reads=("legal",)),
            "Query.enterprisesByUscc": Batch(_by_codes, reads=("legal",)),
            "Enterprise.score": _of_enterprise("scores", "Score"),
            "Enterprise.policies": _listed("policies", "policies"),
            "Enterprise.managers": _listed("managers", "managers"),
            "Enterprise.funds": _listed("managers", "funds"),
        },
        parts={"Enterprise.uscc": Part((_CODE,))},
        groups={},
        records={"Score": "scores"},
        catalogue=CATALOGUE,
    )
