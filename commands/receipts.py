"""A receipt checked, years later perhaps: its signature, its record, the trees that hold it, the answer itself."""

from __future__ import annotations

from typing import Any

import orjson

from auth.audit.digest import canonical_json
from auth.audit.record import Malformed, Record, parsed
from auth.audit.signing import BadSignature, Head, Receipt
from auth.audit.tree import included
from resolvers.audit_proofs import Incomplete, Proofs
from resolvers.auditing import Auditor


class BadReceipt(ValueError):
    """A receipt does not hold; the message says what is wrong."""


async def check_receipt(auditor: Auditor, text: str) -> list[str]:
    """Return what was found to be good of a receipt, or of an answer that has one; raise BadReceipt."""
    signed, answer = _read(text)
    try:
        receipt = auditor.keys.receipt(signed)
    except BadSignature as bad:
        raise BadReceipt(str(bad)) from bad
    purpose = f" for {receipt.purpose}" if receipt.purpose else ""
    reference = f", reference {receipt.reference}" if receipt.reference else ""
    good = [f"Signed: given to {receipt.organisation} at {receipt.at.isoformat()}{purpose}{reference}."]
    if answer is not None:
        _check_answer(auditor, receipt, answer)
        good.append("The answer's data is what was given.")
    good += await _check_record(auditor, receipt)
    return good


def _read(text: str) -> tuple[str, dict[str, Any] | None]:
    text = text.strip()
    if not text.startswith("{"):
        return text, None
    try:
        answer = orjson.loads(text)
        signed = answer["extensions"]["receipt"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BadReceipt("the file is neither a receipt nor an answer with extensions.receipt") from error
    if not isinstance(signed, str):
        raise BadReceipt("extensions.receipt is no text")
    return signed, answer


def _check_answer(auditor: Auditor, receipt: Receipt, answer: dict[str, Any]) -> None:
    found = auditor.hashing.named(canonical_json(answer.get("data")))
    if found != receipt.data:
        raise BadReceipt(f"the answer's data was changed; its hash is {found}, and {receipt.data} was signed")


async def _check_record(auditor: Auditor, receipt: Receipt) -> list[str]:
    place = receipt.place
    row = (await auditor.ledger.at([place])).get(place)
    if row is None:
        raise BadReceipt(f"its record is not in the audit: place {place} is empty")
    if row.leaf.hex() != receipt.leaf:
        raise BadReceipt(f"the record at place {place} has another hash than was signed")
    await _check_tree(auditor, receipt.tree, place, row.leaf, "the tree that the receipt names")
    tree = await auditor.ledger.tree()
    try:
        head = auditor.keys.head(auditor.signed_head(tree))
    except BadSignature as bad:
        raise BadReceipt(f"the newest head of the audit: {bad}") from bad
    await _check_tree(auditor, head, place, row.leaf, "the newest signed tree")
    where = f"place {place} of {head.size:,}"
    if row.record is None:
        return [f"Recorded: {where}; the text has expired and is where it was exported to, its hash is here."]
    if auditor.hashing.leaf(row.record.encode()) != row.leaf:
        raise BadReceipt(f"the record at place {place} was changed")
    try:
        named, record = parsed(row.record)
    except Malformed as error:
        raise BadReceipt(f"what is at place {place} is no record") from error
    if named != place or _said(record) != _said(receipt):
        raise BadReceipt(f"the record at place {place} is of another answer")
    return [f"Recorded: {where}, unchanged, in the tree that was signed then and in the newest."]


def _said(of: Record | Receipt) -> tuple[str | None, ...]:
    data = of.data if isinstance(of, Receipt) else of.answer
    return of.organisation, of.client, of.purpose, of.reference, of.operation, data


async def _check_tree(auditor: Auditor, head: Head, place: int, leaf: bytes, name: str) -> None:
    try:
        path = await Proofs(auditor.ledger, auditor.hashing).inclusion(place, head.size)
    except (Incomplete, ValueError) as error:
        raise BadReceipt(f"{name} cannot be made again: {error}") from error
    if not included(auditor.hashing, leaf, place, head.size, path, bytes.fromhex(head.root)):
        raise BadReceipt(f"the record is not in {name}; run manage.py audit verify")
