"""A small zone with sources of its own, as the tests of editions need it: real records in memory, read as from afar."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from codes import uscc
from connectors.config import parse
from connectors.contract import Connector, Fetch, Health, Rows, Scan, SourceDeclaration
from connectors.errors import SourceUnavailable
from connectors.memory import connect as memory
from connectors.sources import Sources
from resolvers.scores.orders import Order, moment_of
from scoring.loading import parse as parse_scheme
from scoring.scheme import Scheme

TODAY = date(2023, 6, 30)
ZONE = "east-lake"

SCHEME = """
id = "small-demo"
version = "1"
title = "A small scheme"
title_zh = "示例方案"
issuer = "innograph (demonstration)"
synthetic = true
points = 100
note = "DEMONSTRATION WITH INVENTED WEIGHTS."

[evaluated]
collection = "evaluation_applications"
period = "period"
valid = { withdrawn = "withdrawn_on" }

[inputs.revenue]
collection = "filings"
take = "amount"
field = "revenue"
year = 0

[inputs.rd]
collection = "filings"
take = "amount"
field = "rd_expense"
year = 0

[inputs.inventions]
collection = "patents"
take = "count"
where = { status = ["GRANTED"] }

[inputs.age]
collection = "registration"
take = "months"
field = "founded_on"

[stages]
unknown = "grown"

[stages.by.revenue]
name = "operating revenue"
unit = "万元"
measure = { kind = "amount", of = "revenue" }

[[stages.stage]]
id = "young"
name = "Young"
bounds.revenue = { below = 500 }

[[stages.stage]]
id = "grown"
name = "Grown"
otherwise = true

[[groups]]
id = "research"
name = "Research"
points = 60

[[groups]]
id = "results"
name = "Results"
points = 40

[[indicators]]
id = "rd_intensity"
group = "research"
name = "R&D expenses over revenue"
points = 60
unit = "%"
measure = { kind = "ratio", of = "rd", over = "revenue", zero = "missing", negative = "missing" }
linear = { none_at = 0, full_at = 20 }

[[indicators]]
id = "patents"
group = "results"
name = "Patents granted"
points = 30
unit = "件"
measure = { kind = "count", of = "inventions" }
percentile = { among = "stage" }

[[indicators]]
id = "age"
group = "results"
name = "Age"
points = 10
unit = "年"
measure = { kind = "years", of = "age" }
tiers = [{ at_least = 3, points = 10 }, { below = 3, points = 0 }]

[passing]
at_least = 50

[ranking]
ties = ["research"]

[[lists]]
id = "top"
name = "Top"
name_zh = "百强榜"
among = "all"
first = 5

