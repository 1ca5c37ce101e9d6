"""Introduction requests: made by enterprises and officers, answered by the manager's network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from codes.flow import NotAllowed, Party
from codes.introductions import FLOW, IN_CONTACT, IntroductionAction, IntroductionState
from codes.problems import Problem, ProblemCode, Problems
from connectors.errors import SourceFailure
from resolvers.binding import Batch, Part
from resolvers.changing import Do, changes_of, invalid, learn, mutation, not_allowed, parties_to, party_to
from resolvers.fetching import checked, is_record, local_id
from resolvers.history import history
from resolvers.listening import updates
from resolvers.managers import by_ids
from resolvers.pages import MOST_PAGE, check_size
from resolvers.request import Ask, Request
from schema.introductions import AdvanceIntroductionInput, RequestIntroductionInput
from store.changes import Change, new_id
from store.introductions import INTRODUCTION, Introduction

_LONGEST = 2000
_CONTACT = frozenset(("name", "phone", "email"))


class Contact(msgspec.Struct, frozen=True):
    """How to reach a manager, and who may see it whole."""

    name: Any
    phone: Any
    email: Any
    receivers: Mapping[Party, str]


async def _request(ask: Ask, input: RequestIntroductionInput) -> Do[Introduction]:
    about, uscc = input.about.strip(), checked(input.enterprise)
    if not 0 < len(about) <= _LONGEST or "\0" in about:
        raise Problems(invalid(f"Say what is sought, in 1 to {_LONGEST:,} characters.", "input", "about"))
    if not FLOW.opened_by(await parties_to(ask, {Party.ENTERPRISE: uscc, Party.OFFICER: uscc})):
        message = "An introduction is asked for by the enterprise itself, or by an officer of its zone."
        raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, ("input", "enterprise")))
    manager = await _manager(ask, input.manager)
    author = ask.request.access.principal.organisation

    async def do(change: Change) -> Introduction:
        made = Introduction(
            id=new_id(),
            uscc=uscc,
            network_id=manager.network_id,
            manager_id=manager.id,
            author=author,
            about=about,
            state=FLOW.initial,
            created_at=change.at,
            changed_at=change.at,
        )
        return await change.add(INTRODUCTION, made, "REQUEST")

    return do


async def _manager(ask: Ask, identity: str) -> Any:
    """Return the manager that a reader names; raise Problems if there is none who can be introduced."""
    id = local_id("TechnologyManager", identity)
    (found,) = await by_ids(ask, [id], frozenset(("id", "network_id")))
    if isinstance(found, SourceFailure):
        raise found
    if not is_record(found) or not isinstance(found.network_id, str):
        message = f"There is no technology manager {identity[:60]!r} who can be introduced."
        raise Problems(Problem(ProblemCode.NOT_FOUND, message, ("input", "manager")))
    return found


async def _advance(ask: Ask, input: AdvanceIntroductionInput) -> Do[Introduction]:
    if problems := list(_problems(ask, input)):
        raise Problems(*problems)
    found, parties = await party_to(ask, INTRODUCTION, input.id, "input", "id")

    async def do(change: Change) -> Introduction:
        now = await change.get(INTRODUCTION, found.id, input.version, "input")
        try:
            state = FLOW.next(now.state, input.action, parties)
        except NotAllowed as refused:
            raise not_allowed(refused, "input", "action") from refused
        return await change.replace(
            INTRODUCTION,
            now,
            input.action.value,
            state=state,
            reason=input.reason,
            met_on=input.met_on or now.met_on,
            changed_at=change.at,
        )

    return do


def _problems(ask: Ask, given: AdvanceIntroductionInput) -> Sequence[Problem]:
    found: list[Problem] = []
    action = given.action
    explains = action in (IntroductionAction.DECLINE, IntroductionAction.CLOSE)
    if given.reason is not None and (not explains or not 0 < len(given.reason) <= _LONGEST or "\0" in given.reason):
        found.append(invalid(f"It goes with DECLINE and CLOSE, in 1 to {_LONGEST:,} characters.", "input", "reason"))
    if given.reason is None and action is IntroductionAction.DECLINE:
        found.append(invalid("Say why it is declined.", "input", "reason"))
    if (given.met_on is None) is (action is IntroductionAction.MEET):
        found.append(invalid("It goes with MEET, and is needed there.", "input", "met_on"))
    if given.met_on is not None and given.met_on > ask.hub.today():
        found.append(invalid("It is today at the latest.", "input", "met_on"))
    return found


async def _of_enterprises(ask: Ask) -> Sequence[Any]:
    codes = [parent.uscc for parent in ask.parents]
    found = await changes_of(ask).of(INTRODUCTION, "uscc", codes, MOST_PAGE)
    return [found[code] for code in codes]


async def _of_networks(ask: Ask, first: int = 20, state: list[IntroductionState] | None = None) -> Sequence[Any]:
    check_size("first", first)
    ids = [parent.id for parent in ask.parents]
    found = await changes_of(ask).of(INTRODUCTION, "network_id", ids, first, state)
    shown = [one for page in found.values() for one in page]
    await learn(ask, [one.parties for one in shown])
    ask.request.access.saw(INTRODUCTION.group, [one.uscc for one in shown])
    return [found[id] for id in ids]


async def _managers(ask: Ask) -> Sequence[Any]:
    return await by_ids(ask, [one.manager_id for one in ask.parents], ask.selection.needs("TechnologyManager"))


async def _contacts(ask: Ask) -> Sequence[Any]:
    found = await by_ids(ask, [one.manager_id for one in ask.parents], _CONTACT)
    return [_contact(one, record) for one, record in zip(ask.parents, found, strict=True)]


def _contact(asked: Introduction, record: Any) -> Any:
    if not is_record(record):
        return record
    receivers = {Party.AUTHOR: asked.author} if asked.state in IN_CONTACT else {}
    return Contact(record.name, record.phone, record.email, receivers)


def _allowed(request: Request, state: IntroductionState, parties: Mapping[Party, str]) -> Sequence[Any]:
    access = request.access
    return FLOW.allowed(state, access.parties(parties)) if access.may_change(INTRODUCTION.group) else []


BATCHES: Mapping[str, Batch] = {
    "Mutation.requestIntroduction": mutation("requestIntroduction", INTRODUCTION, _request),
    "Mutation.advanceIntroduction": mutation("advanceIntroduction", INTRODUCTION, _advance),
    "Enterprise.introductions": Batch(_of_enterprises),
    "TechnologyManagerNetwork.introductions": Batch(_of_networks, frozenset(("id",))),
    "Introduction.manager": Batch(_managers, reads=("technology_managers",)),
    "Introduction.contact": Batch(_contacts, reads=("technology_managers",)),
    "Introduction.history": history(INTRODUCTION),
    **updates("introductionUpdated", INTRODUCTION),
}

PARTS: Mapping[str, Part] = {
    "Introduction.allowedActions": Part(("state", "parties"), _allowed),
}
