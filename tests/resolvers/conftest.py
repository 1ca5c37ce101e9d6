"""What the tests of answers share."""

from __future__ import annotations

from pathlib import Path

import pytest

from auth import rules
from auth.rules import Rules
from tests.world import Ruling


@pytest.fixture
def by(tmp_path: Path) -> Ruling:
    """Rules of a text, each argument the tables of one role."""

    def write(**roles: str) -> Rules:
        path = tmp_path / "access.toml"
        path.write_text("".join(f"[roles.{role}]\n{tables}\n" for role, tables in roles.items()), encoding="utf-8")
        return rules.load(path)

    return write
