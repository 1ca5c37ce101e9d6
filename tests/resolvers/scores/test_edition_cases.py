"""Behaviour of editions as readable files: a question, its answer, and the fetches it may cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.resolvers.scores.hub import Zoned
from tests.resolvers.test_cases import FOLDER, read


@pytest.mark.parametrize("way", ["compiled", "by reference"])
@pytest.mark.parametrize("path", sorted((FOLDER / "editions").glob("*.md")), ids=lambda path: path.stem)
async def test_case(hub: Zoned, path: Path, way: str) -> None:
    ask = hub.ask if way == "compiled" else hub.ask.by_reference()
    case = read(path)
    codes = (await hub.evaluated())[:3]
    reply = await ask(case.query, {"codes": codes} if "$codes" in case.query else {})
    assert reply.errors == []
    if case.data is not None:
        assert reply.data == case.data
    assert dict(hub.ways.seen) == case.fetches
