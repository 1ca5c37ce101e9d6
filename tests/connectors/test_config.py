"""`sources.toml`: what is wrong is named, with its place and what to do."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from connectors.config import load, parse, secrets
from connectors.errors import SourcesMisconfigured
from connectors.sources import Sources
from tests.world import DEMO_SOURCES

SOURCE = """
[sources.a]
kind = "memory"
title = "A"
owner = "o"
sharing = "UNCONDITIONAL"
[sources.a.collections.registration]
records = []
fields = { name = "n", registered_capital = { column = "c", unit = "万元" } }
"""
SECOND = SOURCE.replace("sources.a", "sources.b")
PATH = Path("sources.toml")


def test_the_demo_file_is_right() -> None:
    config = load(DEMO_SOURCES)
    fed = {collection for source in config.sources.values() for collection in source.collections}
    assert "identifiers" in fed


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("sources = [", "sources.toml", "is not TOML"),
        (SOURCE.replace('owner = "o"\n', ""), "sources.a.owner", "required"),
        (SOURCE.replace("UNCONDITIONAL", "perhaps"), "sources.a.sharing", "See docs/sources.md"),
        (SOURCE.replace('kind = "memory"', 'kind = "memory"\ncadence = "daily"'), "sources.a.cadence", "pattern"),
        (SOURCE.replace('kind = "memory"', 'kind = "memory"\ntimeout = 0'), "sources.a.timeout", "greater than 0"),
        (
            SOURCE.replace('kind = "memory"', 'kind = "soap"'),
            "sources.a.kind",
            "Installed are: files, memory, ndc,",
        ),
        (SOURCE.replace('kind = "memory"', 'kind = "memory"\nurl = "x"'), "sources.a.url", "unknown option"),
        (SOURCE.replace("registration", "registrations"), "registrations", "Did you mean 'registration'?"),
        (SOURCE.replace("name =", "nmae ="), "fields.nmae", "Did you mean 'name'?"),
        (SOURCE.replace("name =", "name = { colum = "), "sources.toml", "TOML"),
        (SOURCE.replace('{ column = "c",', '{ colum = "c",'), "registered_capital.colum", "extra"),
        (SOURCE.replace('unit = "万元"', 'unit = "USD"'), "unit", "Units are 元, 万元, 亿元"),
        (SOURCE.replace('name = "n"', 'name = { unit = "万元" }'), "fields.name", "no amount of money"),
        (SOURCE.replace("records = []", "records = []\nkye = 1"), "registration.kye", "unknown option"),
        (SOURCE.replace("records = []", ""), "registration.records", "is missing"),
        (SOURCE + SECOND, "collections.registration", "precedence = ['a', 'b']"),
        (SOURCE + '[collections.registration]\nprecedence = ["z"]', "precedence", "'z' does not feed it"),
        (
            SOURCE.replace("records = []", 'records = []\nkey = { column = "k", through = "identifiers.nothing" }'),
            "registration.key",
            "which no source gives",
        ),
        (
            SOURCE.replace("records = []", 'records = []\nkey = { column = "k", through = "registration.name" }'),
            "registration.key",
            "itself looked up",
        ),
        (
            SOURCE.replace("registration]", "filings]").replace('name = "n", registered_capital =', "revenue ="),
            "filings.fields",
            "'year' is missing",
        ),
    ],
)
def test_a_wrong_file_is_refused(text: str, place: str, words: str) -> None:
    with pytest.raises(SourcesMisconfigured) as refusal:
        Sources(parse(text, PATH))
    assert str(refusal.value).startswith("sources.toml")
    assert place in str(refusal.value)
    assert words in str(refusal.value)


def test_two_sources_for_one_field_with_precedence_are_accepted() -> None:
    Sources(parse(SOURCE + SECOND + '[collections.registration]\nprecedence = ["b", "a"]', PATH))


def test_of_single_fields_another_goes_first() -> None:
    told = SOURCE + SECOND + '[collections.registration]\nprecedence = ["a", "b"]\nfields = { name = ["b"] }'
    assert Sources(parse(told, PATH)).config.field_precedence == {"registration": {"name": ("b",)}}
    with pytest.raises(SourcesMisconfigured, match=r"fields\.name: 'c' does not give 'name'"):
        parse(told.replace('name = ["b"]', 'name = ["c"]'), PATH)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(SourcesMisconfigured, match="HUB_SOURCES"):
        load(Path("nowhere/sources.toml"))


def test_secrets_by_reference(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(" sesame \n", encoding="utf-8")
    secret = secrets(tmp_path / "sources.toml", {"TOKEN": "t"})
    assert (secret("env:TOKEN"), secret("file:key"), secret("plain")) == ("t", "sesame", "plain")
    for reference in ("env:ABSENT", "file:absent"):
        with pytest.raises(SourcesMisconfigured, match=re.escape(reference)):
            secret(reference)


def test_a_missing_secret_stops_the_start() -> None:
    assert "DEMO_REGISTRY_URL" not in os.environ
    with pytest.raises(SourcesMisconfigured, match="Set the environment variable DEMO_"):
        Sources(load(DEMO_SOURCES))
