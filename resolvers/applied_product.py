"""The loan product that somebody applies for, as it is on offer now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from codes.problems import Problem, ProblemCode, Problems
from connectors.errors import SourceFailure
from connectors.outcomes import Absent
from resolvers.fetching import by_keys, is_record, local_id
from resolvers.request import Ask
from store.loans import AppliedProduct

_PLAIN = tuple(field.name for field in msgspec.structs.fields(AppliedProduct) if field.name not in ("id", "version"))
_FIELDS = frozenset((*_PLAIN, "id", "version", "lender_id", "listed_on", "withdrawn_on"))


@dataclass(frozen=True)
class AppliedTo:
    """A product as it is now, and the organisation that lends."""

    product: AppliedProduct
    lender: str


async def product_to_apply_for(ask: Ask, identity: str, *field: str) -> AppliedTo:
    """Return the product of an identity; raise Problems for one that cannot be applied for through the hub."""
    id = local_id("LoanProduct", identity)
    (found,) = await by_keys(ask, "loan_products", [id], _FIELDS)
    if isinstance(found, SourceFailure):
        raise found
    if not is_record(found):
        message = f"There is no loan product {identity[:60]!r}; `loanProducts` lists those there are."
        raise Problems(Problem(ProblemCode.NOT_FOUND, message, field))
    if not isinstance(found.lender_id, str):
        message = f"{identity[:60]} takes no applications through the hub: it does not say which organisation lends."
        raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, field))
    first, last, today = found.listed_on, found.withdrawn_on, ask.hub.today()
    if (isinstance(first, date) and today < first) or (isinstance(last, date) and today > last):
        message = f"{identity[:60]} is on offer from {_day(first)} to {_day(last)}, not today."
        raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, field))
    known: dict[str, Any] = {
        name: value for name in _PLAIN if not isinstance(value := getattr(found, name), Absent | None)
    }
    version = found.version if isinstance(found.version, int) else None
    return AppliedTo(AppliedProduct(id=id, version=version, **known), found.lender_id)


def _day(day: Any) -> str:
    return str(day) if isinstance(day, date) else "an open day"
