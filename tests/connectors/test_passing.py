"""Who asks, passed on to a partner: by a token of its own for each reader, or by a signed statement."""

from __future__ import annotations

import asyncio
import base64
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typer.testing import CliRunner

import manage
from auth.identity import api_keys, demo
from auth.principal import ANONYMOUS, Principal
from codes.access import Role
from connectors.assurance import assure
from connectors.config import parse
from connectors.errors import SourcesMisconfigured
from connectors.sources import Sources
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from resolvers.request import Hub
from store.directory import Directory
from store.engine import open_store
from tests.running import serve
from tests.world import CHUJINGLING as A
from tests.world import Asker, World, hub_schema

QUESTION = f'{{ enterprise(uscc: "{A}") {{ address }} }}'
TYPE = "urn:ietf:params:oauth:token-type:access_token"


@dataclass
class Partner:
    """A partner that answers each record with whom it was read for."""

    issuer: Path
    hub: ECKey | OKPKey | None = None
    """The hub's public key."""
    own: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    seen: Counter[str] = field(default_factory=Counter)
    statements: list[Any] = field(default_factory=list)
    refuses: bool = False

    async def token(self, request: Request) -> Response:
        """Exchange the token of a reader of the demo's issuer, but of no guarantor."""
        self.seen["exchanges"] += 1
        assert request.headers["authorization"] == "Basic " + base64.b64encode(b"hub:secret").decode()
        asked = dict(parse_qsl((await request.body()).decode()))
        assert asked["grant_type"] == "urn:ietf:params:oauth:grant-type:token-exchange"
        assert (asked["subject_token_type"], asked["audience"]) == (TYPE, "partner")
        public = ECKey.import_key((self.issuer / "public.pem").read_bytes())
        reader = jwt.decode(asked["subject_token"], public, algorithms=["ES256"]).claims
        if "GUARANTEE" in reader["roles"]:
            return JSONResponse({"error": "invalid_request"}, 400)
        claims = {"aud": "partner", "sub": reader["org"], "exp": int(time.time()) + 120}
        token = jwt.encode({"alg": "ES256"}, claims, self.own)
        return JSONResponse(
            {"access_token": token, "issued_token_type": TYPE, "token_type": "Bearer", "expires_in": 120}
        )

    async def graphql(self, request: Request) -> Response:
        """Answer for whom it is asked, and take its time."""
        asked = orjson.loads(await request.body())
        if asked["query"] == "{ __typename }":
            return JSONResponse({"data": {"__typename": "Query"}})
        if "__schema" in asked["query"]:
            self.seen[f"introspections by {request.headers.get('authorization')}"] += 1
            return JSONResponse({"errors": [{"message": "not told"}]})
        try:
            if statement := request.headers.get("hub-caller"):
                assert self.hub
                read = jwt.decode(statement, self.hub, algorithms=["ES256", "Ed25519"])
                assert read.header["typ"] == "innograph-caller+jwt"
                jwt.JWTClaimsRegistry(aud={"essential": True, "value": "partner"}).validate(read.claims)
                self.statements.append(read.claims)
                whom = read.claims["sub"]
            else:
                scheme, _, token = request.headers["authorization"].partition(" ")
                assert scheme == "Bearer"
                whom = jwt.decode(token, self.own, algorithms=["ES256"]).claims["sub"]
        except (JoseError, KeyError):
            return Response(status_code=401)
        self.seen[whom] += 1
        await asyncio.sleep(0.05)
        if self.refuses:
            return Response(status_code=403)
        rows = [{"code": key, "place": f"for {whom}"} for key in asked["variables"]["keys"]]
        return JSONResponse({"data": {"rows": rows}})


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Partner, str]]:
    """A partner, and its address."""
    issuer = tmp_path_factory.mktemp("issuer")
    demo.make_issuer(issuer)
    found = Partner(issuer)
    routes = [Route(f"/{name}", getattr(found, name), methods=["POST"]) for name in ("token", "graphql")]
    with serve(Starlette(routes=routes)) as url:
        yield found, url


def _text(url: str, identity: str) -> str:
    return f"""
[sources.partner]
kind = "partner"
title = "p"
owner = "o"
sharing = "UNCONDITIONAL"
url = "{url}/graphql"
identity = {identity}
[sources.partner.collections.registration]
key = "code"
cache = 3600
batch = {{ style = "list", field = "things", argument = "codes" }}
fields = {{ address = "place" }}
"""


def _declared(url: str, identity: str, folder: Path) -> Sources:
    text = _text(url, identity)
    return Sources(parse(text, folder / "sources.toml"), environment={"SECRET": "secret"})


EXCHANGE = """{ kind = "exchange", token_url = "URL/token", client_id = "hub", client_secret = "env:SECRET",
  audience = "partner" }""".replace("\n", "")
STATEMENT = '{ kind = "statement", key = "file:key.pem", issuer = "https://hub.example", audience = "partner" }'


@asynccontextmanager
async def _hub(sources: Sources, empty_store: Path) -> AsyncIterator[Asker]:
    store = open_store(f"sqlite+aiosqlite:///{empty_store}")
    hub = Hub(sources, Directory(store))
    try:
        yield Asker(hub, Engine(hub_schema(), GRAPH, hub), Counter(), World(empty_store.parent, {}, ""))
    finally:
        await sources.aclose()
        await store.dispose()


