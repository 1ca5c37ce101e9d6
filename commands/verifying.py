"""The whole audit in a store, held against itself: heads, tree, records, and the index of enterprises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from auth.audit.growing import LEVELS, frontier_of
from auth.audit.signing import BadSignature, Head
from auth.audit.verifying import Stored, Verification
from commands.verifying_index import IndexCheck
from resolvers.auditing import Auditor
from store.growth import Tree

_FIRST = -(2**62)

Passed = Callable[[int, int], None]
"""Is told how many places have been passed, and of how many."""


async def findings(auditor: Auditor, elsewhere: str | None, passed: Passed) -> AsyncIterator[str]:
    """Give what is wrong, each in a line; `elsewhere` is a signed head that was kept out of the store's reach."""
    tree = await auditor.ledger.tree()
    heads: dict[int, Head] = {}
    found = await _signed(auditor, elsewhere)
    if tree.signed is not None:
        try:
            found.append(("newest head", tree.size, auditor.signed_head(tree)))
        except BadSignature as bad:
            yield f"newest head: {bad}"
    for name, size, signed in found:
        try:
            head = auditor.keys.head(signed)
        except BadSignature as bad:
            yield f"{name}: {bad}"
            continue
        if head.algorithm != auditor.hashing.value:
            yield f"{name}: it is of a tree by {head.algorithm}, not {auditor.hashing.value}"
            continue
        if size not in (None, head.size):
            yield f"{name}: it was signed over {head.size:,} records"
        if head.size in heads and heads[head.size].root != head.root:
            yield f"{name}: another head was signed over as many records, with another root; it is not of this audit"
        else:
            heads[head.size] = head
    verification = Verification(auditor.hashing, [heads[size] for size in sorted(heads)])
    if tree.size and not heads:
        yield "heads: none is left that was signed by a key of this audit; nothing can be held against them"
    for line in _standing(auditor, tree, heads):
        yield line
    index = IndexCheck(auditor.ledger, verification.newest)
    async for line in _records(auditor, verification, index, passed):
        yield line
    # What was appended meanwhile has been signed since; what lies behind even that has not.
    size = max((await auditor.ledger.tree()).size, verification.newest)
    for row in await auditor.ledger.rows(size):
        yield f"place {row.place}: inserted: no head was signed over a record there"
    for line in await index.end(size):
        yield line


async def _signed(auditor: Auditor, elsewhere: str | None) -> list[tuple[str, int | None, str]]:
    found: list[tuple[str, int | None, str]] = [
        (f"head of {size:,} records", size, signed) for size, signed in await auditor.ledger.heads()
    ]
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


async def _records(
    auditor: Auditor, verification: Verification, index: IndexCheck, passed: Passed
) -> AsyncIterator[str]:
    begin = _FIRST
    while rows := await auditor.ledger.rows(begin, verification.newest):
        begin = rows[-1].place + 1
        level = LEVELS[0]
        tiles = await auditor.ledger.nodes(level, verification.checked >> level, (begin >> level) + 1)
        stored = [Stored(row.place, row.record, row.leaf) for row in rows]
        for finding in verification.take(stored, dict(tiles)):
            yield str(finding)
        async for line in index.take(rows):
            yield line
        passed(verification.checked, verification.newest)
    for finding in verification.end():
        yield str(finding)
