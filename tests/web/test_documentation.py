"""The documentation as pages: every link leads somewhere, raw HTML is text, the reference is of the code."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from settings import Settings
from web.documentation.hub import documentation
from web.documentation.markdown import render

_OUTSIDE = re.compile(r"[a-z]+:|/")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    assert documentation(Settings).build(folder) == len(list(folder.rglob("*.html")))
    return folder


def test_every_link_leads_somewhere(site: Path) -> None:
    pages = {path.resolve(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    anchors = {path: set(re.findall(r' id="([^"]*)"', text)) for path, text in pages.items()}
    broken = []
    for path, text in pages.items():
        for found in re.findall(r'(?:href|src)="([^"]*)"', text):
            target = unquote(unescape(found))
            if _OUTSIDE.match(target):
                assert not target.startswith("/"), "the site may lie anywhere"
                continue
            file, _, anchor = target.partition("#")
            to = (path.parent / file).resolve() if file else path
            if not to.exists() or (anchor and anchor not in anchors.get(to, {anchor})):
                broken.append(f"{path.name}: {target}")
    assert broken == []


def test_the_reference_is_of_the_code(site: Path) -> None:
    types = (site / "reference" / "types.html").read_text(encoding="utf-8")
    assert "FILINGS level 3, masked as AMOUNT" in types
    settings = (site / "reference" / "settings.html").read_text(encoding="utf-8")
    assert all(f"HUB_{name.upper()}" in settings for name in Settings.model_fields)
    assert "paging" in (site / "reference" / "connectors.html").read_text(encoding="utf-8")


def test_it_is_served_under_the_policy_of_the_pages(hub: str) -> None:
    for path in ("index.html", "reference/types.html", "style.css", "search.js", "search.json", "pictures/way.svg"):
        page = httpx.get(f"{hub}/docs/{path}", timeout=30)
        assert page.status_code == 200, path
        assert "script-src 'self'; style-src 'self'" in page.headers["content-security-policy"]
    assert httpx.get(f"{hub}/docs/reference/types.html").headers["content-encoding"] == "gzip"
    assert httpx.get(f"{hub}/docs", follow_redirects=True).url.path == "/docs/index.html"
    for path in ("nothing.html", "../pages.py", "%2e%2e/pages.py", "assets/../site.py", "/etc/passwd"):
        assert httpx.get(f"{hub}/docs/{path}").status_code == 404, path


def test_raw_html_is_text() -> None:
    assert "<script>" not in render("# A\n\n<script>alert(1)</script>", str).body
