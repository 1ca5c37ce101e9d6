"""How entitlements come about and go on: matched by officers, confirmed by enterprises, reviewed, paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.audit import record as records
from auth.audit.record import Kind, Looks, Outcome
from codes.entitlements import (
    FLOW,
    OVER,
    RESERVED,
    Account,
    Approval,
    EntitlementAction,
    EntitlementState,
    Finding,
)
from codes.flow import NotAllowed, Party
from codes.matching import Fit, Truth
from codes.policies import Condition, PolicyContent, PolicyState
from codes.problems import Problem, ProblemCode, Problems
from resolvers.auditing import Auditor
from resolvers.binding import Batch
from resolvers.changing import Do, invalid, mutation, not_allowed, party_to
from resolvers.enterprise_key import EnterpriseKey
from resolvers.fact_values import observed
from resolvers.fetching import checked, local_id
from resolvers.policy_matching import Matched, held, matched
from resolvers.request import Ask
from schema.entitlements import AccountInput, AdvanceEntitlementInput, ConfirmEntitlementInput, MatchEntitlementsInput
from store import entitlements as store
from store.changes import Call, Change, Changes, Doer, Record, new_id
from store.entitlements import ENTITLEMENT, ENTITLEMENT_RUN, Entitlement, EntitlementRun
from store.policies import ZERO, ZONE_POLICY

_LONGEST = 2000
_SHORT = 200
_MOST_NAMED = 1000
_DIGITS = range(8, 33)


async def _match(ask: Ask, input: MatchEntitlementsInput) -> Do[EntitlementRun]:
    local = local_id("ZonePolicy", local_id("Policy", input.policy))
    policy, _ = await party_to(ask, ZONE_POLICY, local, "input", "policy")
    said = policy.published
    if said is None or policy.state is not PolicyState.PUBLISHED:
        raise Problems(_refused("Only a policy that is published comes to enterprises.", "policy"))
    districts = await _enterprises(ask, policy.zone_id, input.usccs)
    codes = list(districts)
    looking = Ask(ask.request, [EnterpriseKey.of(code) for code in codes], ask.selection)
    found = await matched(looking, policy.zone_id, said)
    risks, stages = await _risks(looking, said), await stages_of(looking, said)
    counts = Counter(one.fit for one in found)
    eligible = [
        (code, one, risk, stage)
        for code, one, risk, stage in zip(codes, found, risks, stages, strict=True)
        if one.fit is Fit.ELIGIBLE and one.amount
    ]
    author = ask.request.access.principal.organisation
    due = ask.hub.today() + timedelta(days=said.confirm_days)

    async def do(change: Change) -> EntitlementRun:
        now = await change.get(ZONE_POLICY, policy.id)
        if (now.number, now.state) != (policy.number, policy.state):
            raise Problems(_refused("The policy has just been changed; match again.", "policy"))
        had = await store.taken(change, policy.id)
        made = [
            Entitlement(
                id=new_id(),
                policy_id=policy.id,
                number=policy.number,
                zone_id=policy.zone_id,
                uscc=code,
                author=author,
                state=EntitlementState.PUSHED if input.push else FLOW.initial,
                amount=one.amount or ZERO,
                risk=risk,
                findings=_findings(one),
                district=districts[code],
                stage=stage,
                due_on=due,
                slot=store.slot_of(policy.id, code),
                created_at=change.at,
                changed_at=change.at,
            )
            for code, one, risk, stage in eligible
            if code not in had
        ]
        await change.add_all(ENTITLEMENT, made, "PUSH" if input.push else "MATCH")
        run = EntitlementRun(
            id=new_id(),
            policy_id=policy.id,
            number=policy.number,
            zone_id=policy.zone_id,
            author=author,
            counts={fit.value: counts[fit] for fit in Fit},
            made=len(made),
            already=len(eligible) - len(made),
            amount=sum((one.amount for one in made), ZERO),
            created_at=change.at,
            changed_at=change.at,
        )
        return await change.add(ENTITLEMENT_RUN, run, "MATCH")

    return do


async def _enterprises(ask: Ask, zone: str, named: Sequence[Any] | None) -> Mapping[str, str | None]:
    """Return the enterprises that are to be looked at, each with its district; raise Problems for strangers."""
    roster = dict(await ask.hub.directory.roster(zone))
    if named is None:
        return roster
    codes = list(dict.fromkeys(checked(code) for code in named))
    if not 1 <= len(codes) <= _MOST_NAMED:
        raise Problems(invalid(f"Name 1 to {_MOST_NAMED:,} enterprises, or none for all.", "input", "usccs"))
    if strangers := [code for code in codes if code not in roster]:
        raise Problems(invalid(f"{strangers[0]} is not on the roster of the policy's zone.", "input", "usccs"))
    return {code: roster[code] for code in codes}


async def _risks(looking: Ask, said: PolicyContent) -> list[int]:
    """Return the risk level of each case: the highest of the rules that are met, or cannot be told."""
    columns = await observed(looking, [rule.condition for rule in said.risks])
    return [
        max(
            (
                rule.level
                for rule, column in zip(said.risks, columns, strict=True)
                if held(rule.condition, column[place]).truth is not Truth.UNMET
            ),
            default=0,
        )
        for place in range(len(looking.parents))
    ]


async def stages_of(looking: Ask, said: PolicyContent) -> list[str | None]:
    """Return each enterprise's stage in the scheme that the policy's conditions name; None where there is none."""
    scheme = next((one.scheme for one in said.conditions if one.scheme is not None), None)
    if scheme is None:
        return [None] * len(looking.parents)
    (column,) = await observed(looking, [Condition(code="stage", fact="stage", scheme=scheme)])
    return [one.value for one in column]


def _findings(one: Matched) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code=found.condition.code,
            truth=found.truth.value,
            actual=found.actual,
            reason=found.reason,
            source=found.source,
            as_of=found.as_of,
        )
        for found in one.conditions
    )


async def _confirm(ask: Ask, input: ConfirmEntitlementInput) -> Do[Entitlement]:
    account = _sealed(ask, _account(input.account))
    found, parties = await party_to(ask, ENTITLEMENT, input.id, "input", "id")
    today = ask.hub.today()

    async def do(change: Change) -> Entitlement:
        now = await change.get(ENTITLEMENT, found.id, input.version, "input")
        state = _next(now, EntitlementAction.CONFIRM, parties, "id")
        await store.must_be_open(change, now, today)
        said = await store.content_of(change, now)
        await store.must_fit_others(change, now, said, today.year)
        await store.reserve(change, said.pool, now.amount)
        return await change.replace(
            ENTITLEMENT,
            now,
            "CONFIRM",
            state=state if _approvals_needed(now, said) else EntitlementState.CONFIRMED,
            account=account,
            year=today.year,
            confirmed_at=change.at,
            changed_at=change.at,
        )

    return do


def _approvals_needed(now: Entitlement, said: PolicyContent) -> int:
    """Return how many officers have to approve: two of what is more than the policy's limit, one of a higher risk."""
    if said.review_above is not None and now.amount > said.review_above:
        return 2
    return 1 if now.risk else 0


