"""A run: who is evaluated, what is read and how often, going on after breaking off, the same bytes in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from codes.editions import EditionState
from codes.scores import Missing
from resolvers.scores import statistics
from resolvers.scores.collecting import RunRefused, SourcesDown
from resolvers.scores.orders import moment_of
from resolvers.scores.running import run
from scoring.loading import parse
from scoring.scheme import CODES
from scoring.snapshot import unpacked, unpacked_results
from store.edition_records import Edition, Snapshots
from store.edition_runs import Runs
from store.editions import Editions
from store.rankings import Ranked, Rankings
from tests.resolvers.scores import zone
from tests.resolvers.scores.zone import SCHEME, TODAY, Ways, evaluated, order, records, sources


async def made(
    store: AsyncEngine, of: zone.Records, ways: Ways | None = None, **changed: object
) -> tuple[Edition, Snapshots]:
    """Run an edition; return it with its snapshots."""
    editions = Editions(store)
    found = await run(sources(of, ways), editions, Runs(store), order(**changed), lambda *_: None)
    return found, await editions.snapshots(found.id)


async def test_those_of_the_zone_who_have_applied_are_evaluated(store: AsyncEngine) -> None:
    of = records()
    edition, snapshots = await made(store, of)
    content = edition.content
    assert edition.id == "east-lake:small-demo:1:2022:1"
    assert edition.state is EditionState.DRAFT
    assert unpacked(snapshots.inputs).enterprises.tolist() == evaluated(of)
    assert (content.chosen_by, content.residents, content.evaluated) == ("SCHEME", 27, len(evaluated(of)))
    assert (content.year, content.day, content.synthetic) == (2022, date(2022, 12, 31), True)
    assert (content.created_by, content.sources_down) == ("li", ())
    few = unpacked_results(snapshots.results).rows(np.arange(9))
    assert statistics.coverage(few) == [], "of so few it would tell of single ones"
    overall = statistics.read(content.statistics)[0]
    assert (overall.evaluated, overall.ranked) == (len(evaluated(of)), len(evaluated(of)))
    assert sum(bar.count for bar in overall.bars) == overall.ranked
    assert await Rankings(store).count(Ranked(edition.id, list="top")) >= 5


async def test_why_others_of_the_roster_are_not_evaluated_is_counted(store: AsyncEngine) -> None:
    of = records()
    first, second = evaluated(of)[:2]
    of["roster"] = [{**one, "since": "2023-01-01"} if one["uscc"] == first else one for one in of["roster"]]
    of["roster"] += [{"uscc": f"{first[:6]}******{n:06d}", "zone_id": zone.ZONE, "since": None} for n in range(2)]
    of["roster"].append({"uscc": "nobody", "zone_id": "longwan", "since": None})
    of["platform"] = [{**one, "withdrawn_on": "soon"} if one["uscc"] == second else one for one in of["platform"]]
    edition, _ = await made(store, of)
    content = edition.content
    assert content.left_out == {"NO_RECORD": 26 - content.evaluated - 1, "UNREADABLE": 1, "LATER": 1, "NAMELESS": 2}
    assert content.residents == 26 == content.evaluated + content.left_out["NO_RECORD"] + 1
    assert (await Editions(store).get(edition.id)).content == content


async def test_everyone_is_evaluated_where_the_scheme_does_not_say(store: AsyncEngine) -> None:
    without = SCHEME.replace(SCHEME[SCHEME.index("[evaluated]") : SCHEME.index("[inputs.revenue]")], "")
    edition, _ = await made(store, records(), scheme=parse(without, "x"))
    assert (edition.content.chosen_by, edition.content.evaluated) == ("ZONE", 27)


async def test_a_list_goes_before_what_the_scheme_says(store: AsyncEngine) -> None:
    of = records()
    some = tuple(zone.codes(30)[:4])
    edition, snapshots = await made(store, of, usccs=(*some[::-1], some[0]))
    assert (edition.content.chosen_by, edition.content.evaluated) == ("LIST", 4)
    assert unpacked(snapshots.inputs).enterprises.tolist() == list(some)
    with pytest.raises(RunRefused, match="1 of the list do not live in east-lake: "):
        await made(store, of, usccs=(*some, zone.codes(30)[9]))


async def test_a_correction_is_of_the_same_list(store: AsyncEngine) -> None:
    of, some, editions = records(), tuple(zone.codes(30)[:4]), Editions(store)
    listed, _ = await made(store, of, usccs=some)
    await editions.open_notice(listed.id, TODAY, TODAY, "li")
    corrected, snapshots = await made(store, of, parent=listed.id, reason="one too many")
    assert (corrected.content.chosen_by, corrected.content.parent) == ("LIST", listed.id)
    assert unpacked(snapshots.inputs).enterprises.tolist() == list(some)
    fewer, _ = await made(store, of, parent=listed.id, reason="one too many", usccs=some[:3])
    assert fewer.content.evaluated == 3


async def test_collections_are_scanned_or_read_in_batches_of_keys(store: AsyncEngine) -> None:
    ways, of = Ways(), records()
    await made(store, of, ways)
    assert set(ways.seen) == {
        "roster.residence*", "platform.evaluation_applications*", "registry.registration*", "tax.filings*",
        "science.filings*", "office.patents",
    }  # fmt: skip
    assert ways.seen["office.patents"] == -(-len(evaluated(of)) // 3)
    few = Ways()
    await made(store, of, few, usccs=tuple(zone.codes(30)[:3]))
    assert set(few.seen) == {
        "roster.residence", "registry.registration", "tax.filings", "science.filings", "office.patents"
    }, "what fits into one fetch is not scanned for"  # fmt: skip


async def test_the_same_records_give_the_same_bytes_in_whatever_order_they_come(store: AsyncEngine) -> None:
    of = records()
    _, first = await made(store, of)
    for seed in range(3):
        shuffled = {name: Random(seed).sample(rows, len(rows)) for name, rows in of.items()}
        ways = Ways(by_keys={"tax", "registry"} if seed else set(), page_size=3 + seed)
        _, again = await made(store, shuffled, ways)
        assert again == first


@pytest.mark.parametrize("positions", [True, False], ids=["goes on", "starts a source again"])
async def test_a_run_that_broke_off_goes_on_where_it_was(store: AsyncEngine, positions: bool) -> None:
    of, everything = records(), Ways(positions=positions)
    _, whole = await made(store, of, everything)
    total, seen = everything.seen.total(), set[str]()
    for stop in range(1, total, 5):
        broken, rest = Ways(positions=positions, pages_before_failing=stop), Ways(positions=positions)
        with pytest.raises(SourcesDown, match="What was read is kept"):
            await made(store, of, broken)
        reached = await Runs(store).reached(order().edition)
        assert reached is not None, "who watches it sees how far it has come"
        seen |= {str(reached.feed)} if reached.read else set()
        _, resumed = await made(store, of, rest)
        assert resumed == whole
        if positions:
            again = (broken.seen + rest.seen) - everything.seen
            assert set(again) <= {"office.patents"}, "no page is read twice"
            assert again.total() < 4, "nor a batch of keys that was answered"
        else:
            assert rest.seen["roster.residence*"] == (0 if stop > 5 else everything.seen["roster.residence*"])
    assert len(seen) > 1, seen


async def test_anew_means_that_nothing_kept_is_used(store: AsyncEngine) -> None:
    of = records()
    with pytest.raises(SourcesDown):
        await made(store, of, Ways(down={"office"}))
    ways, everything = Ways(), Ways()
    await made(store, of, ways, anew=True)
    await made(store, of, everything)
    assert ways.seen == everything.seen


async def test_a_source_that_is_down_stops_the_run_and_all_of_them_are_named(store: AsyncEngine) -> None:
    with pytest.raises(SourcesDown) as stopped:
        await made(store, records(), Ways(down={"tax", "office"}))
    said = str(stopped.value)
    assert "tax: is closed" in said
    assert "office: is closed" in said
    assert "--accept-missing office --accept-missing tax" in said
    assert await Editions(store).find() == []


async def test_an_accepted_source_that_is_down_leaves_its_inputs_missing(store: AsyncEngine) -> None:
    of, accepted = records(), frozenset(("office", "science"))
    edition, snapshots = await made(store, of, Ways(down={"office", "science"}), accepted=accepted)
    assert edition.content.sources_down == ("office", "science")
    inputs = unpacked(snapshots.inputs)
    down = CODES[Missing.SOURCE_DOWN]
    assert set(inputs.columns["inventions"].reasons.tolist()) == {down}, "a count is not zero"
    assert set(inputs.columns["rd"].reasons.tolist()) == {down}
    assert set(inputs.columns["revenue"].reasons.tolist()) == {0}, "the other source of filings has answered"
    well, _ = await made(store, of, Ways(), accepted=accepted)
    assert well.content.sources_down == (), "what answers is not left out"


async def test_without_the_source_that_says_who_is_evaluated_nobody_is(store: AsyncEngine) -> None:
    down = Ways(down={"platform"})
    with pytest.raises(RunRefused, match="Who is evaluated is decided by evaluation_applications"):
        await made(store, records(), down, accepted=frozenset(("platform",)))


async def test_what_cannot_be_run_is_refused(store: AsyncEngine) -> None:
    of = records()
    with pytest.raises(RunRefused, match="no source 'taxes' to go without"):
        await made(store, of, accepted=frozenset(("taxes",)))
    with pytest.raises(RunRefused, match="No enterprise lives in 'nowhere'"):
        await made(store, of, zone="nowhere")
    with pytest.raises(RunRefused, match="for 2020: nobody in east-lake"):
        await made(store, of, moment=moment_of("2020", TODAY))
    with pytest.raises(RunRefused, match="does not give residence as a whole"):
        await made(store, of, Ways(by_keys={"roster"}))


async def test_who_came_later_was_not_there_on_the_day(store: AsyncEngine) -> None:
    of = records()
    first = evaluated(of)[0]
    late = {"since": "2023-01-01"}
    of["roster"] = [{**one, **late} if one["uscc"] == first else one for one in of["roster"]]
    _, snapshots = await made(store, of)
    assert unpacked(snapshots.inputs).enterprises.tolist() == evaluated(of)[1:]


@pytest.mark.parametrize(
    ("period", "day", "year"),
    [
        ("2022", date(2022, 12, 31), 2022),
        ("2023", TODAY, 2023),
        ("2023-02", date(2023, 2, 28), 2022),
        ("2023-Q1", date(2023, 3, 31), 2022),
    ],
)
def test_a_period_stands_for_a_day_and_a_year(period: str, day: date, year: int) -> None:
    found = moment_of(period, TODAY)
    assert (found.period, found.day, found.year) == (period, day, year)
    assert replace(moment_of(period, TODAY, date(2022, 2, 3), 2019)).year == 2019


@pytest.mark.parametrize("period", ["22", "2023-13", "2023-Q5", "0000", "2023-04-03", "x"])
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(RunRefused, match="period"):
        moment_of(period, TODAY)
    with pytest.raises(RunRefused, match="yet to come"):
        moment_of("2023", TODAY, date(2023, 7, 1))
