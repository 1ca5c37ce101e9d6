"""A file of access rules: read again when it changes, and what holds while it cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import structlog.testing

from auth.principal import ANONYMOUS
from auth.rules import RulesMisconfigured, Verdict
from auth.rules_file import RulesFile
from codes.access import DataGroup
from tests.world import CHUJINGLING, Asker

OPEN = '[roles.ANONYMOUS]\nall = { PUBLIC = "ALLOW", REGISTRATION = "ALLOW", PEOPLE = "ALLOW" }\n'
CLOSED = OPEN.replace('PEOPLE = "ALLOW"', 'PEOPLE = "DENY"')


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "access.toml"
    found.write_text(OPEN, encoding="utf-8")
    return found


def verdict(rules: RulesFile) -> Verdict:
    return rules.rights(ANONYMOUS, None).others[DataGroup.PEOPLE]


def test_a_change_is_in_effect_within_a_second(path: Path) -> None:
    clock = Clock()
    rules = RulesFile(path, clock)
    before = rules.rights(ANONYMOUS, None)
    assert verdict(rules) is Verdict.ALLOW
    path.write_text(CLOSED, encoding="utf-8")
    clock.now += 0.9
    assert verdict(rules) is Verdict.FORBIDDEN
    assert rules.rights(ANONYMOUS, None) is not before
    assert rules.rights(ANONYMOUS, None) is rules.rights(ANONYMOUS, None)


@pytest.mark.parametrize("broken", ["roles = ", '[roles.ANONYMOUS]\nall = { SECRETS = "ALLOW" }', None])
def test_a_broken_file_leaves_the_rules_as_they_were_and_is_told_once(path: Path, broken: str | None) -> None:
    clock = Clock()
    rules = RulesFile(path, clock)
    if broken is None:
        path.unlink()
    else:
        path.write_text(broken, encoding="utf-8")
    with structlog.testing.capture_logs() as told:
        for _ in range(4):
            clock.now += 1
            assert verdict(rules) is Verdict.ALLOW
        if broken is not None:
            os.utime(path, ns=(1, 1))  # touched, and as broken as before
        clock.now += 1
        assert verdict(rules) is Verdict.ALLOW
    assert [entry["event"] for entry in told] == ["access.rules_unusable"]
    assert str(path) in told[0]["problem"]
    path.write_text(CLOSED, encoding="utf-8")
    clock.now += 1
    assert verdict(rules) is Verdict.FORBIDDEN


def test_a_hub_does_not_start_with_a_broken_file(path: Path) -> None:
    path.write_text("roles = ", encoding="utf-8")
    with pytest.raises(RulesMisconfigured):
        RulesFile(path)


async def test_no_plan_of_the_old_rules_answers_by_the_new_ones(ask: Asker, path: Path) -> None:
    clock = Clock()
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ legalRepresentative }} }}'
    for compiled in (True, False):
        path.write_text(OPEN, encoding="utf-8")
        guarded = ask.guarded(RulesFile(path, clock), compiled=compiled)
        for text, given in ((OPEN, True), (CLOSED, False), (OPEN, True)):
            path.write_text(text, encoding="utf-8")
            clock.now += 1
            for _ in range(2):
                reply = await guarded(query)
                assert reply.codes() == ({} if given else {"enterprise.legalRepresentative": "FORBIDDEN"})
