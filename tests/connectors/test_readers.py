"""Raw values as sources write them, and what the hub makes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from codes.kinds import GuaranteeKind, QualificationKind, RegistrationStatus
from connectors.catalogue import FieldKind, Members, Money, Texts
from connectors.readers import Unreadable, reader


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (str, " 甲 ", "甲"),
        (str, 42, "42"),
        (int, "1,234", 1234),
        (int, 3.0, 3),
        (Money, "1,200.5", Decimal("1200.50")),
        (Money, "3000万元", Decimal("30000000.00")),
        (Money, "50.9亿", Decimal("5090000000.00")),
        (Money, 12, Decimal("12.00")),
        (Money, 0.1, Decimal("0.10")),
        (Money, "-7", Decimal("-7.00")),
        (Decimal, "2.88", Decimal("2.88")),
        (bool, "是", True),
        (bool, 0, False),
        (date, "2018-3-5", date(2018, 3, 5)),
        (date, "2018/03/05", date(2018, 3, 5)),
        (date, "20180305", date(2018, 3, 5)),
        (date, "2018年3月5日", date(2018, 3, 5)),
        (date, "2018-03-05 00:00:00", date(2018, 3, 5)),
        (date, "9999-9-9", None),
        (date, date(9999, 12, 31), None),
        (datetime, "2024-05-01T12:00:00+08:00", datetime.fromisoformat("2024-05-01T12:00:00+08:00")),
        (datetime, "2024-05-01", datetime(2024, 5, 1, tzinfo=UTC)),
        (Texts, "甲; 乙;", ("甲", "乙")),
        (Texts, ["甲", "乙"], ("甲", "乙")),
        (QualificationKind, "high_tech", QualificationKind.HIGH_TECH),
        (RegistrationStatus, "存续（在营、开业、在册）", RegistrationStatus.ACTIVE),
        (Members(GuaranteeKind), "CREDIT;IP_PLEDGE", (GuaranteeKind.CREDIT, GuaranteeKind.IP_PLEDGE)),
    ],
)
def test_values(kind: FieldKind, raw: Any, value: Any) -> None:
    assert reader(kind)(raw) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Money, "约三千万"),
        (Money, float("nan")),
        (Money, float("inf")),
        (Money, "1.2.3"),
        (Money, True),
        (Money, "1,"),
        (Money, "1."),
        (Money, "，"),
        (Money, "-"),
        pytest.param(Money, "1" * 100_000 + "?", id="digits without end"),
        (int, "2.5"),
        (int, True),
        (date, "2018-13-01"),
        (date, "去年"),
        (bool, "也许"),
        (QualificationKind, "独角兽?"),
        (RegistrationStatus, "怪"),
        (str, {"nested": 1}),
    ],
)
def test_what_cannot_be_read_is_never_guessed(kind: FieldKind, raw: Any) -> None:
    with pytest.raises(Unreadable):
        reader(kind)(raw)


@pytest.mark.parametrize(
    ("unit", "raw", "value"),
    [("元", "5", "5.00"), ("万元", "1234.56", "12345600.00"), ("亿元", 3, "300000000.00"), ("万元", "500元", "500.00")],
)
def test_units_become_yuan_and_a_written_unit_wins(unit: str, raw: Any, value: str) -> None:
    assert str(reader(Money, unit=unit)(raw)) == value


def test_values_are_translated_first() -> None:
    read = reader(QualificationKind, values={"高新技术企业": "HIGH_TECH"})
    assert read("高新技术企业") is QualificationKind.HIGH_TECH
