"""Query.portfolio: what has changed of many enterprises since a day, each part from its own sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from connectors.outcomes import Absent, like
from resolvers.binding import OF_ENTERPRISE, Batch, Owned
from resolvers.demands import enterprise_of
from resolvers.edition import show
from resolvers.fetching import checked, facets, is_record
from resolvers.pages import Window, page_of
from resolvers.portfolio_lists import MOST_CODES, codes_on
from resolvers.request import Ask, BadInput
from resolvers.score_changes import shown_changes
from resolvers.scores.seeing import shelf_of
from resolvers.scores.shelf import Opened
from store.edition_records import Edition, Scored


class Entry(msgspec.Struct, frozen=True):
    """An enterprise, and the day since which it is looked at."""

    uscc: str
    since: date
    as_of_date: date | None = None


class ShownPortfolioScore(msgspec.Struct, frozen=True):
    """How a score has changed."""

    uscc: str
    edition: Any
    since: Any
    change: Any


Pair = tuple[Edition | None, Edition]
"""The edition of then, and the newest."""


async def _portfolio(
    ask: Ask,
    since: date,
    usccs: list[Any] | None = None,
    list: str | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Sequence[Any]:
    codes = await _codes(ask, usccs, list)
    if since > ask.hub.today():
        raise BadInput(f"since is {since}, which is still to come; give a day up to today.")
    entries = [Entry(code, since) for code in dict.fromkeys(codes)]
    page = page_of(entries, lambda one: (one.uscc,), Window(first, after, None, None))
    await ask.request.learn([one.uscc for one in page.nodes])  # what lies below is decided by whose it is
    return [page]


async def _codes(ask: Ask, usccs: list[Any] | None, name: str | None) -> Sequence[str]:
    if (usccs is None) is (name is None):
        raise BadInput("Give either usccs or the name of a list of your organisation.")
    if usccs is not None:
        if len(usccs) > MOST_CODES:
            raise BadInput(f"These are {len(usccs):,} enterprises; ask for {MOST_CODES:,} at most.")
        return [checked(code) for code in usccs]
    found = await codes_on(ask, name or "")
    if found is None:
        raise BadInput(f"Your organisation has no list {(name or '')[:100]!r}; `me {{ portfolioLists }}` shows those.")
    return found


async def _scores(ask: Ask) -> Sequence[Any]:
    """Answer PortfolioEntry.score: one look-up for all, and one more for each pair of editions."""
    codes = list(dict.fromkeys(parent.uscc for parent in ask.parents))
    known = await shelf_of(ask).rankings.history(codes)
    pairs = {parent.uscc: _pair(known[parent.uscc], parent.since) for parent in ask.parents}
    changed = await _changed(ask, pairs)
    return [
        Absent.NOT_PUBLISHED
        if (pair := pairs[parent.uscc]) is None
        else ShownPortfolioScore(parent.uscc, show(pair[1]), show(pair[0]), changed.get(parent.uscc))
        for parent in ask.parents
    ]


def _pair(known: Sequence[tuple[Edition, Scored]], since: date) -> Pair | None:
    """Return the newest edition that an enterprise is in, and the newest of its kind that was published by a day."""
    if not known:
        return None
    after = known[0][0]
    kind = _kind(after)
    before = next((one for one, _ in known if _kind(one) == kind and _published_on(one) <= since), None)
    return before, after


def _kind(edition: Edition) -> tuple[str, str, str, int]:
    content = edition.content
    return content.zone, content.scheme, content.version, content.decimals


def _published_on(edition: Edition) -> date:
    at: datetime | None = edition.noticed_at
    return at.astimezone(UTC).date() if at is not None else date.max


async def _changed(ask: Ask, pairs: Mapping[str, Pair | None]) -> dict[str, Any]:
    by_pair: dict[tuple[str, str], tuple[Edition, Edition, list[str]]] = {}
    for code, pair in pairs.items():
        if pair is not None and pair[0] is not None and pair[0].id != pair[1].id:
            before, after = pair[0], pair[1]
            by_pair.setdefault((before.id, after.id), (before, after, []))[2].append(code)
    shelf, found = shelf_of(ask), dict[str, Any]()
    for before, after, codes in by_pair.values():
        opened: list[Opened] = [await shelf.opened(one) for one in (before, after)]
        shown = shown_changes(before, after, opened, codes)
        found.update(zip(codes, shown, strict=True))
    return found


def _since(collection: str, type_name: str, reads: Sequence[str], is_new: Callable[[Any, date, date], bool]) -> Batch:
    """Return the resolver of a part that shows what is new of a collection."""

    async def resolve(ask: Ask) -> Sequence[Any]:
        found = await facets(ask, collection, ask.selection.needs(type_name) | frozenset(reads))
        today = ask.hub.today()
        return [
            like(records, [one for one in records if is_new(one, parent.since, today)])
            if is_record(records)
            else records
            for parent, records in zip(ask.parents, found, strict=True)
        ]

    return Batch(resolve, reads=(collection,))


def _flag_is_new(flag: Any, since: date, _today: date) -> bool:
    return _is_after(flag.since, since) or (flag.until is not None and _is_after(flag.until, since))


def _qualification_is_new(one: Any, since: date, today: date) -> bool:
    ends = [day for day in (one.valid_to, one.withdrawn_on) if day is not None]
    ended = any(not isinstance(day, date) or since <= day < today for day in ends)
    return _is_after(one.valid_from, since) or ended


def _filing_is_new(filing: Any, since: date, _today: date) -> bool:
    at = filing.as_of
    return not isinstance(at, datetime) or at.date() > since


def _is_after(day: Any, since: date) -> bool:
    """Say whether a day is later; one that is not known may be."""
    return not isinstance(day, date) or day > since


BATCHES: Mapping[str, Batch] = {
    "Query.portfolio": Batch(_portfolio),
    "PortfolioEntry.enterprise": Batch(enterprise_of),
    "PortfolioEntry.score": Batch(_scores),
    "PortfolioEntry.flags": _since("risk_flags", "RiskFlag", ("since", "until"), _flag_is_new),
    "PortfolioEntry.qualifications": _since(
        "qualifications", "Qualification", ("valid_from", "valid_to", "withdrawn_on"), _qualification_is_new
    ),
    "PortfolioEntry.filings": _since("filings", "Filing", ("as_of", "year"), _filing_is_new),
}

OWNED: Mapping[str, Owned] = dict.fromkeys(("PortfolioEntry", "PortfolioScore"), OF_ENTERPRISE)
