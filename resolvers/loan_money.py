"""What is drawn from a line and repaid: never more than the line in all, never more than is owed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from codes.flow import NotAllowed, Party
from codes.lending import LOAN_FLOW, LoanAction, MovementKind
from codes.problems import Problem, ProblemCode, Problems
from resolvers.changing import Do, changes_of, invalid, not_allowed, party_to
from resolvers.given import LONGEST_LINE, amount_problems, text_problems, yuan
from resolvers.request import Ask
from schema.lending import RecordLoanMovementInput
from store.changes import Change
from store.loans import APPLICATION, LoanApplication, Loans, move

_ACTIONS = {MovementKind.DRAW: LoanAction.DRAW, MovementKind.REPAYMENT: LoanAction.REPAY}


class ShownMovement(msgspec.Struct, frozen=True):
    """A movement, and who may see it."""

    kind: MovementKind
    amount: Decimal
    day: date
    reference: str | None
    at: datetime
    receivers: Mapping[Party, str]


async def record(ask: Ask, input: RecordLoanMovementInput) -> Do[LoanApplication]:
    """Prepare what `recordLoanMovement` does."""
    if problems := list(_problems(ask, input)):
        raise Problems(*problems)
    found, parties = await party_to(ask, APPLICATION, input.application, "input", "application")
    action, reference = _ACTIONS[input.kind], (input.reference or "").strip()

    async def do(change: Change) -> LoanApplication:
        now = await change.get(APPLICATION, found.id)  # nobody else changes it until the sums stand
        try:
            state = LOAN_FLOW.next(now.state, action, parties)
        except NotAllowed as refused:
            raise not_allowed(refused, "input", "kind") from refused
        drawn, repaid = _sums(now, input)
        after = await change.replace(
            APPLICATION, now, action.value, state=state, drawn=drawn, repaid=repaid, changed_at=change.at
        )
        await move(change, after, input.kind, input.amount, input.day, reference)
        return after

    return do


def _problems(ask: Ask, given: RecordLoanMovementInput) -> Iterator[Problem]:
    yield from amount_problems(given.amount, "input", "amount")
    if given.day > ask.hub.today():
        yield invalid("It is today at the latest.", "input", "day")
    if given.reference is not None:
        yield from text_problems(given.reference, "input", "reference", most=LONGEST_LINE)


def _sums(now: LoanApplication, given: RecordLoanMovementInput) -> tuple[Decimal, Decimal]:
    """Return what is drawn and repaid in all after a movement; raise Problems for one that cannot be."""
    assert now.line is not None, "what was signed has a line"
    if now.signed_on is not None and given.day < now.signed_on:
        raise _refused(f"It was signed on {now.signed_on}; nothing moved before.", "day")
    if given.kind is MovementKind.REPAYMENT:
        if given.amount > now.balance:
            raise _refused(f"{now.balance:,} yuan are owed, less than {given.amount:,}.", "amount")
        return now.drawn, yuan(now.repaid + given.amount)
    if now.line_expires_on is not None and given.day > now.line_expires_on:
        raise _refused(f"The line expired on {now.line_expires_on}; nothing is drawn after it.", "day")
    left = now.available
    assert left is not None, "it can be drawn from"
    if given.amount > left:
        taken = f"{now.balance:,} are owed" if now.revolving else f"{now.drawn:,} are drawn"
        raise _refused(
            f"Of the line of {now.line:,} yuan {taken}: {left:,} are left, less than {given.amount:,}.", "amount"
        )
    return yuan(now.drawn + given.amount), now.repaid


def _refused(message: str, field: str) -> Problems:
    return Problems(Problem(ProblemCode.NOT_ALLOWED, message, ("input", field)))


async def movements_of(ask: Ask) -> Sequence[Any]:
    """Answer LoanTerms.movements."""
    found = await Loans(changes_of(ask).engine).movements([parent.application for parent in ask.parents])
    return [
        [
            ShownMovement(one.kind, one.amount, one.day, one.reference, one.at, parent.receivers)
            for one in found[parent.application]
        ]
        for parent in ask.parents
    ]
