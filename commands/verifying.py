"""The whole audit in a store, held against itself: heads, tree, records, and the index of enterprises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from auth.audit.growing import LEVELS, frontier_of
from auth.audit.record import Malformed, parsed
from auth.audit.signing import BadSignature, Head
from auth.audit.verifying import Stored, Verification
from resolvers.auditing import Auditor
from store.audit import Row, Tree

_FIRST = -(2**62)

Passed = Callable[[int, int], None]
"""Is told how many places have been passed, and of how many."""


async def findings(auditor: Auditor, elsewhere: str | None, passed: Passed) -> AsyncIterator[str]:
    """Give what is wrong, each in a line; `elsewhere` is a signed head that was kept out of the store's reach."""
    tree = await auditor.ledger.tree()
    heads: dict[int, Head] = {}
    for name, size, signed in await _signed(auditor, tree, elsewhere):
        try:
            head = auditor.keys.head(signed)
        except BadSignature as bad:
            yield f"{name}: {bad}"
            continue
        if head.algorithm != auditor.hashing.value:
            yield f"{name}: it is of a tree by {head.algorithm}, not {auditor.hashing.value}"
        elif size not in (None, head.size):
            yield f"{name}: it was signed over {head.size:,} records"
        elif head.size in heads and heads[head.size].root != head.root:
            yield f"{name}: another head was signed over as many records, with another root; it is not of this audit"
        else:
            heads[head.size] = head
    verification = Verification(auditor.hashing, [heads[size] for size in sorted(heads)])
    if tree.size and not heads:
        yield "heads: none is left that was signed by a key of this audit; nothing can be held against them"
    for line in _standing(auditor, tree, heads):
        yield line
    async for line in _records(auditor, verification, passed):
        yield line
    # What was appended meanwhile has been signed since; what lies behind even that has not.
    for row in await auditor.ledger.rows(max((await auditor.ledger.tree()).size, verification.newest)):
        yield f"place {row.place}: inserted: no head was signed over a record there"


async def _signed(auditor: Auditor, tree: Tree, elsewhere: str | None) -> list[tuple[str, int | None, str]]:
    found: list[tuple[str, int | None, str]] = [
        (f"head of {size:,} records", size, signed) for size, signed in await auditor.ledger.heads()
    ]
    if tree.signed is not None:
        found.append(("newest head", tree.size, tree.signed))
    if elsewhere is not None:
        found.append(("head kept elsewhere", None, elsewhere))
    return found


def _standing(auditor: Auditor, tree: Tree, heads: dict[int, Head]) -> Sequence[str]:
    """Hold the state in which the tree goes on growing against its newest head."""
    if not tree.size or tree.size not in heads:
        return ()
    try:
        root = frontier_of(auditor.hashing, tree.size, tree.peaks).root().hex()
    except ValueError:
        root = ""
    if root == heads[tree.size].root:
        return ()
    return ["tree: the state from which it grows was changed; stop the hub and restore it from a copy"]


async def _records(auditor: Auditor, verification: Verification, passed: Passed) -> AsyncIterator[str]:
    indexed, begin = await auditor.ledger.indexed(), _FIRST
    while rows := await auditor.ledger.rows(begin, verification.newest):
        begin = rows[-1].place + 1
        level = LEVELS[0]
        tiles = await auditor.ledger.nodes(level, verification.checked >> level, (begin >> level) + 1)
        stored = [Stored(row.place, row.record, row.leaf) for row in rows]
        for finding in verification.take(stored, dict(tiles)):
            yield str(finding)
        for line in await _index(auditor, rows, indexed):
            yield line
        passed(verification.checked, verification.newest)
    for finding in verification.end():
        yield str(finding)


async def _index(auditor: Auditor, rows: Sequence[Row], indexed: int) -> list[str]:
    """Hold the index of enterprises against the records that it has passed."""
    kept = [row for row in rows if row.place < indexed and row.record is not None]
    found = await auditor.ledger.index_rows(rows[0].place, rows[-1].place + 1)
    whole: set[int] = set()
    expected: set[tuple[int, str]] = set()
    for row in kept:
        try:
            place, record = parsed(row.record or "")
        except Malformed:
            continue
        if place == row.place:
            whole.add(place)
            expected |= {(place, code) for code in record.enterprises}
    missing = sorted(expected - found)
    strange = sorted(pair for pair in found - expected if pair[0] in whole)
    gone, added = "its entry in the index is gone", "the index has an entry of another enterprise's record"
    return [
        *(f"place {place}: the access log of {code} does not show it; {gone}" for place, code in missing),
        *(f"place {place}: the access log of {code} shows it; {added}" for place, code in strange),
    ]
