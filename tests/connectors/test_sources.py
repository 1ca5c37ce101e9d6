"""The hub's side of a source: one fetch a request, joined parts, noticed violations, reasons for what is missing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codes import uscc
from connectors.config import parse
from connectors.contract import Connector, Fetch, Health, Row, Rows, Scan, SourceDeclaration
from connectors.errors import SourceError, SourceFailure, SourceTimeout, SourceUnavailable
from connectors.mapping import unpublished
from connectors.memory import connect as memory
from connectors.outcomes import Absent, Incomplete
from connectors.session import Session
from connectors.sources import Sources

A, B, C = (uscc.compose("91", "000000", f"TEST000{n}".replace("S", "Q")) for n in (1, 2, 3))
NAME = frozenset(("name",))


def one(records: Sequence[Mapping[str, Any]], *, more: str = "", extra: str = "", key: str = "uscc") -> str:
    listed = ", ".join("{ " + ", ".join(f"{k} = {v!r}" for k, v in record.items()) + " }" for record in records)
    return f"""
[sources.a]
kind = "tested"
title = "A"
owner = "o"
sharing = "UNCONDITIONAL"
timeout = 0.2
{more}
[sources.a.collections.registration]
key = {key if key.startswith("{") else repr(key)}
records = [{listed}]
fields = {{ name = "name", address = "address"{extra} }}
"""


class Misbehaving:
    """A memory source that counts, and misbehaves as it is told."""

    def __init__(self, inner: Connector, calls: Counter[str], fault: str) -> None:
        self._inner, self._calls, self._fault = inner, calls, fault
        self.capabilities = replace(inner.capabilities, max_keys=2)

    async def fetch(self, ask: Fetch) -> Rows:
        self._calls[ask.collection] += 1
        await asyncio.sleep(0)
        rows = await self._inner.fetch(ask)
        groups: list[Sequence[Row]] = list(rows.groups)
        match self._fault:
            case "short":
                groups = groups[:-1]
            case "long":
                groups.append([])
            case "swapped":
                groups = groups[::-1]
            case "narrow":
                groups = [[row[:-1] for row in group] for group in groups]
            case "other keys":
                groups = [[(C, *row[1:]) for row in group] for group in groups]
            case "raises":
                raise RuntimeError("secret detail")
            case "unavailable":
                raise SourceUnavailable("a", "is closed")
            case "slow":
                await asyncio.sleep(5)
            case "stubborn":
                while True:
                    try:
                        await asyncio.sleep(5)
                    except asyncio.CancelledError:
                        await asyncio.sleep(0.3)
                        raise
        return Rows(groups, rows.failures)

    def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        return self._inner.scan(ask)

    async def check(self) -> Health:
        return await self._inner.check()

    async def aclose(self) -> None:
        await self._inner.aclose()


def sources(text: str, calls: Counter[str] | None = None, fault: str = "") -> Sources:
    counted: Counter[str] = Counter() if calls is None else calls

    def tested(declaration: SourceDeclaration) -> Connector:
        return Misbehaving(memory(declaration), counted, fault if declaration.name == "a" else "")

    return Sources(parse(text, Path("sources.toml")), kinds={"tested": tested})


async def fetched(opened: Sources, session: Session, keys: Sequence[str], fields: frozenset[str]) -> list[Any]:
    """Outcomes, whose records have the attributes that were asked for."""
    return await opened.fetch(session, "registration", keys, fields)


TWO = [{"uscc": A, "name": "甲", "address": "x"}, {"uscc": B, "name": "乙", "address": "y"}]


@pytest.mark.parametrize("fault", ["short", "long", "swapped", "narrow", "other keys"])
async def test_a_connector_that_breaks_its_promise_is_noticed(fault: str) -> None:
    found = await fetched(sources(one(TWO), fault=fault), Session.lasting(1), [A, B], NAME)
    assert all(isinstance(outcome, SourceError) for outcome in found)


async def test_an_unexpected_exception_is_masked() -> None:
    (found,) = await fetched(sources(one(TWO), fault="raises"), Session.lasting(1), [A], NAME)
    assert isinstance(found, SourceError)
    assert "secret" not in str(found)


@pytest.mark.parametrize("fault", ["slow", "stubborn"])
async def test_the_deadline_holds_whatever_a_connector_does(fault: str) -> None:
    opened = sources(one(TWO), fault=fault)
    async with asyncio.timeout(0.45):
        (found,) = await fetched(opened, Session.lasting(1), [A], NAME)
    assert isinstance(found, SourceTimeout)
    await opened.aclose()


async def test_a_requests_own_deadline_is_shorter_than_a_patient_sources() -> None:
    opened = sources(one(TWO).replace("timeout = 0.2", "timeout = 60"), fault="slow")
    (found,) = await fetched(opened, Session.lasting(0.05), [A], NAME)
    assert isinstance(found, SourceTimeout)


async def test_a_key_is_fetched_once_a_request_even_by_readers_at_the_same_time() -> None:
    calls: Counter[str] = Counter()
    opened, session = sources(one(TWO), calls), Session.lasting(1)
    found = await asyncio.gather(*(fetched(opened, session, keys, NAME) for keys in ([A], [A, B], [B, A, A], [A])))
    assert [[record.name for record in outcomes] for outcomes in found] == [
        ["甲"],
        ["甲", "乙"],
        ["乙", "甲", "甲"],
        ["甲"],
    ]
    assert calls["registration"] == 2, "one for A, one for B which the second reader alone still needs"
    assert session.usage["a"].keys == 2


async def test_a_reader_who_is_cancelled_leaves_the_others_their_answer() -> None:
    opened, session = sources(one(TWO)), Session.lasting(1)
    first = asyncio.create_task(fetched(opened, session, [A], NAME))
    second = asyncio.create_task(fetched(opened, session, [A], NAME))
    await asyncio.sleep(0)
    first.cancel()
    assert [record.name for record in await second] == ["甲"]
    assert [record.name for record in await fetched(opened, session, [A], NAME)] == ["甲"]


async def test_more_keys_than_a_fetch_may_have_are_split() -> None:
    calls: Counter[str] = Counter()
    keys = [A, B, C]
    found = await fetched(sources(one(TWO), calls), Session.lasting(1), keys, NAME)
    assert [o if isinstance(o, Absent) else o.name for o in found] == ["甲", "乙", Absent.NOT_FOUND]
    assert calls["registration"] == 2


@pytest.mark.parametrize(
    ("records", "outcome"),
    [
        ([*TWO, dict(TWO[0])], "甲"),
        ([*TWO, {**TWO[0], "name": "other"}], SourceError),
        ([{"uscc": A.lower(), "name": "甲"}], "甲"),
        ([], Absent.NOT_FOUND),
    ],
    ids=["identical twice", "contradicting", "lower case", "unknown"],
)
async def test_dirty_keys_and_doubles(records: list[dict[str, Any]], outcome: Any) -> None:
    opened = sources(one(records, key='{ column = "uscc", case = "any" }'))
    (found,) = await fetched(opened, Session.lasting(1), [A], NAME)
    if isinstance(outcome, type):
        assert isinstance(found, outcome)
    else:
        assert (found if isinstance(found, Absent) else found.name) == outcome


JOINED = (
    one([{"uscc": A, "name": "甲 from a"}, {"uscc": B, "name": ""}])
    + """
