"""Code lists: status texts, divisions of industry, districts."""

from __future__ import annotations

import pytest

from codes.district import place_of
from codes.industry import division_of
from codes.kinds import RegistrationStatus as Status
from codes.registration_status import parse


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("存续（在营、开业、在册）", Status.ACTIVE),
        ("在营(开业)", Status.ACTIVE),
        (" 开业 ", Status.ACTIVE),
        ("迁移异地", Status.MOVED_OUT),
        ("吊销，未注销", Status.REVOKED_NOT_DEREGISTERED),
        ("吊销,未注销", Status.REVOKED_NOT_DEREGISTERED),
        ("已注销", Status.DEREGISTERED),
        ("撤销", Status.CANCELLED),
        ("其他", Status.UNKNOWN),
        ("怪", None),
    ],
)
def test_status_texts(text: str, status: Status | None) -> None:
    assert parse(text) is status


def test_industry_divisions() -> None:
    assert division_of("C3921") == division_of("3921") == ("C", "计算机、通信和其他电子设备制造业")
    assert division_of("I65") == ("I", "软件和信息技术服务业")
    assert division_of("Z99") is None


def test_districts() -> None:
    assert place_of("420111") == ("洪山区", "湖北省")
    assert place_of("440305001") == ("南山区", "广东省")
    assert place_of("420118") == (None, "湖北省"), "a development zone is not in GB/T 2260"
