"""Financing demands: published by enterprises, seen by the lenders that they let."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from auth.rules import Verdict
from codes.access import DataGroup
from codes.flow import NotAllowed, Party
from codes.lending import DEMAND_FLOW, DemandAction, DemandState
from codes.problems import Problem, ProblemCode, Problems
from resolvers.access import Access, Judgement, Owner
from resolvers.binding import Batch, Part
from resolvers.changing import Do, changes_of, invalid, learn, mutation, not_allowed, party_to
from resolvers.enterprise_key import EnterpriseKey
from resolvers.given import amount_problems, day_problems, needed_problems, number_problems, text_problems, yuan
from resolvers.history import history
from resolvers.own_pages import mark_of, own_page
from resolvers.pages import MOST_PAGE, check_size
from resolvers.request import Ask, Request
from schema.financing import AdvanceDemandInput, PublishDemandInput
from store.changes import Change, new_id
from store.demands import DEMAND, Demands, FinancingDemand

_USUAL = timedelta(days=90)
_LONGEST = timedelta(days=366)
_LONGEST_TERM = 600
_MOST_STANDING = 10_000
"""Demands that a lender's list is chosen from: the newest."""


async def _publish(ask: Ask, input: PublishDemandInput) -> Do[FinancingDemand]:
    said = _said(ask, input, "input")
    principal = ask.request.access.principal
    if principal.enterprise is None or not DEMAND_FLOW.opened_by(
        ask.request.access.parties({Party.ENTERPRISE: principal.enterprise})
    ):
        message = "A demand is published by the enterprise itself."
        raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, ("input",)))
    uscc, author = principal.enterprise, principal.organisation

    async def do(change: Change) -> FinancingDemand:
        made = FinancingDemand(
            id=new_id(),
            uscc=uscc,
            author=author,
            state=DEMAND_FLOW.initial,
            created_at=change.at,
            changed_at=change.at,
            **said,
        )
        return await change.add(DEMAND, made, "PUBLISH")

    return do


async def _advance(ask: Ask, input: AdvanceDemandInput) -> Do[FinancingDemand]:
    revises = input.action is DemandAction.REVISE
    if problems := list(needed_problems(input.demand, revises, "REVISE", "input", "demand")):
        raise Problems(*problems)
    said = _said(ask, input.demand, "input", "demand") if input.demand else {}
    found, parties = await party_to(ask, DEMAND, input.id, "input", "id")

    async def do(change: Change) -> FinancingDemand:
        now = await change.get(DEMAND, found.id, input.version, "input")
        try:
            state = DEMAND_FLOW.next(now.state, input.action, parties)
        except NotAllowed as refused:
            raise not_allowed(refused, "input", "action") from refused
        return await change.replace(DEMAND, now, input.action.value, state=state, changed_at=change.at, **said)

    return do


def _said(ask: Ask, given: PublishDemandInput, *where: str) -> dict[str, Any]:
    """Return what a demand says; raise Problems for what it cannot say."""
    valid_to = given.valid_to or ask.hub.today() + _USUAL
    if problems := list(_problems(ask, given, *where)):
        raise Problems(*problems)
    return {
        "amount": yuan(given.amount),
        "term_months": given.term_months,
        "about": given.about.strip(),
        "guarantee_kinds": tuple(dict.fromkeys(given.guarantee_kinds)),
        "valid_to": valid_to,
    }


def _problems(ask: Ask, given: PublishDemandInput, *where: str) -> Iterator[Problem]:
    today = ask.hub.today()
    yield from amount_problems(given.amount, *where, "amount")
    yield from number_problems(given.term_months, 1, _LONGEST_TERM, *where, "term_months")
    yield from text_problems(given.about, *where, "about")
    if not given.guarantee_kinds:
        yield invalid("Name at least one; CREDIT is without security.", *where, "guarantee_kinds")
    if given.valid_to is not None:
        yield from day_problems(given.valid_to, today, today + _LONGEST, *where, "valid_to")


async def _of_enterprises(ask: Ask) -> Sequence[Any]:
    codes = [parent.uscc for parent in ask.parents]
    found = await changes_of(ask).of(DEMAND, "uscc", codes, MOST_PAGE)
    return [found[code] for code in codes]


async def _of_reader(ask: Ask, first: int = 20, after: str | None = None) -> Sequence[Any]:
    """Answer Viewer.financingDemands: of all that stand, those that the reader may see."""
    check_size("first", first, least=0)
    mark = mark_of(after)
    standing = await Demands(changes_of(ask).engine).standing(ask.hub.today(), _MOST_STANDING)
    await learn(ask, [one.parties for one in standing])
    seen = [one for one in standing if _sees(ask.request.access, one.uscc)]
    rest = [one for one in seen if mark is None or (-one.created_at.timestamp(), one.id) > _place(mark)]
    page = rest[: first + 1]
    ask.request.access.saw(DataGroup.DEMANDS, [one.uscc for one in page[:first]])

    async def count() -> int:
        return len(seen)

    return [own_page(ask, page, first, after, count) for _ in ask.parents]


def _place(mark: Any) -> tuple[float, str]:
    at, id = mark
    return -at.timestamp(), id


def _sees(access: Access, code: str) -> bool:
    """Say whether the reader may see an enterprise's demands, as the guard of `financingDemands` has it."""
    rights = access.rights
    if rights is None:
        return True
    own, others = rights.own[DataGroup.DEMANDS], rights.others[DataGroup.DEMANDS]
    return access.verdict(Judgement(DataGroup.DEMANDS, own, others, Owner.ENTERPRISE), code) is Verdict.ALLOW


def enterprise_of(ask: Ask) -> Sequence[Any]:
    """Answer `enterprise` of what is about one, of which it is known what may be seen."""
    return [EnterpriseKey.of(parent.uscc) for parent in ask.parents]


def _allowed(request: Request, state: DemandState, uscc: str) -> Sequence[Any]:
    access = request.access
    parties = access.parties({Party.ENTERPRISE: uscc})
    return DEMAND_FLOW.allowed(state, parties) if access.may_change(DEMAND.group) else []


BATCHES: Mapping[str, Batch] = {
    "Mutation.publishDemand": mutation("publishDemand", DEMAND, _publish),
    "Mutation.advanceDemand": mutation("advanceDemand", DEMAND, _advance),
    "Enterprise.financingDemands": Batch(_of_enterprises),
    "Viewer.financingDemands": Batch(_of_reader),
    "FinancingDemand.enterprise": Batch(enterprise_of),
    "FinancingDemand.history": history(DEMAND),
}

PARTS: Mapping[str, Part] = {"FinancingDemand.allowedActions": Part(("state", "uscc"), _allowed)}
