"""Policies, loan products and funds: small collections, filtered here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from codes.uscc import MalformedUscc, normalise
from connectors.outcomes import Absent, like
from resolvers.binding import Batch, Entry
from resolvers.enterprise_key import EnterpriseKey
from resolvers.fetching import by_keys, children, is_record, local_id, whole
from resolvers.pages import SortKey, Window, page_of
from resolvers.request import Ask, Selection
from schema.inputs import FundFilter, LoanProductFilter, PolicyFilter


def listing(
    collection: str,
    type_name: str,
    searched: Sequence[str],
    sort_key: Callable[[Any], SortKey],
    matches: Callable[[Any, Any], bool],
    reads: Sequence[str],
    is_shown: Callable[[Any, date], bool] = lambda _record, _today: True,
) -> Batch:
    """Return the resolver of a root connection over a small collection.

    `searched` are the fields that a search looks into, `reads` those that sort key and filter read. `is_shown` says
    whether a record is shown on a day to anybody.
    """
    always = frozenset((*searched, *reads, "id"))

    async def resolve(
        ask: Ask,
        search: str | None = None,
        filter: Any = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Sequence[Any]:
        window = Window(first, after, last, before)
        records = await whole(ask, collection, node_needs(ask.selection, f"{type_name}Connection", type_name) | always)
        if isinstance(records, Absent):
            return [records]
        wanted = (search or "").strip().casefold()
        chosen = [
            record
            for record in records
            if is_shown(record, ask.hub.today())
            and (filter is None or matches(record, filter))
            and (not wanted or any(wanted in str(getattr(record, name) or "").casefold() for name in searched))
        ]
        return [page_of(like(records, chosen), lambda record: (*sort_key(record), record.id), window)]

    return Batch(resolve, reads=(collection,))


async def _invested_in(ask: Ask) -> Sequence[Any]:
    """Answer FundInvestment.enterprise: null where no code is told, or none that can be one."""
    return [_enterprise(one.uscc) for one in ask.parents]


def _enterprise(told: Any) -> EnterpriseKey | None:
    try:
        return EnterpriseKey.of(normalise(told)) if isinstance(told, str) else None
    except MalformedUscc:
        return None


def node_needs(selection: Selection, connection_type: str, type_name: str) -> frozenset[str]:
    """Return what a connection's nodes need, whether asked through `nodes` or `edges`."""
    nodes = selection.at(connection_type, "nodes").needs(type_name)
    return nodes | selection.at(connection_type, "edges", "node").needs(type_name)


def single(collection: str, type_name: str) -> Batch:
    """Return the resolver of a root field that finds one record by its id."""

    async def resolve(ask: Ask, id: str) -> Sequence[Any]:
        return await by_keys(ask, collection, [local_id(type_name, id)], ask.selection.needs(type_name))

    return Batch(resolve, reads=(collection,), entry=Entry("id", type_name))


def everything(collection: str, type_name: str) -> Batch:
    """Return the resolver of a root field that lists a whole collection, by id."""

    async def resolve(ask: Ask) -> Sequence[Any]:
        records = await whole(ask, collection, ask.selection.needs(type_name) | {"id"})
        if isinstance(records, Absent):
            return [records]
        return [like(records, sorted(records, key=lambda record: str(record.id)))]

    return Batch(resolve, reads=(collection,))


async def _product_zones(ask: Ask) -> Sequence[Any]:
    wanted = [parent.zone_ids if isinstance(parent.zone_ids, tuple) else () for parent in ask.parents]
    flat = [zone_id for zone_ids in wanted for zone_id in zone_ids]
    found = dict(zip(flat, await by_keys(ask, "zones", flat, ask.selection.needs("Zone")), strict=True))
    return [[found[zone_id] for zone_id in zone_ids] for zone_ids in wanted]


def _on(day: date, first: Any, last: Any) -> bool:
    """Say whether a day lies between two, either of which may be open."""
    return (not isinstance(first, date) or first <= day) and (not isinstance(last, date) or day <= last)


