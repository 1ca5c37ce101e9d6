"""The directory: what is found, in which order, page by page; alike on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from store.directory import BadCursor, Directory, Entry, Filter, Held, Order, OrderField, Window
from store.engine import once, open_store
from store.filling import Filling
from store.pinyin import initials
from store.searching import folded
from store.tables import UNKNOWN_CAPITAL, enterprise
from store.upgrade import StoreBehind, check, upgrade

EVERY = Filter()
CHU = Entry(
    "91000000MA00000157",
    "武汉楚精灵医疗科技有限公司",
    zone_id="east-lake",
    district_code="420111",
    industry_code="I6513",
    status="ACTIVE",
    founded_on=date(2018, 3, 5),
    registered_capital=5_000_000,
    qualifications=(Held("HIGH_TECH", date(2020, 1, 1), date(2022, 12, 31)),),
)
ZHONG = Entry(
    "91000000MA00000236",
    "江西众加利高科技股份有限公司",
    ("南昌众加利称重设备有限公司",),
    "nanchang-high-tech",
    "360106",
    "C4014",
    "ACTIVE",
    founded_on=date(2002, 1, 1),
    registered_capital=60_000_000,
)
BANK = Entry("91000000MA00000315", "重庆长沙银行(分行)ABC", status="DEREGISTERED", synthetic=True)
NAMELESS = Entry("91000000MA00000491", None)
EVERYONE = [CHU, ZHONG, BANK, NAMELESS]


async def filled(engine: AsyncEngine, entries: Iterable[Entry]) -> Directory:
    filling = Filling(engine)
    run = await filling.begin()
    await filling.put(run, list(entries), None)
    await filling.finish(run)
    return Directory(engine)


async def codes(
    directory: Directory, search: str | None = None, wanted: Filter = EVERY, order: Order | None = None
) -> list[str]:
    chosen = order or Order(OrderField.RELEVANCE)
    page = await directory.page(search, wanted, chosen, Window(first=100))
    assert len(page.codes) == await directory.count(search, wanted)
    return [*page.codes]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("楚精灵", [CHU]),
        ("精灵", [CHU]),
        ("楚", [CHU]),
        ("武汉楚精灵医疗科技有限公司", [CHU]),
        ("众加利", [ZHONG]),
        ("称重", [ZHONG]),
        ("有限公司", [CHU, ZHONG]),
        ("whcjl", [CHU]),
        ("CJL", [CHU]),
        ("cqcsyh", [BANK]),
        ("abc", [BANK]),
        ("ＡＢＣ", [BANK]),
        ("银行（分行）abc", [BANK]),
        ("91000000MA00000157", [CHU]),
        ("9100 0000 ma00", [CHU, ZHONG, BANK, NAMELESS]),
        ("司南", []),
        ("灵楚", []),
        ('"', []),
        ("%", []),
        ("_", []),
        ("楚*", [CHU]),
        ("NEAR(楚 精)", []),
        ("name:楚", []),
        ("😀", []),
        ("楚" * 500, []),
        ("   ", EVERYONE),
        (None, EVERYONE),
    ],
)
async def test_search(engine: AsyncEngine, search: str | None, found: list[Entry]) -> None:
    directory = await filled(engine, EVERYONE)
    assert sorted(await codes(directory, search)) == sorted(entry.uscc for entry in found)


async def test_relevance_puts_the_whole_name_first(engine: AsyncEngine) -> None:
    names = ["甲乙", "甲乙丙", "丙甲乙", "丁"]
    entries = [Entry(f"91000000MA0000{n}", name) for n, name in enumerate(names)]
    entries[3] = replace(entries[3], former_names=("甲乙",))
    directory = await filled(engine, reversed(entries))
    assert await codes(directory, "甲乙") == [entry.uscc for entry in entries]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(zone_ids=("east-lake",)), [CHU]),
        (Filter(zone_ids=()), []),
        (Filter(district_prefix="4201"), [CHU]),
        (Filter(district_prefix="42_"), []),
        (Filter(industry_prefix="C40"), [ZHONG]),
        (Filter(industry_prefix="40"), [ZHONG]),
        (Filter(industry_prefix="i"), [CHU]),
        (Filter(statuses=("ACTIVE",)), [CHU, ZHONG]),
        (Filter(qualifications=("HIGH_TECH",), valid_on=date(2022, 12, 31)), [CHU]),
        (Filter(qualifications=("HIGH_TECH",), valid_on=date(2023, 1, 1)), []),
        (Filter(qualifications=("HIGH_TECH", "GAZELLE"), valid_on=date(2021, 1, 1)), []),
        (Filter(founded_to=date(2017, 1, 1)), [ZHONG]),
        (Filter(founded_from=date(2017, 1, 1)), [CHU]),
        (Filter(capital_max=5_000_000), [CHU]),
        (Filter(capital_min=5_000_001), [ZHONG]),
        (Filter(capital_min=0), [CHU, ZHONG]),
        (Filter(synthetic=True), [BANK]),
        (Filter(synthetic=False, statuses=("ACTIVE",), district_prefix="36"), [ZHONG]),
    ],
)
async def test_filter(engine: AsyncEngine, wanted: Filter, found: list[Entry]) -> None:
    directory = await filled(engine, EVERYONE)
    assert sorted(await codes(directory, None, wanted)) == sorted(entry.uscc for entry in found)


ENTRIES = st.lists(
    st.builds(
        Entry,
        uscc=st.integers(0, 99).map(lambda n: f"91000000MA0000{n:04}"),
        name=st.none() | st.text("甲乙丙ab ", max_size=3),
        former_names=st.lists(st.text("甲乙b", min_size=1, max_size=3), max_size=2).map(tuple),
        founded_on=st.none() | st.dates(date(2000, 1, 1), date(2000, 1, 3)),
        registered_capital=st.none() | st.integers(0, 2),
    ),
    max_size=12,
    unique_by=lambda entry: entry.uscc,
)
ORDERS = st.builds(Order, st.sampled_from(OrderField), st.booleans())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=ENTRIES, order=ORDERS, search=st.none() | st.text("甲乙b", max_size=2), size=st.integers(1, 5))
def test_pages_lose_and_repeat_nothing(
    tmp_path: Path, entries: list[Entry], order: Order, search: str | None, size: int
) -> None:
    async def walk() -> None:
        engine = open_store(f"sqlite+aiosqlite:///{tmp_path / 'store.sqlite'}")
        await upgrade(engine)
        directory = await filled(engine, entries)
        whole = await codes(directory, search, Filter(), order)
        plain = folded(search or "")
        assert set(whole) == {entry.uscc for entry in entries if _matches(plain, entry)}
        forward = [code async for code in _pages(directory, search, order, size, backward=False)]
        backward = [code async for code in _pages(directory, search, order, size, backward=True)]
        assert forward == whole
        assert backward == whole[::-1]
        await engine.dispose()

    asyncio.run(walk())


def _matches(plain: str, entry: Entry) -> bool:
    names = [folded(name) for name in (entry.name or "", *entry.former_names)]
    return any(plain in name for name in names) or (plain.isascii() and plain in initials(entry.name or ""))


async def _pages(directory: Directory, search: str | None, order: Order, size: int, *, backward: bool):  # type: ignore[no-untyped-def]  # an async generator of codes
    cursor: str | None = None
    while True:
        window = Window(last=size, before=cursor) if backward else Window(first=size, after=cursor)
        page = await directory.page(search, Filter(), order, window)
        for code in page.codes[::-1] if backward else page.codes:
            yield code
        if not (page.has_previous_page if backward else page.has_next_page):
            return
        cursor = page.cursors[0 if backward else -1]


async def test_both_databases_agree(tmp_path: Path, engine: AsyncEngine) -> None:
    other = open_store(f"sqlite+aiosqlite:///{tmp_path / 'other.sqlite'}")
    await upgrade(other)
    names = ["甲 乙", "乙甲", "Ｂ甲", "b乙", "~", "Ä甲", "𠮷野家", "z", "Z", ""]
    entries = [Entry(f"91000000MA0000{n:04}", name, (names[n - 1],)) for n, name in enumerate(names)]
    here, there = await filled(engine, entries), await filled(other, entries)
    for search in ("甲", "b", "B甲", "𠮷", "𠮷野", "ä", "z", None):
        for order in (Order(f, d) for f in OrderField for d in (False, True)):
            assert await codes(here, search, Filter(), order) == await codes(there, search, Filter(), order)
    await other.dispose()


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "W10", "bnVsbA", "eyJhIjoxfQ"])
async def test_damaged_cursors_are_refused(engine: AsyncEngine, cursor: str) -> None:
    directory = await filled(engine, EVERYONE)
    if cursor:
        with pytest.raises(BadCursor, match="cursor"):
            await directory.page(None, Filter(), Order(), Window(first=1, after=cursor))


async def test_a_cursor_of_another_list_is_refused(engine: AsyncEngine) -> None:
    directory = await filled(engine, EVERYONE)
    page = await directory.page(None, Filter(), Order(), Window(first=1))
    with pytest.raises(BadCursor, match="another list"):
        await directory.page(None, Filter(synthetic=True), Order(), Window(first=1, after=page.cursors[0]))


async def test_filling_again_changes_nothing_and_a_finished_run_removes_what_is_gone(engine: AsyncEngine) -> None:
    await filled(engine, EVERYONE)
    directory = await filled(engine, [CHU, replace(ZHONG, name="江西新名有限公司"), CHU])
    assert await codes(directory) == [CHU.uscc, ZHONG.uscc]
    assert await codes(directory, "新名") == [ZHONG.uscc]
    assert await codes(directory, "江西众加利") == []
    assert await codes(directory, "银行") == []


async def test_a_run_that_broke_off_goes_on(engine: AsyncEngine) -> None:
    filling = Filling(engine)
    run = await filling.begin()
    await filling.put(run, [CHU], "page 1")
    again = await filling.begin()
    assert (again.id, again.position, again.count) == (run.id, "page 1", 1)
    await filling.put(again, [ZHONG], "page 2")
    assert await filling.finish(again) == 0
    assert await filling.size() == 2


async def test_upgrade_by_several_at_once_and_check(engine: AsyncEngine, tmp_path: Path) -> None:
    fresh = f"sqlite+aiosqlite:///{tmp_path / 'fresh.sqlite'}"
    stores = [open_store(fresh) for _ in range(4)]
    with pytest.raises(StoreBehind, match=r"manage\.py store upgrade"):
        await check(stores[0])
    await asyncio.gather(*map(upgrade, stores))
    for store in stores:
        await check(store)
        await store.dispose()
    await asyncio.gather(*(upgrade(engine) for _ in range(4)))
    await check(engine)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_page_by_name_needs_no_sorting(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        plan = await connection.execute(
            text("EXPLAIN QUERY PLAN SELECT name, uscc FROM directory_enterprise ORDER BY name, uscc LIMIT 50")
        )
        details = " ".join(row.detail for row in plan)
    assert "COVERING INDEX directory_by_name" in details
    assert "TEMP B-TREE" not in details


async def test_records_that_a_database_would_refuse_cost_only_what_is_wrong_with_them(engine: AsyncEngine) -> None:
    odd = Entry(CHU.uscc, "甲\0乙\n丙" + "长" * 600, ("旧\0名",), registered_capital=10**30, industry_code="3921")
    directory = await filled(engine, [odd, ZHONG])
    assert await codes(directory, "甲乙") == [CHU.uscc]
    c = enterprise.c
    async with engine.connect() as connection:
        wanted = select(c.name, c.former_names, c.registered_capital).where(c.uscc == CHU.uscc)
        name, former, capital = (await connection.execute(wanted)).one()
    assert name.startswith("甲乙 丙长")
    assert len(name) == 500
    assert (former, capital) == ("旧名", UNKNOWN_CAPITAL)


@pytest.mark.parametrize(
    ("prefix", "found"), [("C39", [BANK]), ("39", [BANK]), ("C40", [ZHONG]), ("40", [ZHONG]), ("C", [ZHONG])]
)
async def test_an_industry_is_found_with_its_sections_letter_or_without(
    engine: AsyncEngine, prefix: str, found: list[Entry]
) -> None:
    directory = await filled(engine, [replace(BANK, industry_code="3921"), ZHONG])
    assert await codes(directory, wanted=Filter(industry_prefix=prefix)) == [entry.uscc for entry in found]


async def test_what_a_zones_enterprises_hold_is_told_by_kind(engine: AsyncEngine) -> None:
    little_giant = Held("LITTLE_GIANT", date(2023, 1, 1), None)
    other = replace(ZHONG, qualifications=(little_giant, Held("GAZELLE", date(2022, 1, 1), None)))
    directory = await filled(engine, [CHU, other, BANK])
    kinds = ["HIGH_TECH", "LITTLE_GIANT"]
    assert await directory.qualified("east-lake", kinds) == [
        (CHU.uscc, "HIGH_TECH", date(2020, 1, 1), date(2022, 12, 31))
    ]
    assert await directory.qualified("nanchang-high-tech", kinds) == [
        (ZHONG.uscc, "LITTLE_GIANT", date(2023, 1, 1), None)
    ]
    assert await directory.qualified("nowhere", kinds) == []


async def test_an_error_of_the_store_does_not_say_what_was_asked_about(tmp_path: Path) -> None:
    async def look(engine: AsyncEngine) -> None:
        await Directory(engine).within(["91000000MAX000015T"], ["east-lake"])

    with pytest.raises(OperationalError, match="no such table") as refused:
        await once(f"sqlite+aiosqlite:///{tmp_path}/empty.sqlite", look)
    assert "91000000MAX000015T" not in str(refused.value)