def _sealed(ask: Ask, account: Account) -> Account:
    if ask.hub.sealer is None:
        raise Problems(_refused("This hub takes no accounts: its operator has set no HUB_SEALING_KEYS.", "account"))
    return ask.hub.sealer.seal(account)


def _account(given: AccountInput) -> Account:
    number = given.number.replace(" ", "")
    found = [
        invalid(f"Give 1 to {_SHORT} characters.", "input", "account", name)
        for name in ("holder", "bank")
        if not 0 < len(getattr(given, name).strip()) <= _SHORT or "\0" in getattr(given, name)
    ]
    if not (number.isascii() and number.isdigit() and len(number) in _DIGITS):
        found.append(invalid("An account's number has 8 to 32 digits.", "input", "account", "number"))
    if found:
        raise Problems(*found)
    return Account(given.holder.strip(), given.bank.strip(), number)


async def advance(ask: Ask, input: AdvanceEntitlementInput) -> Do[Entitlement]:
    """Prepare what `advanceEntitlement` does."""
    if problems := _problems(ask, input):
        raise Problems(*problems)
    found, parties = await party_to(ask, ENTITLEMENT, input.id, "input", "id")
    today = ask.hub.today()
    reader = ask.request.access.principal

    async def do(change: Change) -> Entitlement:
        now = await change.get(ENTITLEMENT, found.id, input.version, "input")
        state = _next(now, input.action, parties, "action")
        said = await store.content_of(change, now)
        changes: dict[str, Any] = {"reason": input.reason or now.reason}
        if input.action is EntitlementAction.PUSH:
            changes["due_on"] = today + timedelta(days=said.confirm_days)
        elif input.action is EntitlementAction.EXPIRE:
            if now.due_on is None or today <= now.due_on:
                raise Problems(_refused(f"It can be confirmed until {now.due_on}.", "action"))
        elif input.action is EntitlementAction.APPROVE:
            given = Approval(reader.organisation, reader.subject, change.at)
            approvals = _approved(now, given)
            changes["approvals"] = approvals
            if len(approvals) < _approvals_needed(now, said):
                state = now.state
        elif input.action is EntitlementAction.FULFIL:
            changes |= {"payment_reference": input.payment_reference, "paid_on": input.paid_on}
            await store.pay(change, said.pool, now.amount)
        if state in OVER:
            changes["slot"] = None
            if now.state in RESERVED:
                await store.release(change, said.pool, now.amount)
        return await change.replace(ENTITLEMENT, now, input.action.value, state=state, changed_at=change.at, **changes)

    return do


