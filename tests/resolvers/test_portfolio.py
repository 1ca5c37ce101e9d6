"""A portfolio when something does not answer: a part is lost and says why, everything else arrives."""

from __future__ import annotations

import pytest

from tests.consenting import ZHONGJIALI
from tests.world import CHUJINGLING, Asker, World, asking

QUESTION = f"""{{ portfolio(since: "2000-01-01", usccs: ["{CHUJINGLING}", "{ZHONGJIALI}"]) {{ nodes {{
    uscc enterprise {{ name }} flags {{ kind }} qualifications {{ kind }} filings {{ year }} score {{ change {{ change }} }}
}} }} }}"""
PARTS = {
    "flags": ("scjg-flags",),
}


async def test_everything_arrives(ask: Asker) -> None:
    reply = await ask(QUESTION)
    assert reply.errors == []
    nodes = reply.data["portfolio"]["nodes"]
    assert [node["enterprise"]["name"] for node in nodes] == ["武汉楚精灵医疗科技有限公司", "江西众加利高科技股份有限公司"]
