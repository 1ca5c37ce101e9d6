"""Scheme files: the shipped ones say what they are, and wrong ones are refused with key, cause and remedy."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.catalogue import COLLECTIONS, FieldKind, Money
from scoring.checking import check_inputs, check_sources, needs
from scoring.errors import SchemeMisconfigured
from scoring.loading import SHIPPED, load, load_all, parse
from tests.scoring.scored import SCHEMES

EXAMPLE = """
id = "example"
version = "1"
title = "Example"
title_zh = "示例"
issuer = "nobody"
points = 10

[inputs.rd]
collection = "filings"
take = "amount"
field = "rd_expense"
year = 0

[inputs.revenue]
collection = "filings"
take = "amount"
field = "revenue"
year = 0

[stages.by.revenue]
name = "revenue"
unit = "万元"
measure = { kind = "amount", of = "revenue" }

[[stages.stage]]
id = "small"
name = "Small"
bounds.revenue = { below = 100 }

[[stages.stage]]
id = "large"
name = "Large"
bounds.revenue = { at_least = 100 }

[[groups]]
id = "all"
name = "All"
points = 10

[[indicators]]
id = "intensity"
group = "all"
name = "R&D intensity"
points = 10
unit = "%"
measure = { kind = "ratio", of = "rd", over = "revenue", zero = "missing", negative = "missing" }
tiers = [{ at_least = 5, points = 10 }, { at_least = 2, below = 5, points = 4 }, { below = 2, points = 0 }]

[data_sources.tax]
title_zh = "税务"
department = "税务"
collections = ["filings"]
"""


@pytest.mark.parametrize(
    ("said", "instead", "where", "problem"),
    [
        ('version = "1"', "", "version", "required"),
        ("points = 10\n\n[inputs", "points = 11\n\n[inputs", ": points", "groups add up to 10.00, not 11.00"),
        ("below = 5, points = 4", "below = 4, points = 4", "indicators.intensity.tiers", "gap between"),
        ("at_least = 2, below", "at_least = 1, below", "indicators.intensity.tiers", "overlap"),
        ("{ below = 2, points = 0 }", "{ at_least = 1, below = 2, points = 0 }", "tiers", "nothing is said"),
        ("{ at_least = 5, points = 10 }", "{ at_least = 5, below = 9, points = 10 }", "tiers", "beyond"),
        ("{ at_least = 2, below = 5", "{ at_least = 2, above = 2, below = 5", "tiers[1]", "both"),
        ("at_least = 5, points = 10", "at_least = 5, points = 9", "indicators.intensity", "gives at best 900 of 1000"),
        ("points = 4 }", "points = 12 }", "tiers", "give fewer points to what is higher"),
        ("points = 4 }", "points = 3.333 }", "tiers[1]", "cannot be written with 2 decimals"),
        ("points = 4 }", "points = 4, share = 40 }", "tiers[1]", "not exactly one of points and share"),
        ('of = "rd"', 'of = "research"', "measure", "no input 'research'"),
        (', zero = "missing"', "", "measure", "denominator of zero"),
        ('unit = "%"', 'unit = "万元"', "measure", "is an amount"),
        ('group = "all"', 'group = "none"', "group", "no 'none'"),
        ("below = 100 }", "below = 90 }", "stages", "is in no stage"),
        ("below = 100 }", "below = 110 }", "stages", "is in small and large"),
        ('id = "large"', 'id = "small"', "small", "is there twice"),
        ('take = "amount"\nfield = "rd_expense"', 'take = "count"\nfield = "rd_expense"', "inputs.rd", "takes a count"),
        ("year = 0\n\n[stages", "year = 0\nyears = [0, 1]\n\n[stages", "inputs.revenue", "both `year` and `years`"),
        ("tiers = [{ at_least = 5, p", 'percentile = { among = "stage" }\ntiers = [{ at_least = 5, p', "intensity",
         "has tiers and percentile"),
        ("points = 10\nunit", "points = { small = 10 }\nunit", "points", "the stages are"),
        ("points = 10\nunit", 'sources = ["nowhere"]\npoints = 10\nunit', "sources", "no 'nowhere'"),
        ("points = 10\nunit", "point = 10\nunit", "indicators.0", "required"),
        ('title = "Example"', 'title = "Exam', "", "is not TOML"),
    ],
)  # fmt: skip
def test_wrong_files_are_refused(said: str, instead: str, where: str, problem: str) -> None:
    assert said in EXAMPLE
    with pytest.raises(SchemeMisconfigured) as refused:
        parse(EXAMPLE.replace(said, instead, 1), "example.toml")
    assert refused.value.where.startswith("example.toml")
    assert where in f"{refused.value.where} "
    assert problem in refused.value.problem.replace("Field ", "")
    assert refused.value.remedy.endswith((".", "]."))


def test_sources_that_nothing_draws_on_are_refused() -> None:
    more = '[data_sources.law]\ntitle_zh = "法院"\ndepartment = "法院"\ncollections = ["risk_flags"]\n'
    with pytest.raises(SchemeMisconfigured, match=re.escape("data_sources.law: nothing draws on it")):
        parse(EXAMPLE + more, "example.toml")


def test_weights_that_differ_by_stage_need_weights_for_the_unknown() -> None:
    one = EXAMPLE.replace("points = 10\nunit", "points = { small = 10, large = 8 }\nunit")
    one = one.replace('name = "All"\npoints = 10', 'name = "All"\npoints = { small = 10, large = 8 }')
    one = (
        one.replace("points = 10 }", "share = 100 }")
        .replace("points = 4", "share = 50")
        .replace("points = 0", "share = 0")
    )
    with pytest.raises(SchemeMisconfigured, match=re.escape("groups add up to 8.00, not 10.00 in the stage large")):
        parse(one, "example.toml")
    other = EXAMPLE.replace("[[indicators]]", _SECOND + "[[indicators]]", 1).replace("points = 10\nunit", _DIFFERENT)
    other = (
        other.replace("points = 10 }", "share = 100 }")
        .replace("points = 4", "share = 50")
        .replace("points = 0", "share = 0")
    )
    with pytest.raises(SchemeMisconfigured, match="weights differ by stage"):
        parse(other, "example.toml")
    known = parse(other.replace("[stages.by", '[stages]\nunknown = "large"\n[stages.by', 1), "example.toml")
    assert known.stages
    assert known.stages.unknown == 1


_DIFFERENT = "points = { small = 6, large = 4 }\nunit"
_SECOND = """[[indicators]]
id = "rd"
group = "all"
name = "R&D"
points = { small = 4, large = 6 }
unit = "万元"
measure = { kind = "amount", of = "rd" }
linear = { none_at = 0, full_at = 100 }

