"""Enterprise.accessLog: who looked at an enterprise, from the audit; and the proof of a record on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auth.audit.record import Malformed, Record, parsed
from auth.audit.signing import BadSignature, Head
from codes.access import DataGroup, Purpose
from connectors.errors import SourceUnavailable
from resolvers.audit_proofs import Incomplete, Proofs
from resolvers.auditing import Auditor
from resolvers.binding import Batch, Part
from resolvers.hub_source import NAME
from resolvers.pages import ConnectionValue, EdgeValue, cursor_of, key_of
from resolvers.request import Ask, BadInput, Request
from schema.audit import AccessOutcome, InclusionProof
from store.growth import Row

_MOST_PAGE = 1000
_MOST_ENTERPRISES = 20
_MOST_PROOFS = 100
_SECONDS_TO_INDEX = 5.0


@dataclass(frozen=True)
class Log(ConnectionValue):
    """A page of an enterprise's log."""

    uscc: str

    def edge(self, cursor: str, node: Any) -> LogEdge:
        """Return the edge of a look."""
        return LogEdge(cursor, node, self.uscc)


@dataclass(frozen=True)
class LogEdge(EdgeValue):
    """A look and its cursor."""

    uscc: str


@dataclass(frozen=True)
class Look:
    """A record, as the enterprise that it is about sees it."""

    uscc: str
    place: int
    leaf: bytes
    at: datetime
    organisation: str
    client: str
    purpose: Purpose | None
    reference: str | None
    groups: Sequence[DataGroup]
    withheld: Sequence[DataGroup]
    consents: Sequence[str]
    outcome: AccessOutcome


async def _access_log(ask: Ask, first: int = 20, after: str | None = None) -> Sequence[Any]:
    if not 0 <= first <= _MOST_PAGE:
        raise BadInput(f"first is {first}; ask for 0 to {_MOST_PAGE} at a time.")
    if len(ask.parents) > _MOST_ENTERPRISES:
        raise BadInput(f"These are {len(ask.parents)} enterprises; ask for the log of at most {_MOST_ENTERPRISES}.")
    auditor = ask.hub.auditor
    if auditor is None:
        raise BadInput("This hub keeps no audit, and so has no access log.")
    before = _place(after) if after else None
    await _indexed(auditor)
    codes = [parent.uscc for parent in ask.parents]
    own = await _consents(ask, codes)
    return [await _page(auditor, code, own[code], first, before) for code in codes]


async def _indexed(auditor: Auditor) -> None:
    try:
        async with asyncio.timeout(_SECONDS_TO_INDEX):
            await auditor.index()
    except TimeoutError:
        raise BadInput("The index of the log is not up to date yet; ask again in a minute.") from None


async def _consents(ask: Ask, codes: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Return the ids of each enterprise's own consents: a record about many names those of all."""
    if ask.hub.consents is None:
        return dict.fromkeys(codes, frozenset())
    found = await ask.hub.consents.consents.of_enterprises(codes)
    return {code: frozenset(consent.id for consent in found[code]) for code in codes}


async def _page(auditor: Auditor, code: str, own: frozenset[str], first: int, before: int | None) -> Log:
    places = await auditor.ledger.places_of(code, before, first + 1)
    rows = await auditor.ledger.at(places[:first])
    looks = [look for place in places[:first] if (look := _look(rows.get(place), code, own)) is not None]
    cursors = [cursor_of((str(look.place),)) for look in looks]

    async def count() -> int:
        return await auditor.ledger.count_of(code)

    return Log(looks, cursors, len(places) > first, before is not None, count, code)


def _look(row: Row | None, code: str, own: frozenset[str]) -> Look | None:
    """Return a record as its enterprise sees it; None if somebody has spoilt it, which `audit verify` names."""
    if row is None or row.record is None:
        return None
    try:
        _, record = parsed(row.record)
    except Malformed:
        return None
    looks = record.of(code)
    if looks is None:
        return None
    return Look(
        code,
        row.place,
        row.leaf,
        record.at,
        record.organisation,
        record.client,
        _purpose(record),
        record.reference,
        [DataGroup(group) for group in looks.groups],
        [DataGroup(group) for group in looks.withheld],
        [id for id in record.consents if id in own],
        AccessOutcome[looks.outcome.name],
    )


def _purpose(record: Record) -> Purpose | None:
    return Purpose(record.purpose) if record.purpose else None


def _place(cursor: str) -> int:
    key = key_of(cursor)
    if len(key) != 1 or not (key[0].isascii() and key[0].isdigit() and len(key[0]) <= 18):
        raise BadInput(f"{cursor[:40]!r} is no cursor of this list; take one from its edges.")
    return int(key[0])


async def _proofs(ask: Ask) -> Sequence[InclusionProof | None]:
    auditor = ask.hub.auditor
    assert auditor is not None, "whoever shows a look has an audit"
    if len(ask.parents) > _MOST_PROOFS:
        raise BadInput(f"These are {len(ask.parents)} records; ask for the proofs of at most {_MOST_PROOFS}.")
    tree = await auditor.ledger.tree()
    try:
        signed = auditor.signed_head(tree)
        head = auditor.keys.head(signed)
        return [await _proof(auditor, look, head, signed) for look in ask.parents]
    except BadSignature as error:
        message = f"nothing can be proved by the newest head of the audit: {error}. Ask again after the next record."
        raise SourceUnavailable(NAME, message) from error
    except Incomplete as error:
        raise SourceUnavailable(NAME, "the audit is not whole, its operators find out by audit verify") from error


async def _proof(auditor: Auditor, look: Look, head: Head, signed: str) -> InclusionProof:
    path = await Proofs(auditor.ledger, auditor.hashing).inclusion(look.place, head.size)
    return InclusionProof(
        algorithm=head.algorithm,
        leaf_hash=look.leaf.hex(),
        tree_size=str(head.size),
        hashes=[step.hex() for step in path],
        root=head.root,
        signed_head=signed,
    )


def _identity(_request: Request, place: int) -> str:
    return f"AccessRecord:{place}"


def _text(_request: Request, place: int) -> str:
    return str(place)


BATCHES: Mapping[str, Batch] = {
    "Enterprise.accessLog": Batch(_access_log),
    "AccessRecord.proof": Batch(_proofs, frozenset(("place", "leaf"))),
}

PARTS: Mapping[str, Part] = {
    "AccessRecord.id": Part(("place",), _identity),
    "AccessRecord.place": Part(("place",), _text),
}
OWNED = frozenset(("AccessRecord", "AccessRecordConnection", "AccessRecordEdge"))
