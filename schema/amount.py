"""Amounts as those see them who may not see them whole: the band that an amount lies in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import strawberry

from codes.access import DataGroup
from schema.access import data


@strawberry.type(
    description="Band 金额区间 that an amount lies in, CNY yuan. The bounds are the hub's own choice.",
    directives=data(DataGroup.PUBLIC),
)
class AmountBand:
    """Band that an amount lies in."""

    from_: Decimal | None = strawberry.field(name="from", description="Included; null: below zero.")
    to: Decimal | None = strawberry.field(description="Not included; null: there is no higher bound.")


def banded(field: str, group: DataGroup = DataGroup.FILINGS) -> Any:
    """Declare the band of an amount that may be masked, by the amount's name in the graph."""
    return strawberry.field(description=f"Band of `{field}`.", directives=data(group))
