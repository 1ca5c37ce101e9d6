"""The audit in the store, on SQLite and PostgreSQL: written by several at once, and whatever is done to it found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.growing import frontier_of
from auth.audit.signing import AuditMisconfigured, keys, make_key
from auth.audit.tree import Frontier, Hashing, consistency, consistent, included, root_of
from resolvers.audit_proofs import Proofs
from resolvers.auditing import Auditor, AuditUnavailable, agreeing
from store.audit import Ledger
from store.places import CHUNK, packed
from store.tables import audit_head, audit_index, audit_node, audit_record, audit_tree
from tests.auditing import auditor_over, found_by, look, records

C = audit_record.c
COUNT = 600


@pytest.fixture
async def opening(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Callable[..., Auditor]]:
    """Opens auditors over the store, and closes them in the end."""
    opened: list[Auditor] = []

    def one(hashing: Hashing = Hashing.SHA256, **given: Any) -> Auditor:
        opened.append(auditor_over(engine, tmp_path, hashing, patience=30, **given))
        return opened[-1]

    yield one
    for auditor in opened:
        await auditor.aclose()


@pytest.fixture(params=Hashing, ids=lambda hashing: hashing.value)
async def auditor(opening: Callable[..., Auditor], request: pytest.FixtureRequest) -> Auditor:
    """Six hundred records, a head after every seventy."""
    made = opening(request.param, head_seconds=-1)
    for begin in range(0, COUNT, 70):
        batch = range(begin, min(begin + 70, COUNT))
        await asyncio.gather(*(made.write(look(f"r{number}", f"E{number % 7}")) for number in batch))
    await made.index()
    return made


async def test_several_writers_leave_no_gap_and_one_tree(opening: Callable[..., Auditor]) -> None:
    writers = [opening(head_seconds=0) for _ in range(4)]

    async def work(number: int) -> list[tuple[str, int]]:
        return [(f"{number}.{n}", (await writers[number].write(look(f"{number}.{n}"))).place) for n in range(40)]

    placed = dict(pair for pairs in await asyncio.gather(*map(work, range(4))) for pair in pairs)
    written = await records(writers[0])
    assert sorted(placed.values()) == list(range(160))
    assert {record.reference: place for place, record in enumerate(written)} == placed
    assert await found_by(writers[0]) == []


async def test_records_that_come_together_are_written_together(opening: Callable[..., Auditor]) -> None:
    made = opening()
    appended = 0
    append = made.ledger.append

    async def counted(*given: Any) -> None:
        nonlocal appended
        appended += 1
        await append(*given)

    object.__setattr__(made.ledger, "append", counted)
    entries = await asyncio.gather(*(made.write(look(str(n))) for n in range(400)))
    assert [entry.place for entry in entries] == list(range(400))
    assert appended <= 2
    assert {entry.head.size for entry in entries} == {400} if appended == 1 else True


async def test_a_waiting_reader_who_leaves_does_not_cost_the_others_their_records(
    opening: Callable[..., Auditor],
) -> None:
    made = opening()
    tasks = [asyncio.create_task(made.write(look(str(n)))) for n in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    entries = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(entries[3], asyncio.CancelledError)
    assert {record.reference for record in await records(made)} >= {str(n) for n in range(10) if n != 3}
    assert await found_by(made) == []


async def test_who_waits_too_long_is_told_so_and_the_next_is_answered(engine: AsyncEngine, tmp_path: Path) -> None:
    made, open_again = auditor_over(engine, tmp_path, patience=0.05), asyncio.Event()
    append = made.ledger.append

    async def held_up(*given: Any) -> None:
        await open_again.wait()
        await append(*given)

    object.__setattr__(made.ledger, "append", held_up)
    tasks = []
    for number in range(5):
        tasks.append(asyncio.create_task(made.write(look(str(number)))))
        await asyncio.sleep(0.02)
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in told] == [AuditUnavailable] * 5
    assert made.behind == (0, 0.0), "nobody waits any more"
    open_again.set()
    made._patience = 30
    assert (await made.write(look("late"))).place == 1, "only what was being written already was written for nobody"
    assert await found_by(made) == []
    await made.aclose()


async def test_the_next_key_checks_what_a_hub_has_left_that_ended_well(engine: AsyncEngine, tmp_path: Path) -> None:
    """Until then, the newest head stands by the private key; who was killed leaves it so until the next record."""
    before = auditor_over(engine, tmp_path, patience=30)
    for number in range(3):
        await before.write(look(str(number), "E1"))
    make_key(tmp_path / "next.pem")
    (tmp_path / "former.pem").write_bytes(before.keys.public())
    own = keys(tmp_path / "next.pem", [tmp_path / "former.pem"])
    after = Auditor(Ledger(engine), own, before.hashing, patience=30)
    await before.index()
    assert await found_by(before) == []
    (standing,) = await found_by(after)
    assert standing.startswith("newest head: it stands by a former key")
    await before.aclose()
    assert await found_by(after) == []
    await after.write(look("3", "E1"))
    await after.index()
    assert await found_by(after) == []
    await after.aclose()


async def test_every_place_is_proved_from_what_is_kept(auditor: Auditor) -> None:
    leaves = [leaf for _, leaf in await auditor.ledger.leaves(0, COUNT)]
    proofs = Proofs(auditor.ledger, auditor.hashing)
    for size in (1, 255, 256, 257, 512, COUNT):
        root = root_of(auditor.hashing, leaves[:size])
        assert await proofs.root(size) == root
        for place in (0, size // 2, size - 1):
            path = await proofs.inclusion(place, size)
            assert included(auditor.hashing, leaves[place], place, size, path, root)
    path = consistency(300, COUNT, lambda begin, end: root_of(auditor.hashing, leaves[begin:end]))
    whole = root_of(auditor.hashing, leaves)
    assert consistent(auditor.hashing, 300, await proofs.root(300), COUNT, whole, path)


async def test_the_index_leads_from_an_enterprise_to_its_records(engine: AsyncEngine, auditor: Auditor) -> None:
    await asyncio.gather(*(auditor.write(look(f"late{n}", "E3", "NEW")) for n in range(450)))
    others = [Auditor(auditor.ledger, auditor.keys, auditor.hashing) for _ in range(3)]
    await asyncio.gather(*(other.index() for other in others))  # none of them has a task to end
    assert await auditor.ledger.count_of("NEW") == 450
    assert await auditor.ledger.places_of("NEW", None, 3) == [1049, 1048, 1047]
    assert await auditor.ledger.places_of("NEW", 1047, 1) == [1046]
    assert await auditor.ledger.count_of("E3") == 450 + len(range(3, COUNT, 7))
    assert await found_by(auditor) == []


async def test_entries_put_into_the_index_beforehand_do_not_stop_it(engine: AsyncEngine, auditor: Auditor) -> None:
    async with engine.begin() as connection:
        await connection.execute(_entered("NEW", 0, COUNT))
    await asyncio.gather(*(auditor.write(look(f"late{n}", "NEW")) for n in range(3)))
    await auditor.index()
    assert await auditor.ledger.places_of("NEW", None, 9) == [COUNT + 2, COUNT + 1, COUNT]
    twice = "the access log of NEW shows it; the index has its entry more than once"
    assert await found_by(auditor) == [f"place {COUNT}: {twice}"]


async def test_a_tree_is_not_gone_on_with_by_another_hash(auditor: Auditor) -> None:
    other = next(hashing for hashing in Hashing if hashing is not auditor.hashing)
    with pytest.raises(AuditMisconfigured, match=f"HUB_AUDIT_HASH: it is {other.value}"):
        agreeing(await auditor.ledger.tree(), other)


@dataclass(frozen=True)
class Deed:
    """What somebody does to the tables, and a line that must be found."""

    statements: Callable[[Hashing, dict[int, Any]], list[Any]]
    line: str


def _rewritten(hashing: Hashing, rows: dict[int, Any], place: int) -> list[Any]:
    """A record rewritten with its leaf."""
    text = rows[place].record.replace("icbc", "boc")
    return [update(audit_record).where(C.place == place).values(record=text, leaf=hashing.leaf(text.encode()))]


def _swapped(rows: dict[int, Any], first: int, second: int, *names: str) -> list[Any]:
    def at(place: int, row: Any) -> Any:
        return update(audit_record).where(C.place == place).values({name: getattr(row, name) for name in names})

    return [at(first, rows[second]), at(second, rows[first])]


def _shifted(rows: dict[int, Any], place: int) -> list[Any]:
    """A record put in, all behind it moved on by one."""
    up = [
        update(audit_record).where(C.place == at).values(place=at + 1)
        for at in sorted(rows, reverse=True)
        if at >= place
    ]
    return [*up, insert(audit_record).values(place=place, record=rows[5].record, leaf=rows[5].leaf)]


def _added(hashing: Hashing, rows: dict[int, Any]) -> list[Any]:
    text = rows[COUNT - 1].record.replace(f'"place":{COUNT - 1}', f'"place":{COUNT}')
    return [insert(audit_record).values(place=COUNT, record=text, leaf=hashing.leaf(text.encode()))]


def _entered(code: str, chunk: int, *places: int) -> Any:
    return insert(audit_index).values(uscc=code, chunk=chunk, places=packed(chunk, places))


def _kept(code: str, *places: int) -> Any:
    """The places of the first chunk that the index has of an enterprise, replaced."""
    return (
        update(audit_index).where(audit_index.c.uscc == code, audit_index.c.chunk == 0).values(places=packed(0, places))
    )


def _cut(hashing: Hashing, rows: dict[int, Any], at: int) -> list[Any]:
    """The end cut off, and the state of the tree rewound to fit: only the heads know."""
    frontier = Frontier(hashing)
    for place in range(at):
        frontier = frontier.append(rows[place].leaf)
    rewound = update(audit_tree).values(size=at, peaks=b"".join(frontier.peaks))
    return [delete(audit_record).where(C.place >= at), rewound]


DEEDS = {
    "changed": Deed(
        lambda _h, rows: [
            update(audit_record).where(C.place == 300).values(record=rows[300].record.replace("icbc", "boc"))
        ],
        "place 300: changed: the record is not the one that was hashed",
    ),
    "a leaf changed": Deed(
        lambda _h, _r: [update(audit_record).where(C.place == 17).values(leaf=b"x" * 32)], "place 17: changed"
    ),
    "no record any more": Deed(
        lambda _h, _r: [update(audit_record).where(C.place == 17).values(record="{}")],
        "place 17: changed: this is no record any more",
    ),
    "forged before the first head": Deed(lambda h, rows: _rewritten(h, rows, 3), "places 0 to 69: forged"),
    "forged between two heads": Deed(lambda h, rows: _rewritten(h, rows, 400), "places 350 to 419: forged"),
    "forged twice": Deed(
        lambda h, rows: [*_rewritten(h, rows, 90), *_rewritten(h, rows, 599)], "places 560 to 599: forged"
    ),
    "forged with the kept root": Deed(
        lambda h, rows: [
            *_rewritten(h, rows, 100),
            update(audit_node).where(audit_node.c.number == 0).values(hash=b"y" * 32),
        ],
        "places 70 to 139: forged",
    ),
    "deleted": Deed(
        lambda _h, _r: [delete(audit_record).where(C.place == 255)], "place 255: deleted: no record is there"
    ),
    "several deleted": Deed(
        lambda _h, _r: [delete(audit_record).where(C.place.between(10, 300))],
        "places 10 to 300: deleted: no record is there",
    ),
    "the first deleted": Deed(lambda _h, _r: [delete(audit_record).where(C.place == 0)], "place 0: deleted"),
    "deleted and forged behind": Deed(
        lambda h, rows: [delete(audit_record).where(C.place == 10), *_rewritten(h, rows, 430)],
        "places 420 to 489: forged",
    ),
    "the text alone deleted": Deed(
        lambda _h, _r: [update(audit_record).where(C.place.in_((8, 9))).values(record=None)],
        "places 8 to 9: deleted: the texts are gone, and no record says that they have expired",
    ),
    "inserted in the middle": Deed(
        lambda _h, rows: _shifted(rows, 200), "places 201 to 599: swapped or moved: here are the records of 200 and on"
    ),
    "inserted at the end": Deed(lambda h, rows: _added(h, rows), f"place {COUNT}: inserted"),
    "inserted at a place that cannot be": Deed(
        lambda _h, rows: [insert(audit_record).values(place=-1, record=rows[5].record, leaf=rows[5].leaf)],
        "place -1: inserted",
    ),
    "swapped": Deed(
        lambda _h, rows: _swapped(rows, 40, 50, "record", "leaf"),
        "place 40: swapped or moved: here is the record of place 50",
    ),
    "only the texts swapped": Deed(
        lambda _h, rows: _swapped(rows, 40, 50, "record"), "place 50: swapped or moved: here is the record of place 40"
    ),
    "cut": Deed(
        lambda _h, _r: [delete(audit_record).where(C.place >= 590)], "places 590 to 599: cut off: a head was signed"
    ),
    "cut with the size of the tree": Deed(
        lambda _h, _r: [delete(audit_record).where(C.place >= 590), update(audit_tree).values(size=590)],
        "places 590 to 599: cut off: a head was signed",
    ),
    "cut and rewound": Deed(lambda h, rows: _cut(h, rows, 560), "places 560 to 599: cut off: a head was signed"),
    "a kept root changed": Deed(
        lambda _h, _r: [update(audit_node).where(audit_node.c.number == 1).values(hash=b"z" * 32)],
        "places 256 to 511: their kept root was changed; the records are good",
    ),
    "a kept root deleted": Deed(
        lambda _h, _r: [delete(audit_node).where(audit_node.c.number == 0)], "places 0 to 255: their kept root is gone"
    ),
    "a head changed": Deed(
        lambda _h, _r: [update(audit_head).where(audit_head.c.size == 140).values(signed="e30.e30.AA")],
        "head of 140 records: ",
    ),
    "heads exchanged": Deed(
        lambda _h, _r: [
            update(audit_head)
            .where(audit_head.c.size == 140)
            .values(signed=select(audit_head.c.signed).where(audit_head.c.size == 70).scalar_subquery())
        ],
        "head of 140 records: it was signed over 70 records",
    ),
    "all heads deleted": Deed(
        lambda _h, _r: [delete(audit_head), update(audit_tree).values(signed=None)], "heads: none is left"
    ),
    "the tree's state changed": Deed(
        lambda _h, _r: [update(audit_tree).values(peaks=b"p" * 128)], "tree: the state from which it grows was changed"
    ),
    "hidden from the access log": Deed(
        lambda _h, _r: [_kept("E5", *(place for place in range(5, COUNT, 7) if place != 12))],
        "place 12: the access log of E5 does not show it; its entry in the index is gone",
    ),
    "put into another's access log": Deed(
        lambda _h, _r: [_entered("E9", 0, 12)],
        "place 12: the access log of E9 shows it; the index has an entry of another enterprise's record",
    ),
    "put into another's access log among its own": Deed(
        lambda _h, _r: [_kept("E5", *sorted((*range(5, COUNT, 7), 13)))],
        "place 13: the access log of E5 shows it; the index has an entry of another enterprise's record",
    ),
    "shown twice": Deed(
        lambda _h, _r: [_kept("E5", *range(5, COUNT, 7), 12)],
        "place 12: the access log of E5 shows it; the index has its entry more than once",
    ),
    "shown from another chunk": Deed(
        lambda _h, _r: [_kept("E5", *range(5, COUNT, 7), CHUNK + 3)],
        f"place {CHUNK + 3}: the access log of E5 shows it; the index has an entry of a place that no record has",
    ),
    "shown where no record is": Deed(
        lambda _h, _r: [_kept("E5", *range(5, COUNT, 7), COUNT)],
        f"place {COUNT}: the access log of E5 shows it; the index has an entry of a place that no record has",
    ),
    "shown where no record can be": Deed(
        lambda _h, _r: [_entered("E5", 7, 7 * CHUNK), _entered("E5", -1, -1)],
        f"place {7 * CHUNK}: the access log of E5 shows it; the index has an entry of a place that no record has",
    ),
}


@pytest.mark.parametrize(
    ("auditor", "deed"),
    [
        *((Hashing.SHA256, deed) for deed in DEEDS),
        *((Hashing.SM3, deed) for deed in ("changed", "forged between two heads", "deleted")),
    ],
    indirect=["auditor"],
    ids=str,
)
async def test_whatever_is_done_to_the_tables_is_found_and_named(auditor: Auditor, deed: str) -> None:
    assert await found_by(auditor) == []
    engine = auditor.ledger.engine
    async with engine.begin() as connection:
        rows = {row.place: row for row in await connection.execute(select(audit_record))}
        await _do(connection, DEEDS[deed].statements(auditor.hashing, rows))
    found = await found_by(auditor)
    assert any(line.startswith(DEEDS[deed].line) for line in found), found
    assert len(found) <= 6, found


async def _do(connection: AsyncConnection, statements: list[Any]) -> None:
    for statement in statements:
        await connection.execute(statement)


async def test_a_whole_rewound_audit_is_found_by_a_head_kept_elsewhere(auditor: Auditor) -> None:
    kept = (await auditor.ledger.tree()).signed
    engine = auditor.ledger.engine
    async with engine.begin() as connection:
        rows = {row.place: row for row in await connection.execute(select(audit_record))}
        older = (await connection.execute(select(audit_head.c.signed).where(audit_head.c.size == 490))).scalar_one()
        await _do(connection, _cut(auditor.hashing, rows, 490))
        await connection.execute(update(audit_tree).values(signed=older))
        await connection.execute(delete(audit_head).where(audit_head.c.size > 490))
        for number in range(7):
            await connection.execute(_kept(f"E{number}", *range(number, 490, 7)))
    assert await found_by(auditor) == [], "as a copy of last week would be"
    (line,) = await found_by(auditor, kept)
    assert line.startswith("places 490 to 599: cut off")
    assert frontier_of(auditor.hashing, 490, (await auditor.ledger.tree()).peaks).size == 490
    (line,) = await found_by(auditor, "no head")
    assert line.startswith("head kept elsewhere: ")
