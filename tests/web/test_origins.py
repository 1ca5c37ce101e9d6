"""Pages and the hub: which origins may ask and read, and what the hub's own pages may load."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest
import strawberry

from opening import open_door
from resolvers.binding import Batch, Graph
from resolvers.execution.engine import Engine
from server import create_app
from settings import Settings
from store.documents import TrustedDocuments
from store.engine import open_store
from tests.running import serve
from tests.world import DEMO_SOURCES, World, empty_hub
from web.application import create_web
from web.document_book import DocumentBook
from web.listeners import Bounds, Closing, Listeners
from web.persisted import Persisted

JSON = {"Content-Type": "application/json"}
QUERY = json.dumps({"query": "{ __typename }"}).encode()


@pytest.fixture(scope="module")
def open_to_portal(world: World) -> Iterator[str]:
    """A hub that is open to pages of one other origin."""
    settings = Settings(
        sources=DEMO_SOURCES,
        store_url=world.store_url,
        data_dir=world.folder,
        cors_origins=("https://portal.example",),
    )
    with serve(create_app(settings, world.environment)) as url:
        yield url


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/plain", QUERY),
        ("text/plain;charset=UTF-8", QUERY),
        ("application/x-www-form-urlencoded", b"query=%7B__typename%7D"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--',
        ),
        ("", QUERY),
        ("text/plain; application/json", QUERY),
        ("text/plain, application/json", QUERY),
    ],
)
def test_what_a_page_may_send_unasked_is_refused(hub: str, content_type: str, content: bytes) -> None:
    headers = {"Content-Type": content_type, "Origin": "https://stranger.example"}
    response = httpx.post(f"{hub}/graphql", content=content, headers=headers)
    assert response.status_code == 415
    assert response.json()["errors"][0]["message"]


@strawberry.type
class Query:
    """What can be asked."""

    done: int


@strawberry.type
class Mutation:
    """What can be done."""

    do: int


@pytest.fixture
def doing(tmp_path: Path) -> Iterator[str]:
    """A hub with something to do, which counts how often anything was done."""
    times = itertools.count(1)
    batches = {"Query.done": Batch(lambda _ask: [next(times)]), "Mutation.do": Batch(lambda _ask: [next(times)])}
    schema = strawberry.Schema(Query, Mutation)
    engine = Engine(schema, Graph(batches, {}, {}, {}), empty_hub())
    with serve(
        create_web(
            engine,
            open_door(Settings(data_dir=tmp_path)),
            str,
            _ready,
            may_read_schema=lambda _principal: True,
            body_limit=1000,
            body_seconds=1.0,
            concurrency=1,
            listeners=Listeners(Bounds(), Closing()),
            persisted=Persisted(DocumentBook(TrustedDocuments(open_store("sqlite+aiosqlite://")))),
        )
    ) as url:
        yield f"{url}/graphql"


async def _ready() -> Mapping[str, str]:
    return {}


def test_a_mutation_is_not_done_by_get(doing: str) -> None:
    for accept in ("application/json", "application/graphql-response+json", "*/*"):
        refused = httpx.get(doing, params={"query": "mutation { do }"}, headers={"Accept": accept})
        assert refused.status_code == 405
        assert refused.headers["allow"] == "POST"
    assert httpx.get(doing, params={"query": "{ done }"}).json()["data"] == {"done": 1}, "nothing was done before"


PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,authorization"}


def test_other_origins_are_shut_out_unless_they_are_listed(hub: str) -> None:
    origin = {"Origin": "https://portal.example"}
    assert httpx.options(f"{hub}/graphql", headers={**origin, **PREFLIGHT}).status_code == 405
    for response in (
        httpx.options(f"{hub}/graphql", headers={**origin, **PREFLIGHT}),
        httpx.post(f"{hub}/graphql", content=QUERY, headers={**origin, **JSON}),
    ):
        assert not [name for name in response.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://portal.example", True),
        ("http://portal.example", False),
        ("https://portal.example:8443", False),
        ("https://portal.example.stranger.example", False),
        ("https://sub.portal.example", False),
        ("HTTPS://PORTAL.EXAMPLE", False),
        ("null", False),
        ("*", False),
    ],
)
def test_listed_origins_are_let_in_to_the_letter(open_to_portal: str, origin: str, allowed: bool) -> None:
    asked = {"Origin": origin}
    preflight = httpx.options(f"{open_to_portal}/graphql", headers={**asked, **PREFLIGHT})
    answer = httpx.post(f"{open_to_portal}/graphql", content=QUERY, headers={**asked, **JSON})
    assert preflight.status_code == (200 if allowed else 400)
    assert answer.json()["data"] == {"__typename": "Query"}
    for response in (preflight, answer):
        assert response.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert "access-control-allow-credentials" not in response.headers
        assert "Origin" in re.split(r",\s*", response.headers["vary"])
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("method", "headers", "taken"),
    [
        ("POST", "content-type", 200),
        ("GET", "authorization", 200),
        ("POST", "content-type, x-other", 400),
        ("DELETE", "content-type", 400),
    ],
)
def test_preflights_name_what_may_be_sent(open_to_portal: str, method: str, headers: str, taken: int) -> None:
    asked = {
        "Origin": "https://portal.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    assert httpx.options(f"{open_to_portal}/graphql", headers=asked).status_code == taken


@pytest.mark.parametrize("given", ["*", "null", "portal.example", "https://portal.example/", "https://Portal.example"])
def test_what_is_no_origin_is_said_at_the_start(given: str) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        Settings.model_validate({"cors_origins": given})


def test_settings_of_several_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_CORS_ORIGINS", "https://a.example, http://b.example:8080")
    monkeypatch.setenv("HUB_TRUSTED_PROXIES", "10.0.0.0/8 fd00::/8")
    settings = Settings()
    assert settings.cors_origins == ("https://a.example", "http://b.example:8080")
    assert list(map(str, settings.trusted_proxies)) == ["10.0.0.0/8", "fd00::/8"]
