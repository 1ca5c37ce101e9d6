"""The README's question has the README's answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.world import Asker

README = Path(__file__).parent.parent.parent / "README.md"


async def test_the_query_of_the_readme_has_the_answer_shown(ask: Asker) -> None:
    text = README.read_text(encoding="utf-8")
    blocks: dict[str, str] = dict(re.findall(r"^```(graphql|json)\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    reply = await ask(blocks["graphql"])
    assert reply.errors == []
    assert {"data": reply.data} == json.loads(blocks["json"])