[[lists]]
id = "front"
name = "Front-runners"
among = "stage"
up_to_percent = 20
"""

_GIVEN = {
    "roster": ("residence", "zone_id since"),
    "registry": ("registration", "founded_on"),
    "tax": ("filings", "year revenue"),
    "science": ("filings", "year rd_expense"),
    "office": ("patents", "number status"),
    "platform": ("evaluation_applications", "period withdrawn_on"),
}
Records = Mapping[str, Sequence[Mapping[str, Any]]]
"""By source."""


def scheme(text: str = SCHEME) -> Scheme:
    """Return a scheme of its text."""
    return parse_scheme(text, "small.toml")


def codes(size: int) -> list[str]:
    """Return valid credit codes, in order."""
    return sorted(uscc.compose("91", "420100", f"MA{n:06d}") for n in range(size))


def records(size: int = 30, seed: int = 1) -> dict[str, list[dict[str, Any]]]:
    """Return what the sources say of so many enterprises: some are of another zone, some have not applied."""
    random, everyone = Random(seed), codes(size)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in _GIVEN}
    for n, code in enumerate(everyone):
        found["roster"].append({"uscc": code, "zone_id": "longwan" if n % 10 == 9 else ZONE, "since": "2020-01-01"})
        found["registry"].append({"uscc": code, "founded_on": f"{random.randint(2010, 2022)}-05-01"})
        for year in (2021, 2022):
            revenue = random.choice((0, 3_000_000, 80_000_000)) + random.randint(0, 9999)
            found["tax"].append({"uscc": code, "year": year, "revenue": f"{revenue}.{random.randint(0, 99):02d}"})
            if n % 7:
                spent = str(revenue * random.randint(0, 30) // 100)
                found["science"].append({"uscc": code, "year": year, "rd_expense": spent})
        for number in range(random.randint(0, 4)):
            status = random.choice(("GRANTED", "PENDING"))
            found["office"].append({"uscc": code, "number": f"ZL{n}-{number}", "status": status})
        if n % 5:
            withdrawn = "2022-12-01" if n % 11 == 0 else None
            found["platform"].append({"uscc": code, "period": "2022", "withdrawn_on": withdrawn})
            found["platform"].append({"uscc": code, "period": "2021", "withdrawn_on": None})
    return found


def evaluated(of: Records) -> list[str]:
    """Return who is evaluated of what the sources say: those of the zone who have applied and not withdrawn."""
    here = {one["uscc"] for one in of["roster"] if one["zone_id"] == ZONE}
    applied = [one for one in of["platform"] if one["period"] == "2022" and one["withdrawn_on"] is None]
    return sorted(one["uscc"] for one in applied if one["uscc"] in here)


@dataclass
class Ways:
    """How the sources behave, and what has reached them."""

    down: set[str] = field(default_factory=set)
    by_keys: set[str] = field(default_factory=lambda: {"office"})
    """Sources that cannot scan."""
    positions: bool = True
    """Scans can go on where they broke off."""
    pages_before_failing: int | None = None
    page_size: int = 7
    seen: Counter[str] = field(default_factory=Counter)


class _Distant:
    """A memory source that counts, pages finely, and fails as it is told."""

    def __init__(self, inner: Connector, name: str, ways: Ways) -> None:
        self._inner, self._name, self._ways = inner, name, ways
        self.capabilities = replace(inner.capabilities, max_keys=3, scan=name not in ways.by_keys)

    async def fetch(self, ask: Fetch) -> Rows:
        self._reached(ask.collection)
        return await self._inner.fetch(ask)

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        finely = replace(ask, page_size=self._ways.page_size)
        async for rows in self._inner.scan(finely):
            self._reached(f"{ask.collection}*")
            yield rows if self._ways.positions else Rows(rows.groups)

    async def check(self) -> Health:
        return await self._inner.check()

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _reached(self, what: str) -> None:
        if self._name in self._ways.down:
            raise SourceUnavailable(self._name, "is closed")
        if self._ways.pages_before_failing is not None and self._ways.pages_before_failing <= self._ways.seen.total():
            raise SourceUnavailable(self._name, "has closed meanwhile")
        self._ways.seen[f"{self._name}.{what}"] += 1


def sources(of: Records, ways: Ways | None = None) -> Sources:
    """Return the sources of a zone, open."""
    behaviour = ways or Ways()

    def tested(declaration: SourceDeclaration) -> Connector:
        return _Distant(memory(declaration), declaration.name, behaviour)

    return Sources(parse(declared(of, "tested"), Path("sources.toml")), kinds={"tested": tested})


def declared(of: Records, kind: str = "memory") -> str:
    """Return the text of a sources.toml with these records."""
    return "".join(_table(kind, name, of[name]) for name in _GIVEN)


def order(**changed: Any) -> Order:
    """Return the order of the small zone's edition of 2022."""
    asked = {"zone": ZONE, "scheme": scheme(), "moment": moment_of("2022", TODAY), "by": "li", **changed}
    return Order(**asked)


def _table(kind: str, name: str, of: Sequence[Mapping[str, Any]]) -> str:
    collection, fields = _GIVEN[name]
    mapped = ", ".join(f'{one} = "{one}"' for one in fields.split())
    rows = ",\n".join(
        "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in row.items() if value is not None) + " }"
        for row in of
    )
    return (
        f'[sources.{name}]\nkind = "{kind}"\ntitle = "{name}"\nowner = "o"\nsharing = "UNCONDITIONAL"\n'
        f"synthetic = true\n[sources.{name}.collections.{collection}]\n"
        f'key = "uscc"\nfields = {{ {mapped} }}\nrecords = [{rows}]\n'
    )
