"""From an answered request to its record, and to the receipt if one was asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.audit.digest import canonical_json
from auth.audit.record import Kind, Looks, Outcome, Record, Withheld, clustered, each_once, now, outcome_of
from auth.audit.signing import Receipt, Stamp
from auth.principal import ANONYMOUS
from codes.access import DataGroup
from resolvers.access import Access
from resolvers.auditing import Auditor, Entry
from resolvers.execution.encoding import encoded
from resolvers.execution.operation import Operation
from resolvers.noted import Noted
from resolvers.request import BadInput, Request

RECEIPT_HEADER = "hub-receipt"
REFERENCE_HEADER = "hub-reference"

_LONGEST_REFERENCE = 200
_YES, _NO = ("true", "1"), ("", "false", "0")
_NOTHING = Noted()


class NoReceipt(Exception):
    """Receipts are not given to this reader; the message says why."""


class Wishes(msgspec.Struct, frozen=True):
    """What a reader asks of the audit."""

    reference: str | None = None
    """Its own, such as a case number."""
    receipt: bool = False


_NONE = Wishes()


def wishes(operation: Operation, auditor: Auditor | None) -> Wishes:
    """Return what a reader asks by Hub-Reference and Hub-Receipt; raise BadInput, or NoReceipt if it gets none."""
    headers = operation.headers
    reference, receipt = headers.get(REFERENCE_HEADER), headers.get(RECEIPT_HEADER)
    if not reference and not receipt:
        return _NONE
    return Wishes(
        _reference(reference) if reference else None, _wants(receipt, operation, auditor) if receipt else False
    )


def _reference(given: str) -> str:
    try:
        text = given.encode("latin-1").decode()
    except UnicodeError:
        raise BadInput("Hub-Reference cannot be read; write it in UTF-8.") from None
    if len(text) > _LONGEST_REFERENCE or not text.isprintable():
        raise BadInput(f"Hub-Reference is no text of at most {_LONGEST_REFERENCE} printable characters; mend it.")
    return text


def _wants(given: str, operation: Operation, auditor: Auditor | None) -> bool:
    if given.strip().lower() in _NO:
        return False
    if given.strip().lower() not in _YES:
        raise BadInput(f"Hub-Receipt is {given[:40]!r}; give true, or leave it out.")
    if auditor is None:
        raise BadInput("This hub keeps no audit, and so gives no receipts; ask without Hub-Receipt.")
    if operation.principal == ANONYMOUS:
        raise NoReceipt("Receipts are given to readers who have signed in; send a token.")
    return True


async def audited(
    auditor: Auditor | None,
    operation: Operation,
    access: Access,
    wished: Wishes,
    sources: Iterable[str] = (),
    shown: dict[str, Any] | None = None,
) -> None:
    """Write a request's record if it needs one, before its answer leaves; raise AuditUnavailable.

    A receipt that was asked for is put into the answer's extensions. Of what is refused to anonymous readers so much
    is recorded in a minute, and the rest counted.
    """
    if auditor is None or not (wished.receipt or access.has_unrecorded):
        return
    data = canonical_json(orjson.loads(encoded(shown["data"]))) if wished.receipt and shown else None
    record = _record(auditor, operation, access, wished, access.noted or _NOTHING, sources, data)
    if record.outcome is Outcome.REFUSED and operation.principal == ANONYMOUS:
        await auditor.refuse(ANONYMOUS.subject, record)
        return
    entry = await auditor.write(record)
    if data is not None and shown is not None:
        shown["extensions"]["receipt"] = _receipt(auditor, entry, record, shown["extensions"].get("sources", ()))


def recording(
    auditor: Auditor, operation: Operation, request: Request, wished: Wishes
) -> Callable[[AsyncConnection, Noted], Awaitable[None]]:
    """Return what writes the record of a change of this request within the change's transaction."""

    async def record(connection: AsyncConnection, deed: Noted) -> None:
        made = _record(auditor, operation, request.access, wished, deed, request.session.usage)
        await auditor.write_within(connection, made)

    return record


def _record(
    auditor: Auditor,
    operation: Operation,
    access: Access,
    wished: Wishes,
    noted: Noted,
    sources: Iterable[str],
    data: bytes | None = None,
) -> Record:
    reader, looks = operation.principal, clustered(_named(noted.seen), _named(noted.missed))
    return Record(
        at=now(),
        kind=Kind.REQUEST,
        outcome=outcome_of(bool(noted.seen) or (data is not None and not noted.withheld), bool(noted.withheld)),
        organisation=reader.organisation,
        subject=reader.subject,
        client=reader.client,
        credential=reader.credential,
        purpose=access.purpose.value if access.purpose else None,
        reference=wished.reference,
        consents=_of_each(looks, noted.consents),
        operation=auditor.hashing.named(operation.query.encode(errors="replace")),
        looks=looks,
        sources=tuple(sorted(sources)),
        withheld=tuple(Withheld(field, code) for field, code in sorted(noted.withheld)),
        withheld_left_out=noted.withheld_left_out,
        answer=auditor.hashing.named(data) if data is not None else None,
        reason="; ".join(noted.deeds) or None,
    )


def _of_each(looks: Sequence[Looks], consents: Collection[str]) -> tuple[str, ...]:
    """Return the consents, each once."""
    if len(looks) == 1 and len(looks[0].enterprises) == len(consents):
        return tuple(consents)  # a consent is one enterprise's, and each of these has given one
    return each_once(consents)


def _named(noted: Mapping[DataGroup, Collection[str]]) -> dict[str, Collection[str]]:
    return {group.value: codes for group, codes in noted.items()}


def _receipt(auditor: Auditor, entry: Entry, record: Record, sources: Any) -> str:
    assert record.operation is not None, "every request has an operation"
    assert record.answer is not None, "the record of an answer with a receipt has its hash"
    stamps = orjson.loads(encoded(sources))
    made = Receipt(
        record.at,
        record.organisation,
        record.client,
        record.purpose,
        record.reference,
        record.operation,
        record.answer,
        tuple(Stamp(stamp["source"], stamp["oldestAsOf"], stamp["synthetic"]) for stamp in stamps),
        entry.place,
        entry.leaf.hex(),
        entry.head,
    )
    return auditor.keys.sign_receipt(made)
