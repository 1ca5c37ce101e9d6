"""Query.enterprises: found in the hub's own directory, then resolved from the sources like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.outcomes import Absent
from resolvers.binding import Batch
from resolvers.enterprise_key import EnterpriseKey
from resolvers.fetching import local_id
from resolvers.pages import ConnectionValue, Window
from resolvers.request import Ask, BadInput
from schema.enums import Direction
from schema.inputs import EnterpriseFilter, EnterpriseOrder
from store import directory

_MOST_YUAN = 10**18
"""More than any capital, and less than what a database's whole numbers hold."""


async def enterprises(
    ask: Ask,
    search: str | None = None,
    filter: EnterpriseFilter | None = None,
    order_by: EnterpriseOrder | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Sequence[Any]:
    """Answer Query.enterprises."""
    window = Window(first, after, last, before)
    if _not_shared(ask, filter or EnterpriseFilter()):
        return [Absent.NOT_SHARED]
    search = _plain("search", search)
    wanted = _filter(filter or EnterpriseFilter(), ask)
    asked = directory.Window(
        None if window.backward else window.size, after, window.size if window.backward else None, before
    )
    try:
        page = await ask.hub.directory.page(search, wanted, _order(order_by, search), asked)
    except directory.BadCursor as error:
        raise BadInput(str(error)) from error

    async def count() -> int:
        return await ask.hub.directory.count(search, wanted)

    nodes = list(map(EnterpriseKey.of, page.codes))
    return [ConnectionValue(nodes, page.cursors, page.has_next_page, page.has_previous_page, count)]


def _order(wanted: EnterpriseOrder | None, search: str | None) -> directory.Order:
    if wanted is None:
        field = directory.OrderField.RELEVANCE if search and search.strip() else directory.OrderField.NAME
        return directory.Order(field)
    return directory.Order(directory.OrderField[wanted.field.name], wanted.direction is Direction.DESCENDING)


def _filter(wanted: EnterpriseFilter, ask: Ask) -> directory.Filter:
    return directory.Filter(
        zone_ids=tuple(local_id("Zone", _plain("zone", zone) or "") for zone in wanted.zone)
        if wanted.zone is not None
        else None,
        district_prefix=_plain("district", wanted.district),
        industry_prefix=_plain("industry", wanted.industry),
        statuses=tuple(status.value for status in wanted.status) if wanted.status is not None else None,
        qualifications=tuple(kind.value for kind in wanted.qualification or ()),
        valid_on=wanted.qualification_valid_on or ask.hub.today(),
        founded_from=wanted.founded_from,
        founded_to=wanted.founded_to,
        capital_min=_whole("registeredCapitalMin", wanted.registered_capital_min),
        capital_max=_whole("registeredCapitalMax", wanted.registered_capital_max),
        synthetic=wanted.synthetic,
    )


def _plain(name: str, text: str | None) -> str | None:
    if text is not None and "\0" in text:
        raise BadInput(f"{name} holds a NUL character, which no name and no code has; leave it out.")
    return text


def _whole(name: str, amount: Decimal | None) -> int | None:
    if amount is None:
        return None
    if amount.is_nan():
        raise BadInput(f"{name} is no number; give an amount in CNY yuan.")
    return int(max(Decimal(-_MOST_YUAN), min(Decimal(_MOST_YUAN), amount)))


_INDEXED: Mapping[str, tuple[str, ...]] = {
    "": ("registration",),
    "filter.zone": ("residence",),
    "filter.qualification": ("qualifications",),
    "filter.qualification_valid_on": ("qualifications",),
}


def _not_shared(ask: Ask, wanted: EnterpriseFilter) -> bool:
    """Say whether the directory would tell of a collection with a source that is never shared.

    It may have been filled when that was.
    """
    told = [*_INDEXED[""]]
    for name, collections in _INDEXED.items():
        if name and getattr(wanted, name.removeprefix("filter.")) is not None:
            told += collections
    return not ask.hub.sources.shared.never.isdisjoint(told)


BATCHES: Mapping[str, Batch] = {"Query.enterprises": Batch(enterprises, indexed=_INDEXED)}
