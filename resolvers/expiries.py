"""What of an enterprise runs out before long: each part from where it is kept, by the reader's rights to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from codes.expiry import WARNED_DAYS, ExpiryKind, Urgency, urgency
from codes.flow import Party
from codes.lending import GRANTED
from connectors.outcomes import Absent, like
from resolvers.binding import OF_ENTERPRISE, Batch, Owned
from resolvers.changing import changes_of
from resolvers.enterprise import held_days
from resolvers.fetching import facets, is_record
from resolvers.pages import MOST_PAGE
from resolvers.request import Ask, BadInput
from store.consents import Consent
from store.loans import APPLICATION, LoanApplication, is_standing
from store.pre_credits import PRE_CREDIT, PreCreditBatch, PreCredits

_MOST_DAYS = 3660
_HELD = frozenset(("kind", "certificate_number", "valid_from", "valid_to", "withdrawn_on", "source"))
_LENT = frozenset(("id", "lender", "expires_on", "source"))


class Expiring(msgspec.Struct, frozen=True):
    """An enterprise, and how many days ahead are looked at."""

    uscc: str
    within: int
    as_of_date: date | None = None


class Expiry(msgspec.Struct, frozen=True):
    """Something that runs out."""

    uscc: str
    kind: ExpiryKind
    name: str
    of: str | None
    ends_on: date
    days_left: int
    source: str | None = None

    @property
    def urgency(self) -> Urgency | None:
        """How urgent it is."""
        return urgency(self.days_left)


def _expiries(ask: Ask, within: int = WARNED_DAYS) -> Sequence[Any]:
    if not 0 <= within <= _MOST_DAYS:
        raise BadInput(f"within is {within}; give 0 to {_MOST_DAYS:,} days.")
    return [Expiring(parent.uscc, within, parent.as_of_date) for parent in ask.parents]


async def _qualifications(ask: Ask) -> Sequence[Any]:
    found = await facets(ask, "qualifications", _HELD)
    return [
        like(records, _near(ask, parent, map(_held, records))) if is_record(records) else records
        for parent, records in zip(ask.parents, found, strict=True)
    ]


Ending = tuple[ExpiryKind, Any, Any, Any, Any]
"""Kind, name, what it is of, last day, source; as it was read."""


def _held(one: Any) -> Ending:
    """Return the last day of a qualification that is held; one that is not, or of which it is not known, has none."""
    lasting = held_days(one)
    kind = one.kind.value if hasattr(one.kind, "value") else None
    return ExpiryKind.QUALIFICATION, kind, one.certificate_number, lasting[1] if lasting else None, one.source


async def _credits(ask: Ask) -> Sequence[Any]:
    found = await facets(ask, "credits", _LENT)
    return [
        like(
            records,
            _near(
                ask, parent, ((ExpiryKind.CREDIT, one.lender, one.id, one.expires_on, one.source) for one in records)
            ),
        )
        if is_record(records)
        else records
        for parent, records in zip(ask.parents, found, strict=True)
    ]


async def _lines(ask: Ask) -> Sequence[Any]:
    today = ask.hub.today()
    codes = list(dict.fromkeys(parent.uscc for parent in ask.parents))
    applied = await changes_of(ask).of(APPLICATION, "uscc", codes, MOST_PAGE, tuple(GRANTED))
    offered = await PreCredits(changes_of(ask).engine).of_enterprises(codes, today)
    return [
        _of_now(ask, parent, [*map(_line, _standing(applied[parent.uscc], today)), *map(_offer, offered[parent.uscc])])
        for parent in ask.parents
    ]


async def _consents(ask: Ask) -> Sequence[Any]:
    given = await _given(ask)
    return [_of_now(ask, parent, map(_consent, given[parent.uscc])) for parent in ask.parents]


async def _own(ask: Ask) -> Sequence[Any]:
    """Answer Expiries.own: what the reader's organisation has is no secret to it."""
    access, today = ask.request.access, ask.hub.today()
    reader = access.principal.organisation
    if not reader:
        return [[] for _ in ask.parents]
    codes = list(dict.fromkeys(parent.uscc for parent in ask.parents))
    applied = await changes_of(ask).of(APPLICATION, "uscc", codes, MOST_PAGE, tuple(GRANTED))
    lent = {
        code: [one for one in _standing(applied[code], today) if access.parties({Party.LENDER: one.lender})]
        for code in codes
    }
    access.saw(APPLICATION.group, [code for code in codes if lent[code]])
    given = await _given(ask)
    return [
        _of_now(ask, parent, [
            *map(_line, lent[parent.uscc]),
            *(_consent(one) for one in given[parent.uscc] if one.agreement.grantee == reader),
        ])
        for parent in ask.parents
    ]  # fmt: skip


async def _given(ask: Ask) -> Mapping[str, Sequence[Consent]]:
    """Return the consents of each enterprise that stand."""
    codes = list(dict.fromkeys(parent.uscc for parent in ask.parents))
    assert ask.hub.consents is not None, "a hub with a store has consents"
    found = await ask.hub.consents.consents.of_enterprises(codes)
    return {code: [one for one in found[code] if one.withdrawn_at is None] for code in codes}


def _standing(applied: Sequence[LoanApplication], today: date) -> list[LoanApplication]:
    return [one for one in applied if is_standing(one, today)]


def _line(one: LoanApplication) -> Ending:
    return ExpiryKind.CREDIT, one.lender, f"{APPLICATION.name}:{one.id}", one.line_expires_on, None


def _offer(one: PreCreditBatch) -> Ending:
    return ExpiryKind.PRE_CREDIT, one.lender, f"{PRE_CREDIT.name}:{one.id}", one.expires_on, None


def _consent(one: Consent) -> Ending:
    return ExpiryKind.CONSENT, one.agreement.grantee, one.id, one.agreement.last_day, None


def _of_now(ask: Ask, parent: Expiring, ending: Iterable[Ending]) -> Any:
    """Return what runs out of what the hub keeps, which it tells of as it is now."""
    return Absent.NO_HISTORY if parent.as_of_date is not None else _near(ask, parent, ending)


def _near(ask: Ask, parent: Expiring, ending: Iterable[Ending]) -> list[Expiry]:
    """Return what ends within the days that are looked at, the nearest end first."""
    first = parent.as_of_date or ask.hub.today()
    last = first + timedelta(parent.within)
    found = [
        Expiry(parent.uscc, kind, name, of if isinstance(of, str) else None, day, (day - first).days, source)
        for kind, name, of, day, source in ending
        if isinstance(day, date) and first <= day <= last and isinstance(name, str)
    ]
    return sorted(found, key=lambda one: (one.ends_on, one.kind.value, one.name, one.of or ""))


BATCHES: Mapping[str, Batch] = {
    "Enterprise.expiries": Batch(_expiries),
    "PortfolioEntry.expiries": Batch(_expiries),
    "Expiries.qualifications": Batch(_qualifications, reads=("qualifications",)),
    "Expiries.credits": Batch(_credits, reads=("credits",)),
    "Expiries.lines": Batch(_lines),
    "Expiries.consents": Batch(_consents),
    "Expiries.own": Batch(_own),
}

OWNED: Mapping[str, Owned] = dict.fromkeys(("Expiries", "Expiry"), OF_ENTERPRISE)
