"""Consents: shown to the enterprise that gave them, given and withdrawn by it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from auth.rules import Verdict
from codes.access import LEVELS, SENSITIVE, DataGroup, Role
from codes.problems import Problem, ProblemCode, Problems
from resolvers.binding import Batch, Part
from resolvers.changing import calling, changed, told
from resolvers.consent_book import ConsentBook
from resolvers.noted import Noted
from resolvers.request import Ask, Hub, Request
from schema.consent import ConsentPayload, GrantConsentInput
from store.changes import Change
from store.consents import CONSENT, Agreement, Consent, Consents

_USUAL = timedelta(days=90)
_LONGEST = timedelta(days=366)
_LONGEST_TEXT = 200
_BY_PARTY_ONLY = frozenset(
    (
        DataGroup.CONSENTS, DataGroup.ACCESS_LOG, DataGroup.APPLICATIONS, DataGroup.ZONE_LENDING, DataGroup.PORTFOLIO,
        DataGroup.LISTINGS,
    )
)  # fmt: skip
"""What nobody sees by consent."""
_AGREEABLE = tuple(group.value for group, level in LEVELS.items() if level >= SENSITIVE and group not in _BY_PARTY_ONLY)
_HASH = re.compile(r"[0-9a-fA-F]{64}")

Do = Callable[[Change], Awaitable[Consent]]


async def _consents(ask: Ask) -> Sequence[Any]:
    codes = [parent.uscc for parent in ask.parents]
    found = await _book(ask).consents.of_enterprises(codes)
    return [found[code] for code in codes]


async def _grant(ask: Ask, input: GrantConsentInput, idempotency_key: str | None = None) -> Sequence[Any]:
    code = _enterprise(ask, "Mutation.grantConsent")

    async def prepare() -> Do:
        first = input.first_day or ask.hub.today()
        last = input.last_day or min(first, date.max - _USUAL) + _USUAL
        if problems := _problems(input, first, last, ask.hub):
            raise Problems(*problems)
        agreement = Agreement(
            code,
            input.grantee.strip(),
            frozenset(input.groups),
            frozenset(input.purposes),
            first,
            last,
            input.evidence,
            input.evidence_hash.lower() if input.evidence_hash else None,
            ask.request.access.principal.subject,
        )
        return lambda change: _within(ask, change).grant(agreement)

    return [await _changed(ask, "grantConsent", idempotency_key, {"input": input}, prepare)]


async def _revoke(ask: Ask, id: str, idempotency_key: str | None = None) -> Sequence[Any]:
    code = _enterprise(ask, "Mutation.revokeConsent")

    async def withdraw(change: Change) -> Consent:
        found = await _within(ask, change).withdraw(id, code)
        if found is None:
            message = f"The enterprise has no consent {id[:40]!r}; `consents` lists those that it has."
            raise Problems(Problem(ProblemCode.NOT_FOUND, message, ("id",)))
        return found

    async def prepare() -> Do:
        return withdraw

    return [await _changed(ask, "revokeConsent", idempotency_key, {"id": id}, prepare)]


async def _changed(
    ask: Ask, name: str, key: str | None, given: Mapping[str, Any], prepare: Callable[[], Awaitable[Do]]
) -> ConsentPayload:
    """Change a consent once, in one transaction with its record, and have it looked at again."""

    def note(noted: Noted, consent: Consent) -> None:
        noted.saw(DataGroup.CONSENTS, [consent.uscc])
        noted.agreed((consent.id,))

    try:
        outcome = await changed(ask, calling(ask, name, key, given), CONSENT, prepare, note)
    except Problems as found:
        return ConsentPayload(consent=None, user_errors=told(found.problems))
    if outcome.thing is not None:
        _book(ask).forget(outcome.thing.agreement.grantee)
    return ConsentPayload(consent=outcome.thing, user_errors=told(outcome.problems))  # type: ignore[arg-type]  # shown by the parts below


def _within(ask: Ask, change: Change) -> Consents:
    return replace(_book(ask).consents, within=change.connection)


def _problems(given: GrantConsentInput, first: date, last: date, hub: Hub) -> list[Problem]:
    def wrong(name: str, message: str) -> Problem:
        return Problem(ProblemCode.INVALID, message, ("input", name))

    found: list[Problem] = []
    if not 0 < len(given.grantee.strip()) <= _LONGEST_TEXT or not given.grantee.isprintable():
        found.append(wrong("grantee", f"Name an organisation in 1 to {_LONGEST_TEXT} printable characters."))
    elif not hub.knows_organisation(given.grantee.strip()):
        found.append(wrong("grantee", "Nobody asks here for this organisation; its readers see its name by `me`."))
    if not given.groups or not {group.value for group in given.groups} <= set(_AGREEABLE):
        found.append(wrong("groups", f"Name groups that can be agreed to: {', '.join(_AGREEABLE)}."))
    if not given.purposes:
        found.append(wrong("purposes", "Name at least one purpose."))
    if not timedelta(0) <= first - hub.today() <= _LONGEST:
        found.append(wrong("firstDay", "It begins today at the earliest, and in a year at the latest."))
    if not timedelta(0) <= last - first <= _LONGEST:
        found.append(wrong("lastDay", "It ends on the first day at the earliest, and a year after it at the latest."))
    if given.evidence is not None and not (len(given.evidence) <= _LONGEST_TEXT and given.evidence.isprintable()):
        found.append(wrong("evidence", f"Give a reference of at most {_LONGEST_TEXT} printable characters."))
    if given.evidence_hash is not None and not _HASH.fullmatch(given.evidence_hash):
        found.append(wrong("evidenceHash", "Give the SHA-256 as 64 hexadecimal digits."))
    return found


def _enterprise(ask: Ask, coordinate: str) -> str:
    access = ask.request.access
    if Role.ENTERPRISE not in access.principal.roles or access.principal.enterprise is None:
        raise access.withheld(coordinate, DataGroup.CONSENTS, Verdict.FORBIDDEN)
    return access.principal.enterprise


def _book(ask: Ask) -> ConsentBook:
    assert ask.hub.consents is not None, "a hub with a store has consents"
    return ask.hub.consents


def _agreed(name: str) -> Part:
    def read(_request: Request, agreement: Agreement) -> Any:
        value = getattr(agreement, name)
        return sorted(value, key=lambda member: member.value) if isinstance(value, frozenset) else value

    return Part(("agreement",), read)


BATCHES: Mapping[str, Batch] = {
    "Enterprise.consents": Batch(_consents),
    "Mutation.grantConsent": Batch(_grant),
    "Mutation.revokeConsent": Batch(_revoke),
}

PARTS: Mapping[str, Part] = {
    "Consent.grantee": _agreed("grantee"),
    "Consent.groups": _agreed("groups"),
    "Consent.purposes": _agreed("purposes"),
    "Consent.firstDay": _agreed("first_day"),
    "Consent.lastDay": _agreed("last_day"),
    "Consent.evidence": _agreed("evidence"),
    "Consent.evidenceHash": _agreed("evidence_hash"),
    "Consent.grantedBy": _agreed("granted_by"),
}