"""


def test_digest_is_that_of_what_is_said_not_how() -> None:
    digest = parse(EXAMPLE, "a").digest
    assert parse("# a comment\n" + EXAMPLE.replace('version = "1"', 'version   =   "1"'), "b").digest == digest
    assert parse(EXAMPLE.replace("points = 4", "points = 5"), "a").digest != digest


def test_two_files_may_not_claim_one_version(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(EXAMPLE, encoding="utf-8")
    assert [*load_all(tmp_path)] == [("example", "1")]
    (tmp_path / "b.toml").write_text(EXAMPLE, encoding="utf-8")
    with pytest.raises(SchemeMisconfigured, match="is there already"):
        load_all(tmp_path)
    with pytest.raises(SchemeMisconfigured, match="cannot be read"):
        load(tmp_path / "c.toml")


def kinds() -> dict[str, dict[str, str]]:
    """What the catalogue says, as plain words."""
    words: dict[FieldKind, str] = {
        Money: "amount",
        int: "number",
        Decimal: "number",
        bool: "flag",
        date: "date",
        datetime: "date",
    }
    return {
        name: {field: words.get(kind, "text") for field, kind in collection.fields.items()}
        for name, collection in COLLECTIONS.items()
    }


@pytest.mark.parametrize("name", SCHEMES)
def test_inputs_are_in_the_catalogue(name: str) -> None:
    check_inputs(SCHEMES[name], name, kinds())


def test_inputs_that_the_hub_does_not_have_are_refused() -> None:
    scheme = parse(EXAMPLE, "example.toml")
    with pytest.raises(SchemeMisconfigured, match="there is no collection 'filings'"):
        check_inputs(scheme, "example.toml", {})
    with pytest.raises(SchemeMisconfigured, match="filings has no field 'rd_expense'"):
        check_inputs(scheme, "example.toml", {"filings": {"year": "number"}})
    with pytest.raises(SchemeMisconfigured, match=r"takes a amount of filings\.rd_expense, which is of kind text"):
        check_inputs(scheme, "example.toml", {"filings": {"rd_expense": "text", "revenue": "amount", "year": "number"}})


def test_what_says_who_is_evaluated_must_be_there_too() -> None:
    text = '[evaluated]\ncollection = "evaluation_applications"\nperiod = "year"\n'
    scheme = parse(EXAMPLE.replace("[inputs.", text + "[inputs.", 1), "example.toml")
    with pytest.raises(SchemeMisconfigured, match=r"evaluated: evaluation_applications has no field 'year'"):
        check_inputs(scheme, "example.toml", kinds())


def test_a_scheme_says_what_has_to_be_fetched() -> None:
    found = {name: sorted({f for i in of for f in i.fields}) for name, of in needs(SCHEMES["longwan-lists"]).items()}
    assert found == {"filings": ["revenue", "year"]}


def test_sources_that_the_hub_does_not_have_are_refused() -> None:
    scheme = SCHEMES["east-lake-28-demo"]
    feeds = {source.name: set(source.collections) for source in scheme.data_sources}
    check_sources(scheme, "x", feeds)
    with pytest.raises(SchemeMisconfigured, match="no such source"):
        check_sources(scheme, "x", {name: fed for name, fed in feeds.items() if name != "sw-vat"})
    with pytest.raises(SchemeMisconfigured, match="does not feed 'filings'"):
        check_sources(scheme, "x", {**feeds, "sw-vat": {"registration"}})


def test_what_is_shipped_has_the_published_shape() -> None:
    eighteen = SCHEMES["national-18-demo"]
    assert [count for _, count in sorted(Counter(i.group for i in eighteen.indicators).items())] == [7, 6, 5]
    assert sum(not i.names.recalled for i in eighteen.indicators) == 7
    second = SCHEMES["national-2-demo"]
    bonus = [second.groups[i.group].bonus for i in second.indicators]
    assert (second.base, second.bonus, bonus.count(False), bonus.count(True)) == (10_000, 3_000, 9, 3)
    assert all(i.names.recalled for i in second.indicators)
    lake = SCHEMES["east-lake-28-demo"]
    assert (len(lake.indicators), len(lake.data_sources)) == (28, 43)
    assert all(indicator.sources for indicator in lake.indicators)
    assert lake.stages
    assert {"初创期", "成长期", "成熟期"} == {stage.names.name_zh for stage in lake.stages.stages}


def test_what_is_invented_says_so() -> None:
    for path in SHIPPED.glob("*.toml"):
        invented = SCHEMES[path.stem].synthetic
        assert invented == path.stem.endswith("-demo") == SCHEMES[path.stem].id.endswith("-demo")
        assert ("DEMONSTRATION WITH INVENTED" in SCHEMES[path.stem].note) is invented
