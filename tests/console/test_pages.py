"""Every page in both languages and themes: no serious issue for axe, nothing wider than a phone, a small load."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import Visit
from tests.visiting import ROOT
from tests.world import CHUJINGLING

PAGES = {
    f"/enterprises/{CHUJINGLING}": "officer-eastlake",
    "/rankings": "officer-eastlake",
    "/sources": "operator",
    "/access": "enterprise-chujingling",
    "/explore": "officer-eastlake",
}

FIRST_LOAD = 300_000
"""Bytes, packed, that a first visit may load, fonts included and GraphiQL not."""


def _issues(page: Page) -> list[str]:
    page.evaluate((ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    # GraphiQL is as its makers made it.
    found = page.evaluate("axe.run({ exclude: ['.graphiql-frame'] }, { resultTypes: ['violations'] })")
    return [
        f"{issue['id']}: {issue['help']}: {node['target']}"
        for issue in found["violations"]
        if issue["impact"] in ("serious", "critical")
        for node in issue["nodes"][:3]
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_used_by_everybody_in_both_languages_and_themes(visit: Callable[..., Visit], path: str) -> None:
    opened = visit(path, color_scheme="light")
    page = opened.page
    opened.become(PAGES[path])
    page.wait_for_load_state("networkidle")
    assert _issues(page) == []
    page.get_by_role("button", name="中文").click()
    page.get_by_label("主题").select_option("dark")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.wait_for_timeout(300)
    assert _issues(page) == []
    expect(page.locator("main")).not_to_contain_text(re.compile(r"undefined|\[object|NaN"))
    page.set_viewport_size({"width": 375, "height": 700})
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375, "nothing is cut off on a phone"


def test_the_first_load_is_small(built: Path, visit: Callable[..., Visit]) -> None:
    page = visit(f"/enterprises/{CHUJINGLING}").page
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate("performance.getEntriesByType('resource').map(one => new URL(one.name).pathname)")
    files = {built / path.lstrip("/") for path in loaded if path.startswith("/assets/")} | {built / "index.html"}
    sizes = {path.name: _packed(path) for path in files}
    assert any(name.endswith(".woff2") for name in sizes)
    assert not any("codemirror" in name for name in sizes), "GraphiQL is loaded on demand"
    assert sum(sizes.values()) < FIRST_LOAD, sizes


def _packed(path: Path) -> int:
    content = path.read_bytes()
    return len(content) if path.suffix == ".woff2" else len(gzip.compress(content, 6))
