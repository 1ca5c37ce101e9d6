"""What an enterprise pays, and for how many, year by year: taxes, social insurance, water and gas, housing fund."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from codes.access import DataGroup, Mask
from schema.access import data
from schema.amount import AmountBand, banded
from schema.node import Disputable

_PAID = data(DataGroup.FILINGS, Mask.AMOUNT)


@strawberry.type(description="Tax paid 实缴税额 in a year.", directives=data(DataGroup.FILINGS))
class TaxPayment(Disputable):
    """Tax paid in a year."""

    year: int
    paid: Decimal | None = strawberry.field(description="CNY yuan.", directives=_PAID)
    paid_band: AmountBand | None = banded("paid")


@strawberry.type(description="Social insurance paid 社保缴费 in a year.", directives=data(DataGroup.FILINGS))
class SocialInsurance(Disputable):
    """Social insurance paid in a year."""

    year: int
    paid: Decimal | None = strawberry.field(description="CNY yuan.", directives=_PAID)
    paid_band: AmountBand | None = banded("paid")


@strawberry.type(description="Water and gas paid 水费、气费 in a year.", directives=data(DataGroup.FILINGS))
class Utilities(Disputable):
    """Water and gas paid in a year."""

    year: int
    paid: Decimal | None = strawberry.field(description="CNY yuan.", directives=_PAID)
    paid_band: AmountBand | None = banded("paid")


@strawberry.type(description="Housing fund 住房公积金 of a year.", directives=data(DataGroup.WORKFORCE))
class HousingFund(Disputable):
    """Housing fund of a year."""

    year: int
    members: int | None = strawberry.field(description="For how many it is paid 缴存人数.")
