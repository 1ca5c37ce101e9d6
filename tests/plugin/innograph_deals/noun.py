"""`TechnologyManager.deals`: a noun with a resolver of its own, guarded and priced like those of the hub."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import strawberry

from codes.access import DataGroup, Mask
from connectors.catalogue import Collection, Money
from resolvers.binding import Batch, Part
from resolvers.fetching import by_keys, is_record
from resolvers.plugins import Plugin
from resolvers.request import Ask, Request
from schema.access import data
from schema.cost import sliced
from schema.declaring import answered, declared
from schema.node import Sourced


@strawberry.type(
    description="A deal 交易 that a technology manager has brought about.", directives=data(DataGroup.MANAGERS)
)
class ManagerDeal(Sourced):
    """A deal that a technology manager has brought about."""

    number: str
    title: str | None
    amount: Decimal | None = strawberry.field(
        description="CNY yuan.", directives=data(DataGroup.CONTRACTS, Mask.AMOUNT)
    )
    signed_on: date | None
    year: int | None = strawberry.field(description="Year of its signature.")


@strawberry.type
class _OfManager:
    @declared("Deals 交易 that it has brought about, the newest first.", sliced("first"))
    def deals(self, first: int = 10) -> list[ManagerDeal] | None:
        """Deals that it has brought about."""
        answered()


async def _deals(ask: Ask, first: int = 10) -> Sequence[Any]:
    needs = ask.selection.needs("ManagerDeal") | {"signed_on"}
    found = await by_keys(ask, "manager_deals", [parent.id for parent in ask.parents], needs)
    return [sorted(one, key=_signed, reverse=True)[:first] if is_record(one) else one for one in found]


def _signed(deal: Any) -> date:
    return deal.signed_on if isinstance(deal.signed_on, date) else date.min


def _year(_request: Request, signed_on: date | None) -> int | None:
    return signed_on.year if signed_on else None


PLUGIN = Plugin(
    "deals",
    collections=(
        Collection(
            "manager_deals",
            {"number": str, "title": str, "amount": Money, "signed_on": date},
            key="manager",
            many=True,
            record_key="number",
        ),
    ),
    types=(ManagerDeal,),
    fields={"TechnologyManager": _OfManager},
    batches={"TechnologyManager.deals": Batch(_deals, frozenset(("id",)), ("manager_deals",))},
    parts={"ManagerDeal.year": Part(("signed_on",), _year)},
    records={"ManagerDeal": "manager_deals"},
)
