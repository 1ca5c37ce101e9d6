"""Behaviour as readable files: a question, its answer, and the fetches it may cost (tests/cases/*.md)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.world import Asker

FOLDER = Path(__file__).parent.parent / "cases"
_BLOCK = re.compile(r"^```(\w+)( \w+)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FETCH = re.compile(r"^- `([\w.*-]+)`: (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One file."""

    query: str
    variables: dict[str, Any]
    data: Any
    fetches: dict[str, int]


def read(path: Path) -> Case:
    """Read a file."""
    text = path.read_text(encoding="utf-8")
    blocks = {kind + note.strip(): body for kind, note, body in _BLOCK.findall(text)}
    variables = json.loads(blocks.get("jsonvariables", "{}"))
    data = json.loads(blocks["jsondata"]) if "jsondata" in blocks else None
    return Case(blocks["graphql"], variables, data, {name: int(count) for name, count in _FETCH.findall(text)})


@pytest.mark.parametrize("way", ["compiled", "by reference"])
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
async def test_case(ask: Asker, path: Path, way: str) -> None:
    ask = ask if way == "compiled" else ask.by_reference()
    case = read(path)
    reply = await ask(case.query, case.variables)
    assert reply.errors == []
    if case.data is not None:
        assert reply.data == case.data
    assert reply.fetches == case.fetches