[sources.b]
kind = "tested"
title = "B"
owner = "o"
sharing = "UNCONDITIONAL"
[sources.b.collections.registration]
records = [{ uscc = "$A", name = "甲 from b", status = "开业" }, { uscc = "$B", name = "乙 from b", status = "注销" }]
fields = ["name", "status"]
[collections.registration]
precedence = ["a", "b"]
""".replace("$A", A).replace("$B", B)
)
BOTH = frozenset(("name", "status", "source"))


async def test_the_first_source_that_has_a_value_wins_the_field() -> None:
    found = await fetched(sources(JOINED), Session.lasting(1), [A, B, C], BOTH)
    assert (found[0].name, found[0].status.value, found[0].source) == ("甲 from a", "ACTIVE", "a")
    assert (found[1].name, found[1].status.value) == ("乙 from b", "DEREGISTERED")
    assert found[2] is Absent.NOT_FOUND


async def test_a_value_that_is_left_empty_stays_so_where_others_do_not_know_the_record() -> None:
    records = f'[{{ uscc = "{A}", kind = "GAZELLE", certificate_number = "1", withdrawn_on = "" }}]'
    titles = "\n".join(
        f"""[sources.{name}]
kind = "tested"
title = "t"
owner = "o"
sharing = "UNCONDITIONAL"
[sources.{name}.collections.qualifications]
records = {found}
fields = ["kind", "certificate_number", "withdrawn_on"]"""
        for name, found in (("a", "[]"), ("b", records))
    )
    declared = titles + '\n[collections.qualifications]\nprecedence = ["a", "b"]'
    wanted = frozenset(("kind", "withdrawn_on"))
    (found,) = await sources(declared).fetch(Session.lasting(1), "qualifications", [A], wanted)
    assert isinstance(found, tuple)
    assert [(title.kind.value, title.withdrawn_on) for title in found] == [("GAZELLE", None)]


def flags(name: str, *codes: str) -> str:
    """A source of risk flags, one for each code."""
    records = ", ".join(f'{{ uscc = "{code}", number = "{name}-{code}", kind = "TAX_ARREARS" }}' for code in codes)
    return f"""
