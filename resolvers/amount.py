"""Bands of amounts: what of an amount may be shown where the amount itself is masked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from strawberry.utils.str_converters import to_camel_case

from auth.masks import band
from resolvers.binding import Part
from resolvers.request import Request
from schema.amount import AmountBand

_MASKED = {
    "Filing": (
        "revenue", "rd_expense", "high_tech_revenue", "profit", "net_assets", "total_assets", "liabilities",
        "super_deduction", "total_cost", "main_business_revenue",
    ),
    "TechnologyContracts": ("turnover", "technology_turnover"),
    "TaxPayment": ("paid",),
    "SocialInsurance": ("paid",),
    "Utilities": ("paid",),
    "IpPledge": ("amount",),
}  # fmt: skip


def _band(_request: Request, amount: Decimal | None) -> AmountBand | None:
    if amount is None:
        return None
    lower, upper = band(amount)
    return AmountBand(from_=lower, to=upper)


PARTS: Mapping[str, Part] = {
    f"{type_name}.{to_camel_case(name)}Band": Part((name,), _band)
    for type_name, names in _MASKED.items()
    for name in names
}
