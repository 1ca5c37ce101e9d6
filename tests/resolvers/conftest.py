"""What the tests of answers share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from auth import rules
from auth.rules import Rules
from tests.resolvers.audited import Audited, auditing
from tests.world import Asker, Ruling


@pytest.fixture
def by(tmp_path: Path) -> Ruling:
    """Rules of a text, each argument the tables of one role."""

    def write(**roles: str) -> Rules:
        path = tmp_path / "access.toml"
        path.write_text("".join(f"[roles.{role}]\n{tables}\n" for role, tables in roles.items()), encoding="utf-8")
        return rules.load(path)

    return write


@pytest.fixture
async def audited(ask: Asker, tmp_path: Path) -> AsyncIterator[Audited]:
    """A hub over the small world, with a store of its own for consents and audit."""
    async with auditing(ask, tmp_path) as hub:
        yield hub
