"""What docs/policies.md asks is answered, in its order, as its readers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.flows.conftest import Hub
from tests.flows.policymaking import ENTERPRISE, OFFICER, key

TEXT = (Path(__file__).parent.parent.parent / "docs" / "policies.md").read_text(encoding="utf-8")
NOTHING = {"id": "Entitlement:0", "version": 1, "action": "ARCHIVE"}


def test_the_queries_of_the_documentation_are_answered(acting: Hub) -> None:
    blocks = re.findall(r"^```graphql\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 8
    pool: dict[str, Any] = {}
    for block in blocks:
        given: dict[str, Any] = {"key": key(), **({"pool": pool["id"]} if "$pool" in block else {})}
        given |= {"items": [NOTHING]} if "$items" in block else {}
        reader = OFFICER if "mutation" in block or "policyWork" in block else ENTERPRISE
        said = acting.ask(reader, block, **(given if "mutation" in block else {}))
        assert said.codes() == {}, (block, said.body)
        if "mutation" in block:
            (payload,) = said.data.values()
            assert payload["userErrors"] == [], payload
            pool = payload.get("budgetPool") or pool
    trial = acting.ask(OFFICER, blocks[4]).data["zone"]["policyWork"][0]["dryRun"]
    assert trial["enterprises"] > 0
