"""Loan products of lenders: drafted, listed, edited and withdrawn by each lender itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from codes.flow import NotAllowed, Party
from codes.listings import FLOW, ListingAction, ListingState, ListingTerms, state_on
from codes.problems import Problem, ProblemCode, Problems
from connectors.outcomes import Absent
from resolvers.binding import OF_PARTIES, Batch, Owned, Part
from resolvers.changing import Do, changes_of, invalid, mutation, not_allowed, party_to
from resolvers.fetching import by_keys, local_id
from resolvers.history import history
from resolvers.hub_source import NAME
from resolvers.listing_checking import PLACE, problems_of, terms_of
from resolvers.pages import check_size
from resolvers.request import Ask, Request
from schema.listings import (
    AdvanceLoanProductInput,
    DraftLoanProductInput,
    EditLoanProductInput,
    ListingTermsInput,
)
from store.changes import Change, new_id
from store.listings import LISTING, LoanListing, once_listed


class ShownTerms:
    """What a version of a product says, shown to its lender."""

    def __init__(self, terms: ListingTerms, parties: Mapping[Party, str]) -> None:
        """Show it to these parties."""
        self._terms, self.parties = terms, parties

    def __getattr__(self, name: str) -> Any:
        """Return what it says."""
        return getattr(self._terms, name)


async def _draft(ask: Ask, input: DraftLoanProductInput) -> Do[LoanListing]:
    lender = ask.request.access.principal.organisation
    if not FLOW.opened_by(ask.request.access.parties({Party.LENDER: lender})):
        raise Problems(Problem(ProblemCode.NOT_ALLOWED, "A loan product is drafted by a lender.", ("input",)))
    terms = await _checked(ask, input.terms)

    async def do(change: Change) -> LoanListing:
        made = LoanListing(
            id=new_id(), lender=lender, state=FLOW.initial, terms=terms, created_at=change.at, changed_at=change.at
        )
        return await change.add(LISTING, made, "DRAFT")

    return do


async def _edit(ask: Ask, input: EditLoanProductInput) -> Do[LoanListing]:
    terms = await _checked(ask, input.terms)
    found, parties = await party_to(ask, LISTING, local_id("LoanProduct", input.id), "input", "id")

    async def do(change: Change) -> LoanListing:
        now = await change.get(LISTING, found.id, input.version, "input")
        state = _next(ask, now, ListingAction.EDIT, parties)
        if state is ListingState.LISTED:
            _must_last(ask, terms, "input", "terms", "validTo")
        return await change.replace(LISTING, now, "EDIT", state=state, terms=terms, changed_at=change.at)

    return do


async def _list(ask: Ask, input: AdvanceLoanProductInput) -> Do[LoanListing]:
    found, parties = await party_to(ask, LISTING, input.id, "input", "id")

    async def do(change: Change) -> LoanListing:
        now = await change.get(LISTING, found.id, input.version, "input")
        state = _next(ask, now, ListingAction.LIST, parties)
        _must_last(ask, now.terms, "input", "id")
        return await change.replace(
            LISTING, now, "LIST", state=state, listed_at=now.listed_at or change.at, changed_at=change.at
        )

    return do


async def _withdraw(ask: Ask, input: AdvanceLoanProductInput) -> Do[LoanListing]:
    found, parties = await party_to(ask, LISTING, local_id("LoanProduct", input.id), "input", "id")
    today = ask.hub.today()

    async def do(change: Change) -> LoanListing:
        now = await change.get(LISTING, found.id, input.version, "input")
        state = _next(ask, now, ListingAction.WITHDRAW, parties)
        return await change.replace(LISTING, now, "WITHDRAW", state=state, withdrawn_on=today, changed_at=change.at)

    return do


def _next(ask: Ask, now: LoanListing, action: ListingAction, parties: frozenset[Party]) -> ListingState:
    try:
        return FLOW.next(state_on(ask.hub.today(), now.state, now.terms), action, parties)
    except NotAllowed as refused:
        raise not_allowed(refused, "input", "id") from refused


def _must_last(ask: Ask, terms: ListingTerms, *field: str) -> None:
    if terms.valid_to is not None and terms.valid_to < ask.hub.today():
        message = f"Its last day was {terms.valid_to}; give it a later one."
        raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, field))


async def _checked(ask: Ask, given: ListingTermsInput) -> ListingTerms:
    """Return what a product is to say; raise Problems for all that is wrong with it."""
    found = list(problems_of(given, ask.hub.schemes))
    ids = [local_id("Zone", one) for one in given.zones or ()]
    zones = await by_keys(ask, "zones", ids, frozenset(("id",)))
    for number, (id, zone) in enumerate(zip(ids, zones, strict=True)):
        if zone is Absent.NOT_FOUND:
            found.append(invalid(f"There is no zone {id[:60]!r}.", *PLACE, "zones", str(number)))
    if found:
        raise Problems(*found)
    return terms_of(given)


async def _of_reader(ask: Ask, first: int = 20) -> Sequence[Any]:
    """Answer Viewer.loanListings."""
    check_size("first", first)
    lender = ask.request.access.principal.organisation
    found = await changes_of(ask).of(LISTING, "lender", [lender], first)
    return [found[lender] for _ in ask.parents]


async def _public(ask: Ask) -> Sequence[Any]:
    ids = [parent.id if parent.listed_at else None for parent in ask.parents]
    return await by_keys(ask, "loan_products", ids, ask.selection.needs("LoanProduct") | {"id"})


async def gates_of(ask: Ask, products: Sequence[Any]) -> list[Any]:
    """Return by which scores products of the hub may be had; NOT_DELIVERED of those that sources deliver."""
    own = [one.id for one in products if one.source == NAME]
    found = await once_listed(changes_of(ask).engine, own) if own else {}
    return [
        found[one.id].terms.scores if one.source == NAME and one.id in found else Absent.NOT_DELIVERED
        for one in products
    ]


async def _scores(ask: Ask) -> Sequence[Any]:
    return await gates_of(ask, ask.parents)


def _state(request: Request, state: ListingState, terms: ListingTerms) -> ListingState:
    return state_on(request.hub.today(), state, terms)


def _allowed(request: Request, state: ListingState, terms: ListingTerms, parties: Mapping[Party, str]) -> Sequence[Any]:
    access = request.access
    if not access.may_change(LISTING.group):
        return []
    return FLOW.allowed(state_on(request.hub.today(), state, terms), access.parties(parties))


def _shown(_request: Request, terms: ListingTerms, parties: Mapping[Party, str]) -> ShownTerms:
    return ShownTerms(terms, parties)


BATCHES: Mapping[str, Batch] = {
    "Mutation.draftLoanProduct": mutation("draftLoanProduct", LISTING, _draft),
    "Mutation.editLoanProduct": mutation("editLoanProduct", LISTING, _edit),
    "Mutation.listLoanProduct": mutation("listLoanProduct", LISTING, _list),
    "Mutation.withdrawLoanProduct": mutation("withdrawLoanProduct", LISTING, _withdraw),
    "Viewer.loanListings": Batch(_of_reader),
    "LoanListing.product": Batch(_public, reads=("loan_products",)),
    "LoanListing.history": history(LISTING),
    "LoanProduct.scores": Batch(_scores, frozenset(("id", "source"))),
}

PARTS: Mapping[str, Part] = {
    "LoanListing.state": Part(("state", "terms"), _state),
    "LoanListing.allowedActions": Part(("state", "terms", "parties"), _allowed),
    "LoanListing.terms": Part(("terms", "parties"), _shown),
}

OWNED: Mapping[str, Owned] = dict.fromkeys(("LoanListing", "ListingTerms"), OF_PARTIES)
