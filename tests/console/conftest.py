"""The console as people use it: built, served by a whole hub over the small world, opened in headless Chromium.

Chromium is the system's own package. Without it, or without npm, these tests are skipped with the reason; `.ci/run`
installs it where it may, and then requires it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from demo.editions import EDITIONS
from tests.browsing import Visit
from tests.services import missing
from tests.visiting import ROOT, Hub, own_hub
from tests.world import World

DIST = ROOT / "console" / "dist"

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def built() -> Path:
    """The console's folder, built from what stands there now."""
    if shutil.which("npm") is None:
        missing("no npm to build the console with")
    subprocess.run([ROOT / "scripts" / "console"], check=True, timeout=600)
    if not (DIST / "index.html").is_file():
        missing("no Node.js that is new enough to build the console with")
    return DIST


@pytest.fixture(scope="session")
def hub(world: World, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub over the small world with a store of its own, in which two editions of East Lake are public."""
    with own_hub(world, tmp_path_factory.mktemp("hub"), console=built, cache_bytes=0) as found:
        for period, (day, _, _) in EDITIONS.items():
            found.open_notice(found.run_edition(period, day.isoformat()))
        yield found


@pytest.fixture(scope="module")
def browser(hub: Hub) -> Iterator[Browser]:
    """The system's Chromium, headless; what drives it keeps an event loop running, so it starts last and ends first."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("HUB_REQUIRE_CHROMIUM") == "1":
            pytest.fail("no chromium, and HUB_REQUIRE_CHROMIUM=1")
        pytest.skip("no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser, hub: Hub) -> Iterator[Callable[..., Visit]]:
    """Open a page of the console with the network closed to everybody but the hub."""
    with ExitStack() as closing:

        def open_page(path: str, **context: Any) -> Visit:
            return closing.enter_context(_visit(browser, hub.url, path, context))

        yield open_page


@contextmanager
def _visit(browser: Browser, url: str, path: str, options: dict[str, Any]) -> Iterator[Visit]:
    context = browser.new_context(locale="en-GB", reduced_motion="reduce", **options)
    complaints: list[str] = []
    strangers: list[str] = []

    def pass_or_abort(route: Any) -> None:
        if route.request.url.startswith((url, "blob:")):
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    context.route("**/*", pass_or_abort)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{url}{path}")
    yield Visit(page, complaints, strangers)
    context.close()
    assert strangers == [], "something was asked of others than the hub"
    refused = [text for text in complaints if "Content Security Policy" in text]
    assert refused == [], "the page does what its own policy forbids"