def _by(partner: Partner, name: str, organisation: str) -> dict[str, Any]:
    reader = Principal(name, organisation, frozenset((Role.BANK,)), name)
    return {"principal": reader, "headers": {"authorization": f"Bearer {demo.mint(partner.issuer, name)}"}}


async def test_each_reader_is_answered_by_a_token_of_its_own(
    partner: tuple[Partner, str], empty_store: Path, tmp_path: Path
) -> None:
    service, url = partner
    service.seen.clear()
    icbc, boc = _by(service, "bank-icbc", "icbc"), _by(service, "bank-boc", "boc")
    async with _hub(_declared(url, EXCHANGE.replace("URL", url), tmp_path), empty_store) as ask:
        replies = await asyncio.gather(*(ask(QUESTION, **by) for by in (icbc, boc, icbc)))
        assert [reply.data["enterprise"]["address"] for reply in replies] == ["for icbc", "for boc", "for icbc"]
        again = await ask(QUESTION, **icbc)
        assert again.source("partner")["cacheHits"] == 0
        assert (service.seen["icbc"], service.seen["boc"]) == (3, 1)  # nothing is kept or shared, by nobody's
        exchanges = service.seen["exchanges"]
        assert 2 <= exchanges <= 3  # a token of a reader's own is used again
        for by, words in (
            (_by(service, "guarantee-dongke", "dongke"), "does not exchange this reader's token (HTTP 400)"),
            ({"principal": ANONYMOUS}, "on behalf of known readers only"),
            ({**icbc, "headers": {"authorization": f"Bearer {api_keys.make().text}"}}, "has shown none"),
        ):
            reply = await ask(QUESTION, **by)
            assert reply.data["enterprise"]["address"] is None
            assert words in reply.errors[0]["message"]
        assert service.seen["exchanges"] == exchanges + 1  # a key of this hub's is shown to nobody
        service.refuses = True
        for _ in range(25):  # what is refused to a reader is no reason to leave the source alone for others
            await ask(QUESTION, **boc)
        service.refuses = False
        assert (await ask(QUESTION, **icbc)).data["enterprise"]["address"] == "for icbc"


@pytest.mark.parametrize("kind", ["P-256", "Ed25519"])
async def test_a_statement_tells_who_asks_what_and_why(
    kind: str, partner: tuple[Partner, str], empty_store: Path, tmp_path: Path
) -> None:
    service, url = partner
    service.statements.clear()
    key = ECKey.generate_key("P-256") if kind == "P-256" else OKPKey.generate_key("Ed25519")
    (tmp_path / "key.pem").write_bytes(key.as_pem(private=True))
    service.hub = type(key).import_key(key.as_pem(private=False))
    sources = _declared(url, STATEMENT, tmp_path)
    async with _hub(sources, empty_store) as ask:
        by = _by(service, "bank-icbc", "icbc")
        by["headers"]["hub-purpose"] = "PRE_LOAN"
        guarded = ask.guarded()
        address = f'{{ enterprise(uscc: "{A}") {{ address }} }}'
        reply = await ask(address, **by)
        assert reply.data["enterprise"]["address"] == "for icbc"
        await guarded(address, **{**by, "principal": _purposeful()})
        await assure(sources)  # nobody is passed on by what the hub asks for itself
    plain, purposeful = service.statements
    assert {name: plain[name] for name in ("iss", "aud", "sub", "operation")} == {
        "iss": "https://hub.example", "aud": "partner", "sub": "icbc", "operation": sha256(address.encode()).hexdigest()
    }  # fmt: skip
    assert plain["exp"] - plain["iat"] == 60
    assert abs(plain["iat"] - time.time()) < 30
    assert plain["jti"] != purposeful["jti"]
    assert purposeful["purpose"] == "PRE_LOAN"
    assert service.seen["introspections by None"] > 0


def test_a_source_that_is_told_who_asks_is_checked_without_its_records(
    partner: tuple[Partner, str], empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = partner
    (tmp_path / "key.pem").write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    (tmp_path / "sources.toml").write_text(_text(url, STATEMENT), encoding="utf-8")
    for name, value in (("MODE", "production"), ("SOURCES", tmp_path / "sources.toml"),
                        ("STORE_URL", f"sqlite+aiosqlite:///{empty_store}")):  # fmt: skip
        monkeypatch.setenv(f"HUB_{name}", str(value))
    found = CliRunner().invoke(manage.application, ["sources", "check", "partner"])
    assert found.exit_code == 0, (found.output, found.exception)


def _purposeful() -> Principal:
    reader, purposes = Role.BANK, demo.identity(Path()).clients["bank-icbc"].purposes
    return Principal("bank-icbc", "icbc", frozenset((reader,)), "bank-icbc", purposes=purposes)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("file:absent.pem", "cannot be read"),
        ("file:none.pem", "is no private key in PEM"),
        ("file:large.pem", "neither a P-256 nor an Ed25519 key"),
        ("-----BEGIN PRIVATE KEY-----", "is a secret written out"),
    ],
)
def test_a_key_that_cannot_sign_stops_the_start(key: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("none")
    (tmp_path / "large.pem").write_bytes(ECKey.generate_key("P-384").as_pem(private=True))
    with pytest.raises(SourcesMisconfigured, match=words):
        _declared("http://127.0.0.1:1", STATEMENT.replace("file:key.pem", key), tmp_path)
