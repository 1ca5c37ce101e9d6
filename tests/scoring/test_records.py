"""From records to inputs: one enterprise at a time and a whole collection at once give the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codes.kinds import Level, QualificationKind, RiskKind
from codes.scores import Missing
from scoring.errors import InputsUnfit
from scoring.inputs import Column, Inputs
from scoring.records import Answer, column, fen, inputs_of, months, value
from scoring.scans import Scan, scanned
from scoring.scheme import CODES, Input, Validity
from tests.scoring.scored import MOMENT, SCHEMES

REVENUE = Input("revenue", "filings", "amount", "revenue", years=(0, 0))
AWARDS = Input("awards", "awards", "count", years=(-2, 0), where={"level": ("NATIONAL", "PROVINCIAL")})
HIGH_TECH = Input(
    "high_tech", "qualifications", "count", where={"kind": ("HIGH_TECH",)},
    valid=Validity("valid_from", "valid_to", "withdrawn_on"),
)  # fmt: skip
EQUITY = Input("equity", "investments", "total", "amount", dated="announced_on", years=(-2, 0))
STAFF = Input("staff", "workforce", "number", "headcount", dated="period", years=(0, 0))
AGE = Input("age", "registration", "months", "founded_on")
APPLIED = Input(
    "evaluated", "evaluation_applications", "count", period="period", valid=Validity(withdrawn="withdrawn_on")
)
TRADE = Input("trade", "registration", "category", "industry_code", categories={"c39": ("C39", "39"), "i": ("I",)})


def test_amounts_are_exact_in_fen() -> None:
    assert value(REVENUE, [{"year": 2022, "revenue": Decimal("38000000.07")}], MOMENT) == 3_800_000_007
    assert value(REVENUE, [{"year": 2021, "revenue": Decimal(1)}], MOMENT) is Missing.NOT_DELIVERED
    assert value(REVENUE, [{"year": 2022, "revenue": None}], MOMENT) is Missing.NOT_DELIVERED
    assert value(REVENUE, [], MOMENT) is Missing.NOT_DELIVERED
    assert value(REVENUE, [{"year": 2022, "revenue": 0.5}], MOMENT) is Missing.UNREADABLE
    assert fen(Decimal("-0.01")) == -1
    with pytest.raises(ValueError, match="too large"):
        fen(Decimal(10) ** 14)


def test_counts_of_no_records_are_zero_only_if_an_answer_came() -> None:
    assert value(AWARDS, [], MOMENT) == 0
    assert value(AWARDS, Missing.SOURCE_DOWN, MOMENT) is Missing.SOURCE_DOWN
    records: list[Mapping[str, object]] = [
        {"level": Level.PROVINCIAL, "year": 2022},
        {"level": "NATIONAL", "year": 2020},
        {"level": Level.NATIONAL, "year": 2019},
        {"level": Level.MUNICIPAL, "year": 2022},
        {"level": Level.NATIONAL, "year": None},
    ]
    assert value(AWARDS, records, MOMENT) == 2


@pytest.mark.parametrize(
    ("validity", "counted"),
    [
        ({}, 1),
        ({"valid_from": date(2023, 4, 3), "valid_to": date(2023, 4, 3)}, 1),
        ({"valid_from": date(2023, 4, 4)}, 0),
        ({"valid_to": date(2023, 4, 2)}, 0),
        ({"withdrawn_on": date(2023, 4, 3)}, 0),
        ({"withdrawn_on": date(2023, 4, 4)}, 1),
    ],
)
def test_qualifications_count_while_they_hold(validity: Mapping[str, date], counted: int) -> None:
    assert value(HIGH_TECH, [{"kind": QualificationKind.HIGH_TECH, **validity}], MOMENT) == counted


@pytest.mark.parametrize(
    ("needed", "record", "found"),
    [
        (REVENUE, {"year": 2022, "revenue": Missing.SOURCE_DOWN}, Missing.SOURCE_DOWN),
        (REVENUE, {"year": 2021, "revenue": Missing.SOURCE_DOWN}, Missing.NOT_DELIVERED),
        (REVENUE, {"year": Missing.UNREADABLE, "revenue": Decimal(1)}, Missing.UNREADABLE),
        (AWARDS, {"year": 2022, "level": Missing.NOT_DELIVERED}, Missing.NOT_DELIVERED),
        (AWARDS, {"year": 2015, "level": Missing.SOURCE_DOWN}, 0),
        (AWARDS, {"year": Missing.SOURCE_DOWN, "level": Level.MUNICIPAL}, 0),
        (EQUITY, {"announced_on": date(2022, 1, 1), "amount": Missing.NOT_SHARED}, Missing.NOT_SHARED),
        (HIGH_TECH, {"kind": QualificationKind.HIGH_TECH, "withdrawn_on": Missing.NOT_DELIVERED}, 1),
        (HIGH_TECH, {"kind": QualificationKind.HIGH_TECH, "valid_to": Missing.UNREADABLE}, Missing.UNREADABLE),
        (
            HIGH_TECH,
            {"kind": QualificationKind.HIGH_TECH, "valid_to": date(2020, 1, 1), "withdrawn_on": Missing.UNREADABLE},
            0,
        ),
    ],
)
def test_what_is_not_known_of_a_record_is_not_taken_for_nothing(
    needed: Input, record: Mapping[str, object], found: float | Missing
) -> None:
    assert value(needed, [record], MOMENT) == found


@pytest.mark.parametrize(
    ("application", "counted"),
    [
        ({"period": "2022"}, 1),
        ({"period": "2022-04"}, 0),
        ({"period": None}, 0),
        ({"period": "2022", "withdrawn_on": date(2023, 4, 3)}, 0),
    ],
)
def test_applications_count_for_their_own_period(application: Mapping[str, object], counted: int) -> None:
    assert value(APPLIED, [application], MOMENT) == counted


def test_a_scheme_says_who_is_evaluated() -> None:
    assert SCHEMES["east-lake-28-demo"].evaluated == APPLIED
    assert SCHEMES["technology-sme"].evaluated is None


def test_totals_ages_and_categories() -> None:
    given_: list[Mapping[str, object]] = [
        {"announced_on": date(2021, 5, 1), "amount": Decimal("0.10")},
        {"announced_on": date(2022, 5, 1), "amount": Decimal("0.20")},
        {"announced_on": date(2019, 5, 1), "amount": Decimal(9)},
    ]
    assert value(EQUITY, given_, MOMENT) == 30
    unknown = [*given_, {"announced_on": date(2022, 6, 1), "amount": None}]
    assert value(EQUITY, unknown, MOMENT) is Missing.NOT_DELIVERED
    assert value(STAFF, [{"period": "202206", "headcount": 160}], MOMENT) == 160
    assert value(AGE, [{"founded_on": date(2018, 4, 3)}], MOMENT) == 60
    assert value(AGE, [{"founded_on": date(2018, 4, 4)}], MOMENT) == 59
    assert months(date(2023, 4, 4), date(2023, 4, 3)) == -1
    assert [value(TRADE, [{"industry_code": code}], MOMENT) for code in ("C3921", "I65", "J66")] == [0, 1, 2]


def test_an_enterprise_of_records_is_scored() -> None:
    scheme = SCHEMES["longwan-lists"]
    answers: Mapping[str, Sequence[Answer]] = {
        "filings": [[{"year": 2022, "revenue": Decimal(5_000_000)}], Missing.NOT_SHARED]
    }
    made = inputs_of(scheme, MOMENT, ["A", "B"], answers)
    assert made.columns["revenue"].values.tolist() == [500_000_000, 0]
    assert made.columns["revenue"].reasons.tolist() == [0, CODES[Missing.NOT_SHARED]]
    nothing = inputs_of(scheme, MOMENT, ["A"], {})
    assert nothing.columns["revenue"].reasons.tolist() == [CODES[Missing.NOT_DELIVERED]]


def test_unfit_inputs_are_refused() -> None:
    scheme = SCHEMES["longwan-lists"]
    with pytest.raises(InputsUnfit, match="twice"):
        Inputs.of(scheme, MOMENT, ["A", "A"], {})
    with pytest.raises(InputsUnfit, match="has no input 'income'"):
        Inputs.of(scheme, MOMENT, ["A"], {"income": Column.of([1.0])})
    with pytest.raises(InputsUnfit, match="2 values for 1 enterprises"):
        Inputs.of(scheme, MOMENT, ["A"], {"revenue": Column.of([1.0, 2.0])})
    with pytest.raises(InputsUnfit, match="no finite number"):
        Column.of([float("nan")])
    with pytest.raises(InputsUnfit, match="shape"):
        Column.of([1.0], [0, 0])
    assert Column.of([-0.0, 5.0], [0, 1]).values.tobytes() == np.zeros(2).tobytes()


DAYS = st.none() | st.dates(date(2017, 1, 1), date(2024, 12, 31))
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "year": st.none() | st.integers(2018, 2024),
            "period": st.sampled_from([None, "202206", "2022", "2021", "x"]),
            "announced_on": DAYS,
            "founded_on": DAYS,
            "valid_from": DAYS,
            "valid_to": DAYS,
            "withdrawn_on": DAYS,
            "level": st.sampled_from([None, *Level]),
            "kind": st.sampled_from([None, *QualificationKind, *RiskKind]),
            "revenue": st.sampled_from([None, "broken"]) | st.decimals(-(10**6), 10**9, places=2),
            "amount": st.none() | st.decimals(0, 10**9, places=2),
            "headcount": st.sampled_from([None, "many"]) | st.integers(0, 900),
            "industry_code": st.sampled_from([None, "C3921", "I65", ""]),
        }
    ),
    max_size=4,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(RECORDS, st.sampled_from([Missing.NOT_SHARED, Missing.SOURCE_DOWN])), max_size=6))
def test_a_scan_gives_what_single_answers_give(answers: list[Any]) -> None:
    records = [(n, r) for n, answer in enumerate(answers) if not isinstance(answer, Missing) for r in answer]
    names = ("year", "period", "announced_on", "founded_on", "valid_from", "valid_to", "withdrawn_on", "level", "kind")
    fields = {n: [r[n] for _, r in records] for n in (*names, "revenue", "amount", "headcount", "industry_code")}
    reasons = np.array([CODES[a] if isinstance(a, Missing) else 0 for a in answers], np.uint8)
    scan = Scan(np.array([n for n, _ in records], np.intp), fields, reasons)
    for needed in (REVENUE, AWARDS, HIGH_TECH, EQUITY, STAFF, AGE, TRADE, APPLIED):
        one, other = column(needed, answers, MOMENT), scanned(needed, scan, MOMENT)
        np.testing.assert_array_equal(one.values, other.values, err_msg=needed.name)
        np.testing.assert_array_equal(one.reasons, other.reasons, err_msg=needed.name)


def test_a_scan_takes_arrays_as_they_are() -> None:
    fields = {"year": np.array([2022, 2022]), "revenue": np.array([500, 700]), "level": np.array(["NATIONAL", "CITY"])}
    scan = Scan(np.array([1, 0]), fields, np.zeros(3, np.uint8))
    assert scanned(REVENUE, scan, MOMENT).values.tolist() == [700, 500, 0]
    assert scanned(REVENUE, scan, MOMENT).reasons.tolist() == [0, 0, CODES[Missing.NOT_DELIVERED]]
    assert scanned(AWARDS, scan, MOMENT).values.tolist() == [0, 1, 0]