[sources.{name}]
kind = "tested"
title = "t"
owner = "o"
sharing = "UNCONDITIONAL"
[sources.{name}.collections.risk_flags]
records = [{records}]
fields = ["number", "kind"]
"""


A_FIRST = '[collections.risk_flags]\nprecedence = ["a", "b"]\n'


async def test_a_list_of_which_a_source_is_silent_is_not_taken_for_whole() -> None:
    opened = sources(flags("a", A, B) + flags("b", A) + A_FIRST, fault="unavailable")
    some, none = await opened.fetch(Session.lasting(1), "risk_flags", [A, B], frozenset(("number",)))
    assert isinstance(some, Incomplete)
    assert ([one.number for one in some], some.missing) == ([f"b-{A}"], ("a",))
    assert isinstance(none, SourceFailure), "that b has none does not say that there is none"


async def test_a_list_to_which_a_source_may_not_give_its_part_says_so() -> None:
    opened = sources(flags("a", A, B).replace("UNCONDITIONAL", "NEVER") + flags("b", A) + A_FIRST)
    some, none = await opened.fetch(Session.lasting(1), "risk_flags", [A, B], frozenset(("number",)))
    assert isinstance(some, Incomplete)
    assert some.missing == ("a",)
    assert none is Absent.NOT_SHARED


async def test_a_list_that_every_source_has_answered_is_whole() -> None:
    opened = sources(flags("a", A) + flags("b", B) + A_FIRST)
    found = await opened.fetch(Session.lasting(1), "risk_flags", [A, B, C], frozenset(("number",)))
    assert [type(one) for one in found[:2]] == [tuple, tuple]
    assert found[2] == ()


async def test_a_source_that_fails_costs_only_the_fields_that_it_alone_gives() -> None:
    found = await fetched(
        sources(JOINED, fault="unavailable"), Session.lasting(1), [A], frozenset(("name", "status", "address"))
    )
    assert (found[0].name, found[0].status.value) == ("甲 from b", "ACTIVE")
    assert isinstance(found[0].address, SourceFailure)


async def test_a_source_whose_fields_are_not_wanted_is_left_alone() -> None:
    calls: Counter[str] = Counter()
    session = Session.lasting(1)
    await fetched(sources(JOINED, calls), session, [A], frozenset(("status",)))
    assert set(session.usage) == {"b"}


async def test_a_source_that_shares_with_nobody_is_never_fetched() -> None:
    calls: Counter[str] = Counter()
    opened = sources(one(TWO).replace("UNCONDITIONAL", "NEVER"), calls)
    assert await fetched(opened, Session.lasting(1), [A], NAME) == [Absent.NOT_SHARED]
    assert calls == {}


async def test_such_a_source_gives_no_list_no_scan_and_lends_no_keys() -> None:
    calls: Counter[str] = Counter()
    text = one(TWO).replace("UNCONDITIONAL", "NEVER") + one(TWO).replace("sources.a", "sources.b").replace(
        "collections.registration", "collections.identifiers"
    ).replace('fields = { name = "name", address = "address" }', 'fields = { taxpayer_number = "name" }').replace(
        "UNCONDITIONAL", "NEVER"
    )
    text += """
