"""Access over HTTP: who is believed, who is turned away, and who asks too often."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from auth.audit.signing import make_key
from auth.identity import demo
from opening import open_identity
from server import create_app
from settings import Settings
from tests.running import serve
from tests.world import CHUJINGLING, DEMO_SOURCES, World

FILINGS = f'{{ me {{ subject }} enterprise(uscc: "{CHUJINGLING}") {{ filings {{ year }} }} }}'


def asked(url: str, token: str | None = None, **headers: str) -> httpx.Response:
    given = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.post(f"{url}/graphql", json={"query": FILINGS}, headers={**given, **headers})


def test_a_token_opens_what_its_reader_may_see(hub: str, world: World) -> None:
    issuer = world.folder / "demo-issuer"
    visitor = asked(hub).json()
    assert visitor["data"] == {"me": {"subject": "anonymous"}, "enterprise": {"filings": None}}
    assert [error["extensions"]["code"] for error in visitor["errors"]] == ["FORBIDDEN"]
    own = asked(hub, demo.mint(issuer, "enterprise-chujingling")).json()
    assert "errors" not in own
    assert len(own["data"]["enterprise"]["filings"]) == 3
    bank = asked(hub, demo.mint(issuer, "bank-boc"), **{"Hub-Purpose": "PRE_LOAN"}).json()
    assert [error["extensions"]["code"] for error in bank["errors"]] == ["CONSENT_REQUIRED"]


def test_a_token_that_is_not_believed_is_turned_away_with_a_challenge(hub: str, world: World) -> None:
    token = demo.mint(world.folder / "demo-issuer", "officer-eastlake", seconds=-600)
    refused = asked(hub, token)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith('Bearer realm="innograph", error="invalid_token"')
    assert refused.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert token not in refused.text


@pytest.mark.parametrize("name", ["access_token", "ACCESS_TOKEN", "access%5Ftoken"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_in_an_address_is_refused(hub: str, world: World, name: str, method: str) -> None:
    token = demo.mint(world.folder / "demo-issuer", "officer-eastlake")
    address = f"{hub}/graphql?query={quote(FILINGS)}&{name}={token}"
    refused = httpx.request(method, address, json={"query": FILINGS} if method == "POST" else None)
    assert refused.status_code == 400
    assert "send it in the header Authorization" in refused.json()["errors"][0]["message"]
    assert token not in refused.text


def test_who_asks_too_often_is_told_when_to_come_again(world: World) -> None:
    settings = Settings(
        sources=DEMO_SOURCES, store_url=world.store_url, data_dir=world.folder, rate_address=15, rate_organisation=25
    )
    with serve(create_app(settings, world.environment)) as url:
        assert asked(url).json()["extensions"]["cost"] == 5
        officer = demo.mint(world.folder / "demo-issuer", "officer-eastlake")
        assert [asked(url).status_code for _ in range(4)] == [200, 200, 429, 429]
        refused = asked(url)
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert [asked(url, officer).status_code for _ in range(6)] == [200] * 5 + [429]


def test_production_refuses_the_demo_issuer(tmp_path: Path, world: World) -> None:
    demo.make_issuer(tmp_path / "demo-issuer")
    identity = tmp_path / "identity.toml"
    identity.write_text(
        f'[issuers.x]\nissuer = "{demo.ISSUER}"\nkeys = "demo-issuer/public.pem"\nalgorithms = ["ES256"]\n'
        'roles = ["BANK"]\n'
    )
    make_key(tmp_path / "audit.pem")
    settings = Settings(
        mode="production",
        sources=DEMO_SOURCES,
        store_url=world.store_url,
        identity=identity,
        audit_key=tmp_path / "audit.pem",
    )
    with pytest.raises(ValueError, match="names the demo's issuer"):
        create_app(settings, world.environment)


@pytest.mark.parametrize(
    ("bound", "public_url", "refused"),
    [("dpop", None, True), ("dpop", "https://hub.example", False), ("any", None, False), (None, None, False)],
)
def test_production_demands_no_proofs_without_knowing_its_address(
    tmp_path: Path, world: World, bound: str | None, public_url: str | None, refused: bool
) -> None:
    demo.make_issuer(tmp_path / "own-issuer")
    identity = tmp_path / "identity.toml"
    demanded = f'bound = "{bound}"\n' if bound else ""
    identity.write_text(
        '[issuers.x]\nissuer = "https://id.example"\nkeys = "own-issuer/public.pem"\nalgorithms = ["ES256"]\n'
        f'roles = ["BANK"]\n{demanded}'
    )
    make_key(tmp_path / "audit.pem")
    known = {"mode": "production", "sources": DEMO_SOURCES, "store_url": world.store_url, "public_url": public_url}
    settings = Settings.model_validate({**known, "identity": identity, "audit_key": tmp_path / "audit.pem"})
    if refused:
        with pytest.raises(ValueError, match=r"issuers\.x: demands proofs, .* HUB_PUBLIC_URL is not set"):
            open_identity(settings)
    else:
        assert set(open_identity(settings).issuers) == {"x"}


def test_the_schema_is_told_to_those_with_the_right(world: World, tmp_path: Path) -> None:
    closed = tmp_path / "access.toml"
    closed.write_text(
        '[roles.ANONYMOUS]\nall = { PUBLIC = "ALLOW" }\n[roles.PORTAL]\nlike = "ANONYMOUS"\n'
        '[roles.OPERATOR]\nlike = "ANONYMOUS"\nintrospection = true\n',
        encoding="utf-8",
    )
    settings = Settings(sources=DEMO_SOURCES, store_url=world.store_url, data_dir=world.folder, access=closed)
    with serve(create_app(settings, world.environment)) as url:

        def schema(name: str | None) -> httpx.Response:
            token = demo.mint(world.folder / "demo-issuer", name) if name else None
            return httpx.get(f"{url}/schema.graphql", headers={"Authorization": f"Bearer {token}"} if token else {})

        nobody, portal, operator = schema(None), schema("portal"), schema("operator")
        assert (nobody.status_code, portal.status_code, operator.status_code) == (401, 403, 200)
        assert nobody.headers["www-authenticate"] == 'Bearer realm="innograph"'
        assert "UNAUTHENTICATED: " in nobody.text
        assert portal.text.startswith("FORBIDDEN: Your roles may not read the schema")
        assert "type Query" in operator.text
        assert "type Query" not in nobody.text + portal.text
        again = {"If-None-Match": operator.headers["etag"]}
        assert httpx.get(f"{url}/schema.graphql", headers=again).status_code == 401
        refused = httpx.get(f"{url}/schema.graphql", headers={"Authorization": "Bearer nonsense"})
        assert refused.status_code == 401
        assert "invalid_token" in refused.headers["www-authenticate"]
        told = httpx.post(f"{url}/graphql", json={"query": "{ __schema { queryType { name } } }"}).json()
        assert told["errors"][0]["extensions"]["code"] == "FORBIDDEN"
