"""Editions in the store: made whole, moved from state to state, never changed; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from codes.editions import EditionState
from store.edition_records import Content, Edition, Scored, Snapshots
from store.edition_tables import edition, edition_listed, edition_score, edition_snapshot
from store.editions import EditionRefused, Editions, UnknownEdition
from store.rankings import Place, Ranked, Rankings, place_of

DAY = date(2023, 4, 3)
SNAPSHOTS = Snapshots(b'id = "example"', b"inputs", b"results")
CONTENT = Content(
    zone="east-lake", scheme="example", version="1", digest="d", period="2023-04", year=2022, day=DAY, parent=None,
    reason=None, chosen_by="ZONE", residents=4, left_out={"NO_RECORD": 1, "LATER": 2}, evaluated=3, decimals=2,
    maximum=10000, synthetic=True, sources_down=("tax",), origins="{}",
    statistics="{}", inputs_digest="i", results_digest="r", created_by="li",
)  # fmt: skip
SCORES = (
    Scored("A", 8000, "grown", 1, 1, 100.0, 100.0, "YES", ("front", "top")),
    Scored("B", 7000, "young", 2, 1, 75.0, 100.0, "YES", ("front",)),
    Scored("C", 7000, "grown", 2, 2, 75.0, 50.0, "UNKNOWN"),
    Scored("D", 100, "young", None, None, None, None, "NO"),
)


async def make(
    editions: Editions, content: Content = CONTENT, scores: Sequence[Scored] = SCORES, state: str = "DRAFT"
) -> Edition:
    """Make an edition and bring it to a state."""
    made = await editions.create(content, scores, SNAPSHOTS)
    if state != "DRAFT":
        made = await editions.open_notice(made.id, DAY, DAY + timedelta(5), "li")
    return await editions.publish(made.id, DAY + timedelta(6), "wang") if state == "FINAL" else made


async def test_what_was_made_is_read_again_as_it_was(engine: AsyncEngine) -> None:
    editions = Editions(engine)
    made = await make(editions)
    assert made.id == "east-lake:example:1:2023-04:1"
    assert await editions.get(made.id) == made
    assert await editions.of([made.id, "x"]) == {made.id: made}
    assert await editions.snapshots(made.id) == SNAPSHOTS
    assert await Rankings(engine).of(made.id, ["A", "C", "X"]) == {"A": SCORES[0], "C": SCORES[2]}
    assert (await make(editions)).id == "east-lake:example:1:2023-04:2"
    with pytest.raises(UnknownEdition, match="no edition 'x'"):
        await editions.get("x")
    with pytest.raises(UnknownEdition):
        await editions.snapshots("x")


async def test_a_large_snapshot_is_kept_in_parts(engine: AsyncEngine) -> None:
    editions = Editions(engine)
    large = replace(SNAPSHOTS, inputs=bytes(range(256)) * 40_000)
    made = await editions.create(CONTENT, (), large)
    assert await editions.snapshots(made.id) == large


async def test_it_goes_from_draft_by_notice_to_final(engine: AsyncEngine) -> None:
    editions = Editions(engine)
    made = await make(editions)
    assert not made.published
    noticed = await editions.open_notice(made.id, DAY, DAY + timedelta(5), "li")
    assert (noticed.state, noticed.notice_from, noticed.notice_until) == (EditionState.NOTICE, DAY, DAY + timedelta(5))
    assert noticed.noticed_by == "li"
    longer = await editions.open_notice(made.id, DAY, DAY + timedelta(9), "wang")
    assert (longer.notice_until, longer.noticed_by) == (DAY + timedelta(9), "li")
    with pytest.raises(EditionRefused, match=r"may object to .* until 2023-04-12; publish it after that"):
        await editions.publish(made.id, DAY + timedelta(9), "wang")
    final = await editions.publish(made.id, DAY + timedelta(10), "wang")
    assert (final.state, final.final_by) == (EditionState.FINAL, "wang")
    assert final == await editions.get(made.id)
    assert (final.content, final.created_at) == (made.content, made.created_at)


@pytest.mark.parametrize(
    ("state", "step", "why"),
    [
        ("DRAFT", "publish", "is DRAFT, not NOTICE. Put it up for notice first"),
        ("DRAFT", "correct", "only what is published can be corrected"),
        ("NOTICE", "notice", "until 2023-04-08, which can only be made later"),
        ("FINAL", "notice", "is FINAL, not DRAFT"),
        ("FINAL", "publish", "is FINAL, not NOTICE"),
    ],
)
async def test_other_steps_are_refused(engine: AsyncEngine, state: str, step: str, why: str) -> None:
    editions = Editions(engine)
    made = await make(editions, state=state)
    steps = {
        "publish": lambda: editions.publish(made.id, date(2024, 1, 1), "li"),
        "correct": lambda: make(editions, replace(CONTENT, parent=made.id)),
        "notice": lambda: editions.open_notice(made.id, DAY, DAY + timedelta(1), "li"),
    }
    with pytest.raises(EditionRefused, match=why):
        await steps[step]()
    assert await editions.get(made.id) == made


async def test_a_notice_does_not_end_before_it_begins(engine: AsyncEngine) -> None:
    editions = Editions(engine)
    made = await make(editions)
    with pytest.raises(EditionRefused, match="would end on 2023-04-02, before it begins on 2023-04-03"):
        await editions.open_notice(made.id, DAY, DAY - timedelta(1), "li")


async def test_a_correction_takes_the_place_of_what_it_corrects_once_it_is_final(engine: AsyncEngine) -> None:
    editions = Editions(engine)
    parent = await make(editions, state="FINAL")
    correction = await make(editions, replace(CONTENT, parent=parent.id, reason="patents counted twice"))
    await editions.open_notice(correction.id, DAY, DAY, "li")
    assert await editions.get(parent.id) == parent
    assert (await editions.latest(["east-lake"]))["east-lake"].id == parent.id
    await editions.publish(correction.id, DAY + timedelta(1), "li")
    corrected = await editions.get(parent.id)
    assert (corrected.state, corrected.corrected_by) == (EditionState.CORRECTED, correction.id)
    assert (await editions.latest(["east-lake"]))["east-lake"].id == correction.id
    with pytest.raises(EditionRefused, match=f"was corrected by {correction.id}; correct that"):
        await make(editions, replace(CONTENT, parent=parent.id))
    again = await make(editions, replace(CONTENT, parent=correction.id), state="NOTICE")
    assert again.number == 3


async def test_a_correction_is_of_what_it_corrects(engine: AsyncEngine) -> None:
    editions = Editions(engine)
    parent = await make(editions, state="NOTICE")
    with pytest.raises(EditionRefused, match="same zone, scheme and period"):
        await make(editions, replace(CONTENT, parent=parent.id, period="2023-05"))
    with pytest.raises(UnknownEdition):
        await make(editions, replace(CONTENT, parent="x"))


async def test_a_period_has_one_published_edition(engine: AsyncEngine) -> None:
    editions = Editions(engine)
    first, second = await make(editions, state="NOTICE"), await make(editions)
    with pytest.raises(EditionRefused, match=f"has {first.id} \\(NOTICE\\) already; make a correction of that"):
        await editions.open_notice(second.id, DAY, DAY, "li")
    other = await make(editions, replace(CONTENT, zone="longwan"), state="NOTICE")
    assert other.state is EditionState.NOTICE


async def test_of_two_officers_at_once_only_one_is_heard(engine: AsyncEngine) -> None:
    editions = Editions(engine)
    drafts = [await make(editions) for _ in range(4)]
    opened = await asyncio.gather(
        *(editions.open_notice(draft.id, DAY, DAY, "li") for draft in drafts), return_exceptions=True
    )
    assert sum(isinstance(one, Edition) for one in opened) == 1
    (noticed,) = [one for one in opened if isinstance(one, Edition)]
    corrections = [await make(editions, replace(CONTENT, parent=noticed.id), state="DRAFT") for _ in range(2)]
    tries = [editions.publish(noticed.id, DAY + timedelta(1), name) for name in ("li", "wang", "zhao")]
    published = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, Edition) for one in published) == 1
    both = [editions.open_notice(one.id, DAY, DAY, "li") for one in corrections]
    noticed_too = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(one, Edition) for one in noticed_too) == 1
    numbers = await asyncio.gather(*(make(editions, replace(CONTENT, period="2024")) for _ in range(3)))
    assert {one.number for one in numbers} == {1, 2, 3}


_HERE = edition.c.id.like("east-lake:%")
DEEDS = {
    "another total": update(edition_score).values(total=1),
    "a score less": delete(edition_score),
    "a score more": insert(edition_score).values(
        edition="east-lake:example:1:2023-04:1", uscc="Z", total=1, passed="YES", lists=""
    ),
    "a list less": delete(edition_listed),
    "another snapshot": update(edition_snapshot).values(bytes=b"other"),
    "a snapshot less": delete(edition_snapshot),
    "another day": update(edition).where(_HERE).values(day=DAY + timedelta(1)),
    "others left out": update(edition).where(_HERE).values(left_out="{}"),
    "back to a draft": update(edition).where(_HERE).values(state="DRAFT"),
    "back to notice": update(edition).where(_HERE).values(state="NOTICE"),
    "another end of the notice": update(edition).where(_HERE).values(notice_until=DAY),
    "corrected by nobody": update(edition).where(_HERE).values(state="CORRECTED"),
    "another publisher": update(edition).where(_HERE).values(state="CORRECTED", corrected_by="x", final_by="zhao"),
    "gone": delete(edition),
}


@pytest.mark.parametrize("deed", DEEDS)
async def test_the_database_itself_keeps_what_is_final(engine: AsyncEngine, deed: str) -> None:
    editions = Editions(engine)
    final = await make(editions, state="FINAL")
    with pytest.raises(DBAPIError, match="edition"):
        async with engine.begin() as connection:
            await connection.execute(DEEDS[deed])
    assert await editions.get(final.id) == final
    assert await editions.snapshots(final.id) == SNAPSHOTS
    assert await Rankings(engine).of(final.id, ["A", "B", "C", "D"]) == {one.uscc: one for one in SCORES}


async def test_tables_of_editions_are_not_emptied(engine: AsyncEngine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    await make(Editions(engine), state="FINAL")
    for table in (edition, edition_score, edition_listed, edition_snapshot):
        with pytest.raises(DBAPIError, match="TRUNCATE"):
            async with engine.begin() as connection:
                await connection.execute(text(f"TRUNCATE {table.name}"))


async def test_a_making_that_breaks_off_leaves_nothing(engine: AsyncEngine) -> None:
    editions = Editions(engine)
    with pytest.raises(DBAPIError):
        await editions.create(CONTENT, (*SCORES, SCORES[0]), SNAPSHOTS)
    assert await editions.find() == []
    async with engine.connect() as connection:
        assert (await connection.execute(select(edition_score))).all() == []


async def test_editions_are_found_by_zone_and_scheme_newest_first(engine: AsyncEngine) -> None:
    editions = Editions(engine)
    old = await make(editions, replace(CONTENT, period="2022", day=date(2022, 12, 31)), state="FINAL")
    new = await make(editions, state="NOTICE")
    draft = await make(editions, replace(CONTENT, period="2024", day=date(2024, 1, 1)))
    other = await make(editions, replace(CONTENT, scheme="other", day=date(2023, 5, 1)), state="NOTICE")
    assert [one.id for one in await editions.find()] == [draft.id, other.id, new.id, old.id]
    assert [one.id for one in await editions.find("east-lake", "example")] == [draft.id, new.id, old.id]
    assert await editions.find("longwan") == []
    assert (await editions.latest(["east-lake", "longwan"])) == {"east-lake": other}
    assert (await editions.latest(["east-lake"], "example")) == {"east-lake": new}
    assert await editions.before(new) == old
    assert await editions.before(old) is None


async def test_a_ranking_is_read_in_pages_that_meet(engine: AsyncEngine) -> None:
    id = (await make(Editions(engine))).id
    rankings = Rankings(engine)
    everyone = Ranked(id)
    first = await rankings.page(everyone, 2)
    assert [one.uscc for one in first.scores] == ["A", "B"]
    assert (first.has_next_page, first.has_previous_page) == (True, False)
    second = await rankings.page(everyone, 2, after=place_of(everyone, first.scores[-1]))
    assert [one.uscc for one in second.scores] == ["C"]
    assert (second.has_next_page, second.has_previous_page) == (False, True)
    back = await rankings.page(everyone, 1, before=Place(2, "C"), backward=True)
    assert [one.uscc for one in back.scores] == ["B"]
    assert (back.has_next_page, back.has_previous_page) == (True, True)
    assert await rankings.count(everyone) == 3
    grown = Ranked(id, stage="grown")
    assert [one.uscc for one in (await rankings.page(grown, 5)).scores] == ["A", "C"]
    assert place_of(grown, SCORES[2]) == Place(2, "C")
    assert [one.uscc for one in (await rankings.page(Ranked(id, list="front"), 5)).scores] == ["A", "B"]
    assert await rankings.count(Ranked(id, list="front", stage="young")) == 1
    assert await rankings.count(Ranked(id, listed=True)) == 2
    assert await rankings.count(Ranked("x")) == 0


async def test_who_came_and_who_left_is_told_list_by_list(engine: AsyncEngine) -> None:
    editions, rankings = Editions(engine), Rankings(engine)
    old = (await make(editions)).id
    scores = (replace(SCORES[1], rank=1, lists=("front", "top")), replace(SCORES[2], rank=2, lists=("front",)))
    new = (await make(editions, replace(CONTENT, period="2023-05"), scores)).id
    assert await rankings.newcomers(Ranked(new, list="front"), Ranked(old, list="front"), 9) == ([scores[1]], 1)
    assert await rankings.newcomers(Ranked(old, list="front"), Ranked(new, list="front"), 9) == ([SCORES[0]], 1)
    assert await rankings.newcomers(Ranked(new), Ranked(old), 9) == ([], 0)


async def test_history_tells_published_editions_newest_first(engine: AsyncEngine) -> None:
    editions, rankings = Editions(engine), Rankings(engine)
    old = await make(editions, replace(CONTENT, period="2022", day=date(2022, 12, 31)), state="FINAL")
    new = await make(editions, state="NOTICE")
    await make(editions, replace(CONTENT, period="2024", day=date(2024, 1, 1)))
    found = await rankings.history(["A", "D", "X"])
    assert found == {"A": [(new, SCORES[0]), (old, SCORES[0])], "D": [(new, SCORES[3]), (old, SCORES[3])], "X": []}
    assert (await rankings.history(["A"], "other")) == {"A": []}
