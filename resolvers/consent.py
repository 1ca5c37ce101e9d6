"""Consents: shown to the enterprise that gave them, given and withdrawn by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from auth.rules import Verdict
from codes.access import LEVELS, SENSITIVE, DataGroup, Role
from resolvers.binding import Batch, Part
from resolvers.consent_book import ConsentBook
from resolvers.request import Ask, Request
from schema.consent import ConsentPayload, GrantConsentInput
from schema.user_error import UserError
from store.consents import Agreement

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


async def _consents(ask: Ask) -> Sequence[Any]:
    codes = [parent.uscc for parent in ask.parents]
    found = await _book(ask).consents.of_enterprises(codes)
    return [found[code] for code in codes]


async def _grant(ask: Ask, input: GrantConsentInput) -> Sequence[Any]:
    code = _enterprise(ask, "Mutation.grantConsent")
    first = input.first_day or ask.hub.today()
    last = input.last_day or min(first, date.max - _USUAL) + _USUAL
    if problems := _problems(input, first, last, ask.hub.today()):
        return [ConsentPayload(consent=None, user_errors=problems)]
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
    made = await _book(ask).consents.grant(agreement)
    ask.request.access.saw(DataGroup.CONSENTS, [code], made.id)
    _book(ask).forget(agreement.grantee)
    return [ConsentPayload(consent=made, user_errors=[])]  # type: ignore[arg-type]  # shown by the parts below


async def _revoke(ask: Ask, id: str) -> Sequence[Any]:
    code = _enterprise(ask, "Mutation.revokeConsent")
    found = await _book(ask).consents.withdraw(id, code)
    if found is None:
        message = f"The enterprise has no consent {id[:40]!r}; `consents` lists those that it has."
        return [ConsentPayload(consent=None, user_errors=[UserError(field=["id"], message=message)])]
    ask.request.access.saw(DataGroup.CONSENTS, [code], found.id)
    _book(ask).forget(found.agreement.grantee)
    return [ConsentPayload(consent=found, user_errors=[])]  # type: ignore[arg-type]  # shown by the parts below


def _problems(given: GrantConsentInput, first: date, last: date, today: date) -> list[UserError]:
    def wrong(name: str, message: str) -> UserError:
        return UserError(field=["input", name], message=message)

    found: list[UserError] = []
    if not 0 < len(given.grantee.strip()) <= _LONGEST_TEXT or not given.grantee.isprintable():
        found.append(wrong("grantee", f"Name an organisation in 1 to {_LONGEST_TEXT} printable characters."))
    if not given.groups or not {group.value for group in given.groups} <= set(_AGREEABLE):
        found.append(wrong("groups", f"Name groups that can be agreed to: {', '.join(_AGREEABLE)}."))
    if not given.purposes:
        found.append(wrong("purposes", "Name at least one purpose."))
    if not timedelta(0) <= first - today <= _LONGEST:
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
