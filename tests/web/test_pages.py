"""The pages for people: what browsers may do with them, where the console is built and where it is not, demo tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from auth.identity import demo
from server import create_app, demo_readers
from settings import Settings
from tests.running import serve
from tests.world import DEMO_SOURCES, World

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the build leaves it."""
    folder = tmp_path_factory.mktemp("console")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text('<!doctype html><script type="module" src="/assets/main-1.js"></script>')
    (folder / "assets" / "main-1.js").write_text("export {};\n" * 200)
    return folder


@pytest.fixture(scope="module", params=["with a console", "without"])
def pages(request: pytest.FixtureRequest, world: World, console: Path) -> Iterator[tuple[str, bool]]:
    """The address of a hub, and whether it has a console."""
    built = request.param == "with a console"
    settings = Settings(
        sources=DEMO_SOURCES,
        store_url=world.store_url,
        data_dir=world.folder,
        console=console if built else world.folder / "nowhere",
    )
    with serve(create_app(settings, world.environment)) as url:
        yield url, built


def test_pages_say_what_browsers_may_do_with_them(pages: tuple[str, bool]) -> None:
    url, built = pages
    for path in ("/", "/ask", "/pages/editor.js", "/pages/style.css", *(("/rankings", "/assets/main-1.js") * built)):
        page = httpx.get(f"{url}{path}")
        assert page.status_code == 200, path
        policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert "geolocation=()" in page.headers["permissions-policy"]
        assert "//" not in page.text.replace("<!--", ""), "nothing is loaded from elsewhere"


def test_the_console_is_served_where_it_is_built_and_otherwise_a_page_says_how(pages: tuple[str, bool]) -> None:
    url, built = pages
    page = httpx.get(url).text
    assert ("/assets/main-1.js" in page) == built
    assert ("scripts/console" in page) == (not built)
    assert httpx.get(f"{url}/rankings").status_code == (200 if built else 404)
    sent = httpx.get(f"{url}/graphql", headers=HTML)
    assert (sent.status_code, sent.headers["location"]) == (307, "/explore" if built else "/ask")
    if built:
        asset = httpx.get(f"{url}/assets/main-1.js").headers
        assert "immutable" in asset["cache-control"]
        assert asset["content-encoding"] == "gzip"
        assert httpx.get(f"{url}/assets/..%2findex.html").status_code == 404
    assert "no-cache" in httpx.get(url).headers["cache-control"]


def test_demo_tokens_are_given_to_the_hubs_own_pages(pages: tuple[str, bool]) -> None:
    url, _ = pages
    offered = httpx.get(f"{url}/demo/readers").json()
    assert [reader["name"] for reader in offered] == list(demo.NAMES)
    given = httpx.post(f"{url}/demo/readers/bank-icbc/token", headers={"Sec-Fetch-Site": "same-origin"})
    assert given.headers["cache-control"] == "no-store"
    me = httpx.post(
        f"{url}/graphql",
        json={"query": "{ me { organisation } }"},
        headers={"Authorization": f"Bearer {given.json()['token']}"},
    )
    assert me.json()["data"] == {"me": {"organisation": "icbc"}}
    for site in ("cross-site", "same-site", "none"):
        refused = httpx.post(f"{url}/demo/readers/bank-icbc/token", headers={"Sec-Fetch-Site": site})
        assert refused.status_code == 403
    assert httpx.get(f"{url}/demo/readers/bank-icbc/token").status_code == 405
    assert httpx.post(f"{url}/demo/readers/nobody/token").status_code == 404


def test_there_are_no_demo_tokens_but_by_the_demos_own_issuer(tmp_path: Path, world: World) -> None:
    production = Settings(mode="production", sources=DEMO_SOURCES, store_url=world.store_url, data_dir=tmp_path)
    assert demo_readers(production) is None
    assert demo_readers(Settings(data_dir=tmp_path, identity=tmp_path / "identity.toml")) is None
    assert not (tmp_path / "demo-issuer").exists(), "no key was made"
