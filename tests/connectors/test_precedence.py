"""Several sources of one collection: which goes first, in all fields, in single ones, and by zone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.assurance import unknown_zones
from connectors.config import parse
from connectors.contract import Fetch, Rows, SourceDeclaration
from connectors.errors import SourcesMisconfigured
from connectors.memory import MemoryConnector
from connectors.session import Session
from connectors.sources import Sources
from tests.world import CHUJINGLING as A

ONE = f"""
[sources.NAME]
kind = "memory"
title = "NAME"
owner = "o"
sharing = "UNCONDITIONAL"
[sources.NAME.collections.registration]
fields = ["name", "address"]
records = [{{ uscc = "{A}", name = "name of NAME", ADDRESS }}]
"""
FIRST = ONE.replace("NAME", "first").replace("ADDRESS", 'address = "address of first"')
OTHER = ONE.replace("NAME", "other").replace("ADDRESS", 'address = ""')


@pytest.mark.parametrize(
    ("order", "name", "address"),
    [
        ('precedence = ["first", "other"]', "name of first", "address of first"),
        ('precedence = ["other", "first"]', "name of other", "address of first"),
        ('precedence = ["first", "other"]\nfields = { name = ["other"] }', "name of other", "address of first"),
        ('fields = { name = ["other", "first"], address = ["other", "first"] }', "name of other", "address of first"),
    ],
)
async def test_the_first_that_has_a_value_wins_each_field(order: str, name: str, address: str) -> None:
    sources = Sources(parse(f"{FIRST}{OTHER}[collections.registration]\n{order}", Path("sources.toml")))
    told: list[Any] = await sources.fetch(Session.lasting(5), "registration", [A], frozenset(("name", "address")))
    assert (told[0].name, told[0].address) == (name, address)
    await sources.aclose()


AT = """
[sources.zone_office]
kind = "memory"
title = "z"
owner = "o"
sharing = "UNCONDITIONAL"
[sources.zone_office.collections.residence]
fields = ["zone_id"]
records = RECORDS
"""
ZONES = {f"code {number}": ("west", "east", "elsewhere")[number % 3] for number in range(100)}


class _Counting(MemoryConnector):
    """Records in a dict, fetched as from afar: what is asked of it is counted."""

    asked: ClassVar[Counter[str]] = Counter()

    def held(self, _collection: str) -> None:
        """Have nothing at hand."""

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the records of the keys."""
        self.asked[ask.collection] += 1
        return await super().fetch(ask)


def _counting(declaration: SourceDeclaration) -> MemoryConnector:
    found = {c.name: (c, c.options["records"]) for c in declaration.collections.values()}
    return _Counting(declaration.name, found)


def _feed(name: str, revenue: int) -> str:
    records = ", ".join(f'{{ uscc = "{code}", year = 2025, revenue = "{revenue}" }}' for code in ZONES)
    about = f'kind = "memory"\ntitle = "{name}"\nowner = "o"\nsharing = "UNCONDITIONAL"\n'
    collection = f'[sources.{name}.collections.filings]\nfields = ["year", "revenue"]\nrecords = [{records}]\n'
    return f"[sources.{name}]\n{about}{collection}"


def _zoned(zones: str, sharing: str = "UNCONDITIONAL", residence: str = AT) -> str:
    residences = ", ".join(f'{{ uscc = "{code}", zone_id = "{zone}" }}' for code, zone in ZONES.items())
    office = residence.replace("RECORDS", f"[{residences}]").replace("UNCONDITIONAL", sharing)
    feeds = _feed("nation", 100) + _feed("western", 200) + _feed("eastern", 102)
    order = f'[collections.filings]\nprecedence = ["nation", "western", "eastern"]\nzones = {{ {zones} }}\n'
    return feeds + office + order


async def test_the_zone_of_an_enterprise_says_whose_word_goes_first() -> None:
    _Counting.asked.clear()
    told = _zoned('west = ["western"], east = ["eastern", "western"]')
    sources = Sources(parse(told, Path("sources.toml")), kinds={"memory": _counting})
    found: list[Any] = await sources.fetch(Session.lasting(5), "filings", list(ZONES), frozenset(("revenue",)))
    said = {"west": 200, "east": 102, "elsewhere": 100}
    assert [one[0].revenue for one in found] == [said[zone] for zone in ZONES.values()]
    assert _Counting.asked == {"filings": 3, "residence": 1}  # one for each source, for all zones
    pairs = {(believed, other): pair for (_, _, believed, other), pair in sources.disagreements.pairs.items()}
    assert (pairs["western", "nation"].differing, pairs["western", "nation"].largest) == (34, 0.5)
    assert (pairs["eastern", "nation"].values, pairs["eastern", "nation"].differing) == (33, 0)  # 2 % is the same
    await sources.aclose()


async def test_a_zone_that_nobody_knows_is_found_out_once_all_zones_are_told() -> None:
    every = AT.replace("zone_office", "zones").replace("residence", "zones").replace('"zone_id"', "")
    every = every.replace("RECORDS", '[{ id = "west" }]')
    sources = Sources(parse(_zoned('west = ["western"], wset = ["eastern"]') + every, Path("sources.toml")))
    assert await unknown_zones(sources) == ["wset"]
    await sources.aclose()


async def test_a_zone_that_is_not_told_leaves_the_general_precedence() -> None:
    told = _zoned('west = ["western"]', sharing="NEVER")
    sources = Sources(parse(told, Path("sources.toml")))
    found: list[Any] = await sources.fetch(Session.lasting(5), "filings", ["code 0"], frozenset(("revenue",)))
    assert found[0][0].revenue == 100
    await sources.aclose()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (_zoned('west = ["nobody"]'), r"filings\.zones\.west: 'nobody' does not feed it"),
        (_zoned('west = ["western"]', residence=""), "no source gives 'residence'"),
        (
            _zoned("") + '[collections.residence]\nzones = { west = ["zone_office"] }',
            "'residence' is the same in all zones",
        ),
        (_zoned("") + '[collections.zones]\nzones = { west = ["nation"] }', "'zones' holds no facts of enterprises"),
    ],
)
def test_a_precedence_by_zone_that_cannot_be_is_refused(text: str, words: str) -> None:
    with pytest.raises(SourcesMisconfigured, match=words):
        parse(text, Path("sources.toml"))
