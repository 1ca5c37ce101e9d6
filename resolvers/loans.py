"""Loan applications: made by enterprises, moved by the lender, shared in part with the guarantee company."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from codes.flow import NotAllowed, Party
from codes.kinds import GuaranteeKind
from codes.lending import LOAN_FLOW, DemandState, LoanAction, LoanState
from codes.problems import Problem, ProblemCode, Problems
from resolvers.access import Owner
from resolvers.applied_product import AppliedTo, product_to_apply_for
from resolvers.binding import Batch, Owned, Part
from resolvers.changing import Do, changes_of, invalid, mutation, not_allowed, party_to
from resolvers.demands import enterprise_of
from resolvers.fetching import by_keys
from resolvers.given import LONGEST_LINE, amount_problems, needed_problems, text_problems, yuan
from resolvers.history import history
from resolvers.listening import updates
from resolvers.listing_checking import MOST_RATE, is_rate
from resolvers.loan_money import movements_of, record
from resolvers.own_pages import mark_of, own_page
from resolvers.pages import MOST_PAGE, check_size
from resolvers.request import Ask, Request
from schema.lending import AdvanceLoanInput, ApplyForLoanInput
from store.changes import Change, new_id
from store.demands import DEMAND, FinancingDemand
from store.loans import APPLICATION, AppliedProduct, LoanApplication, Loans, is_applied_for

_MONEY = (LoanAction.DRAW, LoanAction.REPAY)


class ShownProduct(AppliedProduct, frozen=True, kw_only=True):
    """A product as it was applied for, and who may see that."""

    parties: Mapping[Party, str]


class Terms(msgspec.Struct, frozen=True):
    """What is between enterprise and lender."""

    application: str
    rate: Decimal | None
    rate_basis: str | None
    reason: str | None
    receivers: Mapping[Party, str]


async def _apply(ask: Ask, input: ApplyForLoanInput) -> Do[LoanApplication]:
    demand, parties = await party_to(ask, DEMAND, input.demand, "input", "demand")
    if not LOAN_FLOW.opened_by(parties):
        message = "A loan is applied for by the enterprise itself."
        raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, ("input", "demand")))
    guarantor = input.guarantor.strip() if input.guarantor is not None else None
    if problems := list(_guarantor_problems(demand, guarantor)):
        raise Problems(*problems)
    to = await product_to_apply_for(ask, input.product, "input", "product")
    zone = (await ask.hub.directory.zones_of([demand.uscc])).get(demand.uscc)

    async def do(change: Change) -> LoanApplication:
        now = await change.get(DEMAND, demand.id)
        if now.state is not DemandState.OPEN or now.valid_to < ask.hub.today():
            message = f"The demand is {now.state.value} and stood until {now.valid_to}; publish one that stands."
            raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, ("input", "demand")))
        if await is_applied_for(change, now.id, to.product.id):
            message = "An application of this demand for this product stands; withdraw it to make another."
            raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, ("input", "product")))
        return await change.add(APPLICATION, _made(change, now, to, zone, guarantor), "APPLY")

    return do


def _made(change: Change, demand: FinancingDemand, to: AppliedTo, zone: str | None, by: str | None) -> LoanApplication:
    return LoanApplication(
        id=new_id(),
        uscc=demand.uscc,
        zone_id=zone,
        author=change.doer.organisation,
        demand_id=demand.id,
        demand_version=demand.version,
        product_id=to.product.id,
        product=to.product,
        lender=to.lender,
        guarantor=by,
        amount=demand.amount,
        term_months=demand.term_months,
        about=demand.about,
        guarantee_kinds=demand.guarantee_kinds,
        state=LOAN_FLOW.initial,
        created_at=change.at,
        changed_at=change.at,
    )


def _guarantor_problems(demand: FinancingDemand, guarantor: str | None) -> Iterator[Problem]:
    if guarantor is None:
        return
    yield from text_problems(guarantor, "input", "guarantor", most=LONGEST_LINE)
    if GuaranteeKind.GUARANTEE_COMPANY not in demand.guarantee_kinds:
        yield invalid("The demand does not offer GUARANTEE_COMPANY; revise it first.", "input", "guarantor")


async def _advance(ask: Ask, input: AdvanceLoanInput) -> Do[LoanApplication]:
    if problems := list(_problems(ask, input)):
        raise Problems(*problems)
    found, parties = await party_to(ask, APPLICATION, input.id, "input", "id")
    today, action = ask.hub.today(), input.action

    async def do(change: Change) -> LoanApplication:
        now = await change.get(APPLICATION, found.id, input.version, "input")
        try:
            state = LOAN_FLOW.next(now.state, action, parties)
        except NotAllowed as refused:
            raise not_allowed(refused, "input", "action") from refused
        if action is LoanAction.SIGN and now.line_expires_on is not None and now.line_expires_on < today:
            message = f"The line expired on {now.line_expires_on}; it is not signed any more."
            raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, ("input", "action")))
        if action is LoanAction.SETTLE and now.balance:
            message = f"{now.balance:,} yuan are still owed; record the repayments first."
            raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, ("input", "action")))
        return await change.replace(
            APPLICATION,
            now,
            action.value,
            state=state,
            reason=input.reason or now.reason,
            line=now.line if input.line is None else yuan(input.line),
            rate=now.rate if input.rate is None else input.rate,
            rate_basis=input.rate_basis or now.rate_basis,
            line_expires_on=input.line_expires_on or now.line_expires_on,
            signed_on=input.signed_on or now.signed_on,
            revolving=_revolves(now, input) if action is LoanAction.APPROVE else now.revolving,
            changed_at=change.at,
        )

    return do


def _revolves(now: LoanApplication, given: AdvanceLoanInput) -> bool:
    """Say whether a line that is granted revolves: as its lender says, or else as the product did."""
    return bool(now.product.revolving) if given.revolving is None else given.revolving


def _problems(ask: Ask, given: AdvanceLoanInput) -> Iterator[Problem]:
    action, today = given.action, ask.hub.today()
    if action in _MONEY:
        yield invalid("What is drawn and repaid is told by recordLoanMovement.", "input", "action")
    explains = action in (LoanAction.REJECT, LoanAction.WITHDRAW)
    if given.reason is not None and not explains:
        yield invalid("It goes with REJECT and WITHDRAW.", "input", "reason")
    elif given.reason is not None or action is LoanAction.REJECT:
        yield from text_problems(given.reason or "", "input", "reason")
    for name in ("line", "rate", "rate_basis", "line_expires_on"):
        yield from needed_problems(getattr(given, name), action is LoanAction.APPROVE, "APPROVE", "input", name)
    yield from needed_problems(given.signed_on, action is LoanAction.SIGN, "SIGN", "input", "signed_on")
    if given.revolving is not None and action is not LoanAction.APPROVE:
        yield invalid("It goes with APPROVE.", "input", "revolving")
    if given.line is not None:
        yield from amount_problems(given.line, "input", "line")
    if given.rate is not None and not is_rate(given.rate):
        yield invalid(f"Give per cent a year from 0 to {MOST_RATE}, with at most 4 decimals.", "input", "rate")
    if given.rate_basis is not None:
        yield from text_problems(given.rate_basis, "input", "rate_basis", most=LONGEST_LINE)
    if given.line_expires_on is not None and given.line_expires_on < today:
        yield invalid("It is today at the earliest.", "input", "line_expires_on")
    if given.signed_on is not None and given.signed_on > today:
        yield invalid("It is today at the latest.", "input", "signed_on")


async def _of_enterprises(ask: Ask) -> Sequence[Any]:
    codes = [parent.uscc for parent in ask.parents]
    found = await changes_of(ask).of(APPLICATION, "uscc", codes, MOST_PAGE)
    return [found[code] for code in codes]


async def _of_reader(
    ask: Ask, first: int = 20, after: str | None = None, state: list[LoanState] | None = None
) -> Sequence[Any]:
    """Answer Viewer.loanApplications: those that the reader is a party to."""
    check_size("first", first, least=0)
    loans, keys = Loans(changes_of(ask).engine), _keys(ask)
    page = await loans.page(keys, state, first + 1, mark_of(after))
    shown = page[:first]
    await ask.request.learn([one.uscc for one in shown])
    ask.request.access.saw(APPLICATION.group, [one.uscc for one in shown])
    return [own_page(ask, page, first, after, lambda: loans.count(keys, state)) for _ in ask.parents]


def _keys(ask: Ask) -> Mapping[Party, str]:
    """Return by which keys the reader can be a party to an application."""
    access, reader = ask.request.access, ask.request.access.principal
    keys = {Party.LENDER: reader.organisation, Party.GUARANTOR: reader.organisation}
    if reader.enterprise is not None:
        keys[Party.ENTERPRISE] = reader.enterprise
    held = access.parties(keys)
    return {party: key for party, key in keys.items() if party in held}


async def _product_now(ask: Ask) -> Sequence[Any]:
    wanted = ask.selection.needs("LoanProduct")
    return await by_keys(ask, "loan_products", [parent.product_id for parent in ask.parents], wanted)


def _product(_request: Request, product: AppliedProduct, parties: Mapping[Party, str]) -> ShownProduct:
    return ShownProduct(**msgspec.structs.asdict(product), parties=parties)


def _terms(_request: Request, id: str, rate: Any, basis: Any, reason: Any, principals: Mapping[Party, str]) -> Terms:
    return Terms(id, rate, basis, reason, principals)


def _allowed(request: Request, state: LoanState, parties: Mapping[Party, str]) -> Sequence[Any]:
    access = request.access
    return LOAN_FLOW.allowed(state, access.parties(parties)) if access.may_change(APPLICATION.group) else []


def _demand(_request: Request, id: str) -> str:
    return f"{DEMAND.name}:{id}"


BATCHES: Mapping[str, Batch] = {
    "Mutation.applyForLoan": mutation("applyForLoan", APPLICATION, _apply),
    "Mutation.advanceLoan": mutation("advanceLoan", APPLICATION, _advance),
    "Mutation.recordLoanMovement": mutation("recordLoanMovement", APPLICATION, record),
    "Enterprise.loanApplications": Batch(_of_enterprises),
    "Viewer.loanApplications": Batch(_of_reader),
    "LoanApplication.enterprise": Batch(enterprise_of),
    "LoanApplication.productNow": Batch(_product_now, reads=("loan_products",)),
    "LoanApplication.history": history(APPLICATION),
    "LoanTerms.movements": Batch(movements_of),
    **updates("applicationUpdated", APPLICATION),
}

PARTS: Mapping[str, Part] = {
    "LoanApplication.allowedActions": Part(("state", "parties"), _allowed),
    "LoanApplication.demand": Part(("demand_id",), _demand),
    "LoanApplication.product": Part(("product", "parties"), _product),
    "LoanApplication.terms": Part(("id", "rate", "rate_basis", "reason", "principals"), _terms),
}

OWNED: Mapping[str, Owned] = {
    "LoanTerms": Owned(Owner.PARTIES, "receivers"),
    "LoanMovement": Owned(Owner.PARTIES, "receivers"),
    "AppliedProduct": Owned(Owner.PARTIES, "parties"),
}