def _is_policy(policy: Any, wanted: PolicyFilter) -> bool:
    return (
        (wanted.zone is None or policy.zone_id in (None, local_id("Zone", wanted.zone)))
        and (wanted.level is None or policy.level in wanted.level)
        and (wanted.valid_on is None or _on(wanted.valid_on, policy.valid_from, policy.valid_to))
    )


def _is_product(product: Any, wanted: LoanProductFilter) -> bool:
    zones, kinds = product.zone_ids or (), product.guarantee_kinds or ()
    return (
        (wanted.zone is None or not zones or local_id("Zone", wanted.zone) in zones)
        and (wanted.lender is None or wanted.lender in (product.lender or ""))
        and (wanted.guarantee_kind is None or any(kind in kinds for kind in wanted.guarantee_kind))
        and (wanted.amount is None or (is_record(product.amount_max) and (product.amount_max or 0) >= wanted.amount))
        and (wanted.lender_id is None or product.lender_id == wanted.lender_id)
        and (wanted.term_months is None or _at_least(product.term_months_max, wanted.term_months))
        and (wanted.qualification is None or _asks_for(product.qualifications, wanted.qualification))
        and (wanted.listed_on is None or _on(wanted.listed_on, product.listed_on, product.withdrawn_on))
    )


def _at_least(most: Any, wanted: int) -> bool:
    return isinstance(most, int) and most >= wanted


def _asks_for(qualifications: Any, held: Sequence[Any]) -> bool:
    """Say whether one of these is enough; a product that names none asks for none."""
    if not isinstance(qualifications, Sequence) or not qualifications:
        return True
    return any(kind in qualifications for kind in held)


def _is_fund(fund: Any, wanted: FundFilter) -> bool:
    return (
        (wanted.region is None or mentions(fund.focus_regions, wanted.region))
        and (wanted.stage is None or mentions(fund.focus_stages, wanted.stage))
        and (wanted.field is None or mentions(fund.focus_fields, wanted.field))
    )


def mentions(texts: Sequence[str] | None, part: str) -> bool:
    """Say whether one of some texts has a part, in whatever case."""
    return any(part.casefold() in text.casefold() for text in texts or ())


def _newest_first(policy: Any) -> SortKey:
    published = policy.published_on
    return (f"{99999999 - published.toordinal() if isinstance(published, date) else 99999999:08}",)


BATCHES: Mapping[str, Batch] = {
    "Query.policies": listing(
        "policies", "Policy", ("title", "title_en", "issuer", "document_number"), _newest_first, _is_policy,
        ("zone_id", "level", "valid_from", "valid_to", "published_on"),
    ),
    "Query.policy": single("policies", "Policy"),
    "Policy.zone": children("zones", "Zone", "zone_id"),
    "Query.loanProducts": listing(
        "loan_products", "LoanProduct", ("name", "lender"), lambda p: (p.lender or "", p.name or ""), _is_product,
        (
            "zone_ids", "guarantee_kinds", "amount_max", "listed_on", "withdrawn_on", "lender_id", "term_months_max",
            "qualifications",
        ),
    ),
    "Query.loanProduct": single("loan_products", "LoanProduct"),
    "LoanProduct.zones": Batch(_product_zones, frozenset(("zone_ids",)), ("zones",)),
    "Query.funds": listing(
        "funds", "Fund", ("name", "name_en", "manager"), lambda f: (f.name or "",), _is_fund,
        ("focus_regions", "focus_stages", "focus_fields"),
    ),
    "Query.fund": single("funds", "Fund"),
    "TechnologyManagerNetwork.memberCounts": children("network_member_counts", "MemberCount", "id"),
    "Query.networks": everything("networks", "TechnologyManagerNetwork"),
    "Query.zones": everything("zones", "Zone"),
    "Query.zone": single("zones", "Zone"),
    "Fund.investments": children("fund_investments", "FundInvestment", "id"),
    "FundInvestment.enterprise": Batch(_invested_in, frozenset(("uscc",))),
    "Zone.figures": children("zone_figures", "ZoneFigure", "id"),
}  # fmt: skip