def _approved(now: Entitlement, given: Approval) -> tuple[Approval, ...]:
    """Return the approvals with another one; raise Problems if it is by somebody who has approved before."""
    if any((one.organisation, one.subject) == (given.organisation, given.subject) for one in now.approvals):
        raise Problems(_refused("You have approved it; another officer has to.", "action"))
    return (*now.approvals, given)


def _problems(ask: Ask, given: AdvanceEntitlementInput) -> Sequence[Problem]:
    found: list[Problem] = []
    action = given.action
    if action is EntitlementAction.CONFIRM:
        found.append(invalid("Confirm with `confirmEntitlement`, which takes the account.", "input", "action"))
    explains = action in (EntitlementAction.DECLINE, EntitlementAction.REJECT)
    if given.reason is not None and (not explains or not 0 < len(given.reason) <= _LONGEST or "\0" in given.reason):
        found.append(invalid(f"It goes with DECLINE and REJECT, in 1 to {_LONGEST:,} characters.", "input", "reason"))
    if given.reason is None and action is EntitlementAction.REJECT:
        found.append(invalid("Say why it is rejected.", "input", "reason"))
    pays = action is EntitlementAction.FULFIL
    if (given.payment_reference is None) is pays or not 0 < len(given.payment_reference or "-") <= _SHORT:
        found.append(invalid("It goes with FULFIL, and is needed there.", "input", "payment_reference"))
    if (given.paid_on is None) is pays:
        found.append(invalid("It goes with FULFIL, and is needed there.", "input", "paid_on"))
    if given.paid_on is not None and given.paid_on > ask.hub.today():
        found.append(invalid("It is today at the latest.", "input", "paid_on"))
    return found


def _next(now: Entitlement, action: EntitlementAction, parties: frozenset[Party], field: str) -> EntitlementState:
    try:
        return FLOW.next(now.state, action, parties)
    except NotAllowed as refused:
        raise not_allowed(refused, "input", field) from refused


def _refused(message: str, field: str) -> Problem:
    return Problem(ProblemCode.NOT_ALLOWED, message, ("input", field))


async def expire(
    changes: Changes,
    late: Sequence[Entitlement],
    doer: Doer,
    record: Record[Entitlement] | None = None,
) -> int:
    """Let what was not confirmed in time expire; return how many did, that nobody else has changed meanwhile.

    `record` writes the audit's record of each, within its transaction.
    """
    expired = 0
    for one in late:

        async def do(change: Change, one: Entitlement = one) -> Entitlement:
            now = await change.get(ENTITLEMENT, one.id, one.version)
            state = EntitlementState.EXPIRED
            return await change.replace(ENTITLEMENT, now, "EXPIRE", state=state, slot=None, changed_at=change.at)

        call = Call(doer, "expire", f"expire {one.id} {one.version}", "")
        expired += (await changes.once(call, ENTITLEMENT, do, record)).thing is not None
    return expired


def recording(auditor: Auditor, by: str) -> Record[Entitlement]:
    """Return what writes the audit's record of an entitlement that a command has changed."""

    async def record(connection: AsyncConnection, found: Entitlement) -> None:
        seen = Looks((ENTITLEMENT.group.value,), (), (found.uscc,))
        reason = f"expire {ENTITLEMENT.name} {found.id} version {found.version}"
        made = records.Record(records.now(), Kind.REQUEST, Outcome.GIVEN, subject=by, looks=(seen,), reason=reason)
        await auditor.write_within(connection, made)

    return record


MUTATIONS: Mapping[str, Batch] = {
    "Mutation.matchEntitlements": mutation("matchEntitlements", ENTITLEMENT_RUN, _match),
    "Mutation.confirmEntitlement": mutation("confirmEntitlement", ENTITLEMENT, _confirm),
    "Mutation.advanceEntitlement": mutation("advanceEntitlement", ENTITLEMENT, advance),
}
