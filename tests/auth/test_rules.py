"""Access rules: what roles, scopes and purposes come to."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from auth import masks
from auth.principal import ANONYMOUS, Principal
from auth.rules import RulesMisconfigured, Verdict, load
from codes.access import DataGroup, Purpose, Role

RULES = load()
BANK = Principal("li", "icbc", frozenset((Role.BANK,)), purposes=frozenset((Purpose.PRE_LOAN,)))


@pytest.mark.parametrize(
    ("principal", "purpose", "group", "verdict"),
    [
        (ANONYMOUS, None, DataGroup.REGISTRATION, Verdict.ALLOW),
        (ANONYMOUS, None, DataGroup.PEOPLE, Verdict.MASK),
        (ANONYMOUS, None, DataGroup.FILINGS, Verdict.FORBIDDEN),
        (BANK, None, DataGroup.FILINGS, Verdict.PURPOSE_REQUIRED),
        (BANK, Purpose.POLICY, DataGroup.FILINGS, Verdict.PURPOSE_REQUIRED),
        (BANK, Purpose.PRE_LOAN, DataGroup.FILINGS, Verdict.CONSENT_REQUIRED),
        (replace(BANK, scopes=frozenset(("RISK",))), Purpose.PRE_LOAN, DataGroup.FILINGS, Verdict.FORBIDDEN),
        (replace(BANK, scopes=frozenset(("RISK",))), Purpose.PRE_LOAN, DataGroup.RISK, Verdict.ALLOW),
        (replace(BANK, roles=frozenset((Role.BANK, Role.AUDITOR))), None, DataGroup.ACCESS_LOG, Verdict.ALLOW),
        (replace(BANK, roles=frozenset()), None, DataGroup.PUBLIC, Verdict.FORBIDDEN),
        (replace(BANK, roles=frozenset((Role.OPERATOR,))), None, DataGroup.ACCESS_LOG, Verdict.FORBIDDEN),
        (replace(BANK, roles=frozenset((Role.AUDITOR,))), None, DataGroup.OPERATIONS, Verdict.FORBIDDEN),
    ],
)
def test_what_a_reader_may_see_of_others(
    principal: Principal, purpose: Purpose | None, group: DataGroup, verdict: Verdict
) -> None:
    assert RULES.rights(principal, purpose).others[group] is verdict


def test_readers_of_one_kind_have_the_same_rights_so_that_they_share_plans() -> None:
    other = replace(BANK, subject="wang", organisation="boc", enterprise=None)
    assert RULES.rights(BANK, Purpose.PRE_LOAN) is RULES.rights(other, Purpose.PRE_LOAN)
    assert RULES.rights(BANK, Purpose.POLICY) is RULES.rights(BANK, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[roles.KING]\n", "roles.KING"),
        ('[roles.BANK]\nall = { SECRETS = "ALLOW" }', "roles.BANK.all.SECRETS"),
        ('[roles.BANK]\nall = { FILINGS = "PERHAPS" }', "roles.BANK.all.FILINGS"),
        ('[roles.BANK]\nlike = "PORTAL"', "there is no role PORTAL"),
        ('[roles.BANK]\nlike = "BANK"', "leads back to itself"),
        ("roles = ", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_place(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "access.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RulesMisconfigured, match=problem):
        load(path)


@pytest.mark.parametrize(
    ("amount", "lower", "upper"),
    [
        ("-0.01", None, 0),
        ("0", 0, 1_000_000),
        ("999999.99", 0, 1_000_000),
        ("1000000", 1_000_000, 5_000_000),
        ("1000000000", 1_000_000_000, None),
    ],
)
def test_a_band_holds_its_amount_and_says_no_more(amount: str, lower: int | None, upper: int | None) -> None:
    assert masks.band(Decimal(amount)) == (lower, upper)


def test_masks_leave_what_may_be_seen() -> None:
    assert masks.name("张三丰") == "张*"
    assert masks.phone("13812345678") == "138****5678"
    assert masks.identity_number("420106199001011234") == "420***********1234"
    assert masks.phone("12345") == "*****"


@pytest.mark.parametrize(
    ("role", "purpose", "keys"),
    [
        (Role.BANK, None, 1000),
        (Role.BANK, Purpose.PRE_LOAN, 1000),
        (Role.BANK, Purpose.MONITORING, 5000),
        (Role.GUARANTEE, Purpose.MONITORING, 5000),
        (Role.PORTAL, Purpose.MONITORING, 1000),
    ],
)
def test_how_many_members_a_list_may_have(role: Role, purpose: Purpose | None, keys: int) -> None:
    reader = Principal("li", "icbc", frozenset((role,)), purposes=frozenset(Purpose))
    assert RULES.rights(reader, purpose).keys == keys
    assert RULES.rights(replace(reader, purposes=frozenset()), purpose).keys == 1000
