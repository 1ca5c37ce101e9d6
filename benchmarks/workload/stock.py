"""Stock Strawberry over the workload's records: resolvers of its own, DataLoaders, parser and validation caches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import strawberry
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from benchmarks.workload import types

ID = strawberry.ID
Records = Mapping[str, Mapping[str, Any]]
"""Collection → code → the record as an instance of the type that shows it."""


@strawberry.type(name="Enterprise")
class _Enterprise:
    uscc: ID
    name: str
    name_en: str | None
    district: str
    industry_code: str
    registered_capital: float
    founded_on: str
    status: types.EnterpriseStatus
    stage: types.EnterpriseStage

    @strawberry.field
    async def score(self, info: strawberry.Info) -> types.Score | None:
        found: types.Score | None = await info.context["scores"].load(self.uscc)
        return found

    @strawberry.field
    async def policies(self, info: strawberry.Info) -> list[types.Policy]:
        found: list[types.Policy] = await info.context["policies"].load(self.uscc)
        return found

    @strawberry.field
    async def managers(self, info: strawberry.Info) -> list[types.Manager]:
        found: list[types.Manager] = await info.context["managers"].load(self.uscc)
        return found


@strawberry.type
class _Query:
    @strawberry.field
    async def enterprise(self, info: strawberry.Info, uscc: ID) -> _Enterprise | None:
        found: _Enterprise | None = await info.context["legal"].load(uscc)
        return found

    @strawberry.field
    async def enterprises(self, info: strawberry.Info, first: int, offset: int = 0) -> list[_Enterprise]:
        found: list[_Enterprise] = info.context["order"][offset : offset + first]
        return found

    @strawberry.field
    async def enterprises_by_uscc(self, info: strawberry.Info, usccs: list[ID]) -> list[_Enterprise | None]:
        found: list[_Enterprise | None] = await info.context["legal"].load_many(usccs)
        return found


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _instance(kind: Any, record: Mapping[str, Any], **changed: Any) -> Any:
    return kind(**{_snake(name): value for name, value in record.items()} | changed)


class Stock:
    """Stock Strawberry, with the workload's records at hand."""

    def __init__(self, data: Mapping[str, list[dict[str, Any]]]) -> None:
        """Make an instance of every record beforehand."""
        parsing, validating = ParserCache(), ValidationCache()
        self._schema = strawberry.Schema(_Query, extensions=[lambda: parsing, lambda: validating])
        legal = {
            r["uscc"]: _instance(
                _Enterprise, r, status=types.EnterpriseStatus(r["status"]), stage=types.EnterpriseStage(r["stage"])
            )
            for r in data["legal"]
        }
        self._order = list(legal.values())
        self._records: Records = {
            "legal": legal,
            "scores": {r["uscc"]: _score(r) for r in data["scores"]},
            "policies": {r["uscc"]: [_instance(types.Policy, p) for p in r["policies"]] for r in data["policies"]},
            "managers": {r["uscc"]: [_instance(types.Manager, m) for m in r["managers"]] for r in data["managers"]},
        }

    async def answer(self, query: str, variables: dict[str, Any]) -> bytes:
        """Return the encoded answer."""
        context: dict[str, Any] = {name: self._loader(name) for name in self._records}
        context["order"] = self._order
        found = await self._schema.execute(query, variable_values=variables, context_value=context)
        assert not found.errors, found.errors
        return orjson.dumps({"data": found.data})

    def _loader(self, name: str) -> DataLoader[str, Any]:
        get = self._records[name].get

        async def load(keys: list[str]) -> list[Any]:
            return [get(key) for key in keys]

        return DataLoader(load)


def _score(record: Mapping[str, Any]) -> types.Score:
    return types.Score(
        total=record["total"],
        rank=record["rank"],
        categories=[types.CategoryScore(**c) for c in record["categories"]],
        indicators=[types.Indicator(**i) for i in record["indicators"]],
    )
