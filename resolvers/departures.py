"""Who of a zone's roster has moved out: the registry's word of a day held against its word of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from codes.kinds import RegistrationStatus
from connectors.outcomes import Absent
from resolvers.binding import Batch
from resolvers.fetching import is_record
from resolvers.pages import MOST_PAGE
from resolvers.request import Ask, BadInput
from schema.ladder import Departure, Departures
from schema.scalars import Uscc

_MOST = 10_000
"""Enterprises of a roster that are looked at."""
_FIELDS = frozenset(("district_code", "address", "status"))


async def _moved_out(ask: Ask, since: date) -> Sequence[Any]:
    if since >= ask.hub.today():
        raise BadInput(f"since is {since}; give a day before today.")
    return [await _of(ask, parent.id, since) for parent in ask.parents]


async def _of(ask: Ask, zone: str, since: date) -> Any:
    codes = [code for code, _ in await ask.hub.directory.roster(zone)][:_MOST]
    fetch, session = ask.hub.sources.fetch, ask.request.session
    before = await fetch(session, "registration", codes, _FIELDS, since)
    if before and all(one is Absent.NO_HISTORY for one in before):
        return Absent.NO_HISTORY
    after = await fetch(session, "registration", codes, _FIELDS)
    told = [(*three,) for three in zip(codes, before, after, strict=True) if _both(*three[1:])]
    found = [_departure(code, was, now) for code, was, now in told if _has_moved(was, now)]
    return Departures(since=since, looked=len(codes), unknown=len(codes) - len(told), departures=found[:MOST_PAGE])


def _both(was: Any, now: Any) -> bool:
    """Say whether it is told of both days where an enterprise is."""
    return is_record(was) and is_record(now) and bool(_text(was.district_code) and _text(now.district_code))


def _has_moved(was: Any, now: Any) -> bool:
    left = now.status is RegistrationStatus.MOVED_OUT and was.status is not RegistrationStatus.MOVED_OUT
    return left or was.district_code != now.district_code


def _departure(code: str, was: Any, now: Any) -> Departure:
    return Departure(
        uscc=Uscc(code),
        district_before=_text(was.district_code),
        district_after=_text(now.district_code),
        address_before=_text(was.address),
        address_after=_text(now.address),
        status=now.status if isinstance(now.status, RegistrationStatus) else None,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


BATCHES: Mapping[str, Batch] = {
    "Zone.movedOut": Batch(_moved_out, frozenset(("id",)), ("registration",), indexed={"": ("residence",)}),
}
