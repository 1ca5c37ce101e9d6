"""Records, their texts, the canonical form of data, and which refusals are recorded one by one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.audit.digest import canonical_json
from auth.audit.record import Kind, Looks, Malformed, Outcome, Record, Withheld, canonical, clustered, parsed
from auth.audit.refusals import Refusals

AT = datetime(2026, 11, 25, 8, 30, 0, 123000, UTC)


def test_a_records_text_names_its_place_and_is_read_again_as_it_was() -> None:
    record = Record(
        AT, Kind.REQUEST, Outcome.PARTLY, "icbc", "li", "bank-icbc", "t1", "PRE_LOAN", "案件-7", ("c1",), "SHA-256:00",
        (Looks(("FILINGS",), ("WORKFORCE",), ("A", "B")),), ("tax",), (Withheld("Enterprise.workforce", "FORBIDDEN"),),
    )  # fmt: skip
    text = canonical(record, 17)
    assert text.startswith('{"place":17,"at":"2026-11-25T08:30:00.123000Z","kind":"REQUEST"')
    assert parsed(text) == (17, record)
    assert canonical(parsed(text)[1], 17) == text
    assert record.of("B") == record.looks[0]
    assert record.of("C") is None
    assert record.enterprises == {"A", "B"}


@pytest.mark.parametrize("text", ["", "{}", "null", '{"place":1}', '{"place":"x","at":1}', "\ud800"])
def test_what_is_no_record_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Malformed):
        parsed(text)


def test_enterprises_of_the_same_look_stand_together() -> None:
    seen = {"FILINGS": ["B", "A", "C", "A"], "PEOPLE": []}
    assert clustered(seen, {"WORKFORCE": {"C"}}) == (
        Looks(("FILINGS",), (), ("A", "B")),
        Looks(("FILINGS",), ("WORKFORCE",), ("C",)),
        Looks(("PEOPLE",), (), ()),
    )
    assert [look.outcome for look in clustered({"X": ["B"]}, {"X": ["A"]})] == [Outcome.REFUSED, Outcome.GIVEN]
    asked = ["B", "A", "B"]
    assert clustered({"PEOPLE": asked, "FILINGS": asked}, {"WORKFORCE": asked}) == (
        Looks(("FILINGS", "PEOPLE"), ("WORKFORCE",), ("B", "A")),
    ), "each enterprise once"


_NOTED = st.dictionaries(st.sampled_from("PQRST"), st.lists(st.sampled_from(["", *"ABCDEFG"]), max_size=9))


_TOGETHER = st.builds(
    lambda codes, seen, withheld: (dict.fromkeys(seen, codes), dict.fromkeys(withheld, codes)),
    st.lists(st.sampled_from(["", *"ABCDEFG"]), max_size=9), st.sets(st.sampled_from("PQRST")),
    st.sets(st.sampled_from("PQRST")),
)  # fmt: skip
"""Groups that were asked of the same collection of enterprises."""


@given(st.tuples(_NOTED, _NOTED) | _TOGETHER)
def test_clusters_are_what_code_by_code_would_be(noted: tuple[dict[str, list[str]], dict[str, list[str]]]) -> None:
    seen, withheld = noted
    by_look: dict[tuple[tuple[str, ...], tuple[str, ...]], set[str]] = {}
    for code in ["", *"ABCDEFG"]:
        looks = tuple(
            tuple(sorted(group for group, codes in noted.items() if code in (codes or nobody)))
            for noted, nobody in ((seen, [""]), (withheld, []))
        )
        if any(looks):
            by_look.setdefault((looks[0], looks[1]), set()).add(code)
    expected = [(*looks, codes - {""}) for looks, codes in sorted(by_look.items())]
    found = clustered(seen, withheld)
    assert [(look.groups, look.withheld, set(look.enterprises)) for look in found] == expected
    assert all(len(set(look.enterprises)) == len(look.enterprises) for look in found)


@pytest.mark.parametrize("asked", [["B", "A", "C"], ["B", "A", "B", "C", "A"], ["B", "", "A", "", "C"]])
def test_enterprises_stand_in_the_order_of_the_question_and_once(asked: list[str]) -> None:
    (look,) = clustered({"FILINGS": asked, "WORKFORCE": asked}, {})
    assert look.enterprises == ("B", "A", "C")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": [1, True, None], "a": {}}, '{"a":{},"b":[1,true,null]}'),
        ('楚\n"\\', '"楚\\n\\"\\\\"'),
        (10**30, "1" + "0" * 30),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (333333333.33333329, "333333333.3333333"),
        (1.0, "1"),
        (-0.0, "0"),
        (-4.5, "-4.5"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740994.0, "9007199254740994"),
    ],
)
def test_data_is_written_as_rfc_8785_says(value: object, text: str) -> None:
    assert canonical_json(value).decode() == text


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=12,
)


@given(_VALUES)
def test_the_canonical_form_is_the_same_value_and_its_own(value: object) -> None:
    written = canonical_json(value)
    assert json.loads(written) == value
    assert canonical_json(json.loads(written)) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_so_that_it_is_read_again(value: float) -> None:
    written = canonical_json(value)
    assert float(written) == value
    assert canonical_json(json.loads(written)) == written


def test_refusals_past_the_bound_are_counted() -> None:
    seconds = [0.0]
    refusals = Refusals(per_caller=2, in_all=5, clock=lambda: seconds[0])
    assert [refusals.admits("a") for _ in range(4)] == [True, True, False, False]
    assert [refusals.admits(caller) for caller in "bcde"] == [True, True, True, False], "five in all"
    assert refusals.taken() == 3
    assert refusals.taken() == 0
    refusals.give_back(3)
    seconds[0] = 60.0
    assert refusals.admits("a"), "a new minute"
    assert refusals.taken() == 3
