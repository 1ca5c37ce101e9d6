"""Several sources of one collection: which goes first, in all fields and in single ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.config import parse
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