[sources.c]
kind = "tested"
title = "C"
owner = "o"
sharing = "UNCONDITIONAL"
[sources.c.collections.workforce]
key = { column = "n", through = "identifiers.taxpayer_number" }
records = [{ n = "one", headcount = 5 }]
fields = ["headcount"]
"""
    opened = sources(text, calls)
    session = Session.lasting(1)
    assert await opened.fetch(session, "workforce", [A], frozenset(("headcount",))) == [Absent.NOT_SHARED]
    whole = await opened.whole(session, "registration", NAME)
    assert (whole.records, whole.failures, whole.absent) == ((), (), Absent.NOT_SHARED)
    assert [page async for page in opened.scan("registration", "a", NAME)] == []
    assert calls == {}


async def test_what_a_record_does_not_publish_is_given_under_another_name_only() -> None:
    records = [{**TWO[0], "cap": "3", "open": "0"}, {**TWO[1], "cap": "4", "open": "1"}]
    flagged = ', registered_capital = { column = "cap", unit = "元", public_if = { column = "open", equals = "1" } }'
    for cached in ("cache = 60", "cache = 0"):
        text = one(records, extra=flagged).replace("records = [", f"{cached}\nrecords = [")
        opened = sources(text)
        whole = unpublished("registered_capital")
        for fields in (("registered_capital",), (whole,), ("registered_capital",)):
            found = await fetched(opened, Session.lasting(1), [A, B], frozenset(fields))
            shown = [getattr(record, fields[0]) for record in found]
            assert shown == [Decimal(3) if fields == (whole,) else Absent.NOT_SHARED, Decimal(4)]
            assert [record.__struct_fields__ for record in found] == [fields, fields]


async def test_a_collection_that_no_source_feeds() -> None:
    opened = sources(one(TWO))
    assert await opened.fetch(Session.lasting(1), "workforce", [A], frozenset(("headcount",))) == [Absent.NOT_DELIVERED]


async def test_what_cannot_be_read_costs_neither_its_row_nor_its_neighbours() -> None:
    records = [{**TWO[0], "cap": "约三千万"}, {**TWO[1], "cap": "3"}]
    opened = sources(one(records, extra=', registered_capital = { column = "cap", unit = "万元" }'))
    wanted = frozenset(("name", "registered_capital"))
    found = await fetched(opened, Session.lasting(1), [A, B], wanted)
    assert [record.name for record in found] == ["甲", "乙"]
    assert found[0].registered_capital is Absent.UNREADABLE
    assert str(found[1].registered_capital) == "30000.00"
    assert opened.sources["a"].unreadable == 1


async def test_a_scan_leaves_out_and_counts_records_whose_key_cannot_be_read() -> None:
    records = [*TWO, {"uscc": "913302******307724", "name": "masked"}, {"uscc": "", "name": "none"}]
    opened = sources(one(records))
    keys = [key async for page in opened.scan("registration", "a", NAME) for key in page.keys]
    assert keys == [A, B]
    assert opened.sources["a"].state.unmatched == 2
