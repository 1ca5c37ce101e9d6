"""Pre-credit: a lender holds a line out to the enterprises of an edition whose scores it may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from auth.rules import Verdict
from codes.access import DataGroup
from codes.flow import NotAllowed, Party
from codes.lending import PRE_CREDIT_FLOW, PreCreditReason, PreCreditState
from codes.problems import Problem, ProblemCode, Problems
from resolvers.applied_product import product_to_apply_for
from resolvers.binding import OF_PARTIES, Batch, Owned, Part
from resolvers.changing import Do, changes_of, invalid, mutation, not_allowed, party_to
from resolvers.fetching import checked
from resolvers.given import amount_problems, day_problems, yuan
from resolvers.history import history
from resolvers.pages import check_size
from resolvers.request import Ask, Request
from resolvers.scores.seeing import found as editions
from resolvers.scores.seeing import seen, shelf_of
from schema.pre_credit import OfferPreCreditInput, WithdrawPreCreditInput
from store.changes import Change, new_id
from store.columns import MOST_YUAN
from store.edition_records import Edition, Scored
from store.pre_credits import PRE_CREDIT, LeftOutCount, PreCreditBatch, PreCredits, hold_out

_LONGEST = timedelta(days=366)
_MOST_POINTS = 1_000_000


@dataclass(frozen=True)
class ShownLeftOut:
    """How many were left out for a reason, and who may know that."""

    reason: PreCreditReason
    count: int
    usccs: Sequence[str] | None
    parties: Mapping[Party, str]


async def _offer(ask: Ask, input: OfferPreCreditInput) -> Do[PreCreditBatch]:
    access, today = ask.request.access, ask.hub.today()
    lender = access.principal.organisation
    if not PRE_CREDIT_FLOW.opened_by(access.parties({Party.LENDER: lender})):
        raise Problems(Problem(ProblemCode.NOT_ALLOWED, "A line is held out by a lender.", ("input",)))
    if access.rights is not None and not access.rights.for_purpose:
        raise access.withheld("Mutation.offerPreCredit", DataGroup.SCORE, Verdict.PURPOSE_REQUIRED)
    codes = None if input.usccs is None else list(dict.fromkeys(checked(code) for code in input.usccs))
    if problems := list(_problems(input, today)):
        raise Problems(*problems)
    edition = await _edition(ask, input.edition)
    product = await _product(ask, input.product, lender)
    chosen, left_out = await _chosen(ask, edition, input, codes)
    access.saw(DataGroup.SCORE, chosen)
    if input.line * len(chosen) > MOST_YUAN:
        raise Problems(invalid(f"For {len(chosen):,} enterprises it is more than can be held out.", "input", "line"))

    async def do(change: Change) -> PreCreditBatch:
        made = PreCreditBatch(
            id=new_id(),
            lender=lender,
            edition=edition.id,
            zone_id=edition.content.zone,
            product_id=product,
            line=yuan(input.line),
            expires_on=input.expires_on,
            score_at_least=input.score_at_least,
            stage=input.stage,
            offered=len(chosen),
            left_out=left_out,
            state=PRE_CREDIT_FLOW.initial,
            created_at=change.at,
            changed_at=change.at,
        )
        await change.add(PRE_CREDIT, made, "OFFER")
        await hold_out(change, made.id, chosen)
        return made

    return do


def _problems(given: OfferPreCreditInput, today: Any) -> Iterator[Problem]:
    yield from amount_problems(given.line, "input", "line")
    yield from day_problems(given.expires_on, today, today + _LONGEST, "input", "expires_on")
    if given.usccs is None and given.score_at_least is None:
        yield invalid("Give codes, or the score from which on it is offered.", "input", "score_at_least")
    bound = given.score_at_least
    if bound is not None and not (bound.is_finite() and 0 <= bound <= _MOST_POINTS):
        yield invalid("Give points from 0 to 1,000,000.", "input", "score_at_least")
    if given.usccs is not None and not given.usccs:
        yield invalid("Name at least one enterprise.", "input", "usccs")


async def _edition(ask: Ask, identity: str) -> Edition:
    (edition,) = await editions(ask, [identity])
    if edition is None or not edition.published:
        message = f"There is no published edition {identity[:80]!r}; `editions` lists those there are."
        raise Problems(Problem(ProblemCode.NOT_FOUND, message, ("input", "edition")))
    return edition


async def _product(ask: Ask, identity: str | None, lender: str) -> str | None:
    if identity is None:
        return None
    to = await product_to_apply_for(ask, identity, "input", "product")
    if to.lender != lender:
        message = f"{identity[:60]} is another lender's."
        raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, ("input", "product")))
    return to.product.id


async def _chosen(
    ask: Ask, edition: Edition, given: OfferPreCreditInput, codes: Sequence[str] | None
) -> tuple[list[str], tuple[LeftOutCount, ...]]:
    """Return to whom it is offered, and who is left out and why; of whom has not agreed nothing is looked at."""
    rankings = shelf_of(ask).rankings
    scored = await rankings.all(edition.id) if codes is None else await rankings.of(edition.id, codes)
    everyone = sorted(scored) if codes is None else codes
    mine = frozenset(await seen(ask, everyone))
    chosen: list[str] = []
    left: defaultdict[PreCreditReason, list[str]] = defaultdict(list)
    for code in everyone:
        reason = PreCreditReason.CONSENT_REQUIRED if code not in mine else _reason(edition, given, scored.get(code))
        (chosen if reason is None else left[reason]).append(code)
    ask.request.access.missed(DataGroup.SCORE, left[PreCreditReason.CONSENT_REQUIRED] if codes is not None else [])
    ask.request.access.saw(DataGroup.SCORE, [code for code in everyone if code in mine])
    counts = (
        LeftOutCount(reason=reason, count=len(left[reason]), usccs=tuple(left[reason]) if codes is not None else None)
        for reason in PreCreditReason
        if left[reason]
    )
    return chosen, tuple(counts)


def _reason(edition: Edition, given: OfferPreCreditInput, one: Scored | None) -> PreCreditReason | None:
    """Return why an enterprise is left out; None if it is not."""
    if one is None:
        return PreCreditReason.NOT_IN_EDITION
    if one.rank is None:
        return PreCreditReason.NOT_RANKED
    if given.stage is not None and one.stage != given.stage:
        return PreCreditReason.OTHER_STAGE
    total = Decimal(one.total).scaleb(-edition.content.decimals)
    return PreCreditReason.BELOW_BOUND if given.score_at_least is not None and total < given.score_at_least else None


async def _withdraw(ask: Ask, input: WithdrawPreCreditInput) -> Do[PreCreditBatch]:
    found, parties = await party_to(ask, PRE_CREDIT, input.id, "input", "id")

    async def do(change: Change) -> PreCreditBatch:
        now = await change.get(PRE_CREDIT, found.id, input.version, "input")
        (step,) = PRE_CREDIT_FLOW.steps
        try:
            state = PRE_CREDIT_FLOW.next(now.state, step.action, parties)
        except NotAllowed as refused:
            raise not_allowed(refused, "input", "id") from refused
        return await change.replace(PRE_CREDIT, now, step.action.value, state=state, changed_at=change.at)

    return do


async def _of_reader(ask: Ask, first: int = 20) -> Sequence[Any]:
    """Answer Viewer.preCreditBatches."""
    check_size("first", first)
    lender = ask.request.access.principal.organisation
    found = await changes_of(ask).of(PRE_CREDIT, "lender", [lender], first)
    return [found[lender] for _ in ask.parents]


async def _codes(ask: Ask) -> Sequence[Any]:
    found = await PreCredits(changes_of(ask).engine).codes_of([parent.id for parent in ask.parents])
    return [found[parent.id] for parent in ask.parents]


def _allowed(request: Request, state: PreCreditState, parties: Mapping[Party, str]) -> Sequence[Any]:
    access = request.access
    return PRE_CREDIT_FLOW.allowed(state, access.parties(parties)) if access.may_change(PRE_CREDIT.group) else []


def _left_out(_request: Request, counts: Sequence[LeftOutCount], parties: Mapping[Party, str]) -> Sequence[Any]:
    return [ShownLeftOut(one.reason, one.count, one.usccs, parties) for one in counts]


def _edition_id(_request: Request, code: str) -> str:
    return f"Edition:{code}"


def _product_id(_request: Request, code: str | None) -> str | None:
    return f"LoanProduct:{code}" if code else None


BATCHES: Mapping[str, Batch] = {
    "Mutation.offerPreCredit": mutation("offerPreCredit", PRE_CREDIT, _offer),
    "Mutation.withdrawPreCredit": mutation("withdrawPreCredit", PRE_CREDIT, _withdraw),
    "Viewer.preCreditBatches": Batch(_of_reader),
    "PreCreditBatch.usccs": Batch(_codes),
    "PreCreditBatch.history": history(PRE_CREDIT),
}

PARTS: Mapping[str, Part] = {
    "PreCreditBatch.allowedActions": Part(("state", "parties"), _allowed),
    "PreCreditBatch.leftOut": Part(("left_out", "parties"), _left_out),
    "PreCreditBatch.edition": Part(("edition",), _edition_id),
    "PreCreditBatch.product": Part(("product_id",), _product_id),
}

OWNED: Mapping[str, Owned] = {"PreCreditLeftOut": OF_PARTIES}
