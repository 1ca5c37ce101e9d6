"""What was lent to enterprises and in zones: what sources deliver beside what went through the hub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from codes.lending import GRANTED, LoanState
from connectors.outcomes import Absent, Incomplete
from resolvers.access import Owner
from resolvers.binding import OF_ENTERPRISE, Batch, Owned
from resolvers.changing import changes_of
from resolvers.fetching import children, facets, is_record
from resolvers.pages import MOST_PAGE
from resolvers.request import Ask
from store.loans import APPLICATION, ZERO, Lent, LoanApplication, Loans, is_standing
from store.pre_credits import PRE_CREDIT, PreCreditBatch, PreCredits

_NUMBERS = ("line", "drawn", "balance")
_SHOWN = (*GRANTED, LoanState.SETTLED)


class Summary(msgspec.Struct, frozen=True):
    """The enterprise that it is of, and as of when."""

    uscc: str
    as_of_date: date | None


class Delivered(msgspec.Struct, frozen=True):
    """What sources tell of."""

    uscc: str
    line: Decimal | None
    drawn: Decimal | None
    balance: Decimal | None
    credits: Sequence[Any]


class Part(msgspec.Struct, frozen=True):
    """A credit that went through the hub."""

    uscc: str
    application: str
    lender: str
    product: str | None
    state: LoanState
    line: Decimal
    drawn: Decimal
    balance: Decimal
    line_expires_on: date | None
    changed_at: datetime


class Offer(msgspec.Struct, frozen=True):
    """What one batch of pre-credit holds out to an enterprise."""

    uscc: str
    batch: str
    lender: str
    edition: str
    product: str | None
    line: Decimal
    expires_on: date


class Own(msgspec.Struct, frozen=True):
    """What went through the hub."""

    uscc: str
    line: Decimal
    drawn: Decimal
    balance: Decimal
    credits: Sequence[Part]
    pre_credit: Decimal
    pre_credits: Sequence[Offer]


class ZoneSummary(msgspec.Struct, frozen=True):
    """The zone that it is of."""

    id: str


class ZoneOwn(msgspec.Struct, frozen=True):
    """What went through the hub in a zone."""

    id: str
    enterprises: int
    line: Decimal
    drawn: Decimal
    balance: Decimal
    lenders: Sequence[ZoneLent]
    pre_credits: int
    pre_credit: Decimal


class ZoneLent(Lent, frozen=True, kw_only=True):
    """What one lender has lent in a zone."""

    id: str


def _summaries(ask: Ask) -> Sequence[Any]:
    return [Summary(parent.uscc, parent.as_of_date) for parent in ask.parents]


async def _delivered(ask: Ask) -> Sequence[Any]:
    wanted = ask.selection.at("DeliveredCredit", "credits").needs("Credit") | frozenset(_NUMBERS)
    found = await facets(ask, "credits", wanted)
    return [
        _totals(parent.uscc, records) if is_record(records) else records
        for parent, records in zip(ask.parents, found, strict=True)
    ]


def _totals(code: str, records: Sequence[Any]) -> Delivered:
    whole = not isinstance(records, Incomplete)
    line, drawn, balance = (_sum(getattr(one, name) for one in records) if whole else None for name in _NUMBERS)
    return Delivered(code, line, drawn, balance, records)


def _sum(values: Iterable[Any]) -> Decimal | None:
    """Return a sum, or None where one of its parts is not known: that is not zero."""
    found = ZERO
    for value in values:
        if not isinstance(value, Decimal):
            return None
        found += value
    return found


async def _own(ask: Ask) -> Sequence[Any]:
    codes = list(dict.fromkeys(parent.uscc for parent in ask.parents))
    changes, today = changes_of(ask), ask.hub.today()
    applied = await changes.of(APPLICATION, "uscc", codes, MOST_PAGE, _SHOWN)
    offered = await PreCredits(changes.engine).of_enterprises(codes, today)
    known = {code: _shown(code, applied[code], offered[code], today) for code in codes}
    return [Absent.NO_HISTORY if parent.as_of_date is not None else known[parent.uscc] for parent in ask.parents]


def _shown(code: str, applied: Sequence[LoanApplication], offered: Sequence[PreCreditBatch], today: date) -> Own:
    stand = [one for one in applied if is_standing(one, today)]
    settled = [one for one in applied if one.state is LoanState.SETTLED]
    return Own(
        code,
        sum((one.line or ZERO for one in stand), ZERO),
        sum((one.drawn for one in stand), ZERO),
        sum((one.balance for one in stand), ZERO),
        [_part(one) for one in (*stand, *settled)],
        sum((one.line for one in offered), ZERO),
        [_offer(code, one) for one in offered],
    )


def _part(one: LoanApplication) -> Part:
    assert one.line is not None, "what was granted has a line"
    return Part(
        one.uscc,
        f"{APPLICATION.name}:{one.id}",
        one.lender,
        one.product.name,
        one.state,
        one.line,
        one.drawn,
        one.balance,
        one.line_expires_on,
        one.changed_at,
    )


def _offer(code: str, one: PreCreditBatch) -> Offer:
    product = f"LoanProduct:{one.product_id}" if one.product_id else None
    batch, edition = f"{PRE_CREDIT.name}:{one.id}", f"Edition:{one.edition}"
    return Offer(code, batch, one.lender, edition, product, one.line, one.expires_on)


def _zone_summaries(ask: Ask) -> Sequence[Any]:
    return [ZoneSummary(parent.id) for parent in ask.parents]


async def _zones_own(ask: Ask) -> Sequence[Any]:
    zones, engine, today = [parent.id for parent in ask.parents], changes_of(ask).engine, ask.hub.today()
    lent = await Loans(engine).lent_in(zones, today)
    borrowers = await Loans(engine).borrowers_in(zones, today)
    held_out = await PreCredits(engine).held_out_in(zones, today)
    return [_zone_own(zone, lent[zone], borrowers[zone], *held_out[zone]) for zone in zones]


def _zone_own(zone: str, lent: Sequence[Lent], borrowers: int, offers: int, held_out: Decimal) -> ZoneOwn:
    def total(name: str) -> Decimal:
        return sum((getattr(one, name) for one in lent), ZERO)

    lenders = [ZoneLent(id=zone, **msgspec.structs.asdict(one)) for one in lent]
    return ZoneOwn(zone, borrowers, total("line"), total("drawn"), total("balance"), lenders, offers, held_out)


BATCHES: Mapping[str, Batch] = {
    "Enterprise.creditSummary": Batch(_summaries),
    "CreditSummary.delivered": Batch(_delivered, reads=("credits",)),
    "CreditSummary.hub": Batch(_own),
    "Zone.creditSummary": Batch(_zone_summaries, frozenset(("id",))),
    "ZoneCreditSummary.published": children("zone_credits", "ZoneCredit", "id"),
    "ZoneCreditSummary.hub": Batch(_zones_own),
}

_OF_ZONE = Owned(Owner.ZONE, "id")
OWNED: Mapping[str, Owned] = {
    **dict.fromkeys(("CreditSummary", "DeliveredCredit", "HubCredit", "HubCreditPart", "PreCredit"), OF_ENTERPRISE),
    **dict.fromkeys(("ZoneCreditSummary", "ZoneHubCredit", "ZoneLender"), _OF_ZONE),
}
