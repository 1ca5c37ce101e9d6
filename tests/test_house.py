"""The house itself: names that nobody else claims, the committed schema, settings and documentation in step."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from graphql import build_schema as build_from_sdl
from graphql.utilities import find_breaking_changes

from auth.audit.signing import make_key
from connectors.catalogue import COLLECTIONS
from connectors.config import load
from schema.graph import build_schema, sdl
from settings import InsecureSettings, Settings
from tests.world import DEMO_SOURCES

ROOT = Path(__file__).parent.parent
OURS = (
    "auth", "codes", "commands", "connectors", "demo", "logs", "manage", "renewal", "resolvers", "schema", "scoring",
    "server", "serving", "settings", "spark", "store", "telemetry", "web", "workers",
)  # fmt: skip


def test_no_other_distribution_claims_one_of_our_names() -> None:
    claimed = {name: owners for name in OURS if (owners := set(packages_distributions().get(name, ())) - {"innograph"})}
    assert claimed == {}, f"uninstall {claimed}: it hides a package of ours of the same name"


def test_the_committed_schema_is_the_schema() -> None:
    committed = (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")
    current = sdl(build_schema())
    breaking = [c.description for c in find_breaking_changes(build_from_sdl(committed), build_from_sdl(current))]
    assert breaking == [], "these break readers; if they are meant: python manage.py schema print --write"
    assert current == committed, "take it over: python manage.py schema print --write"


def test_everything_that_can_be_asked_is_described() -> None:
    core = build_schema()._schema
    nameless = [
        name for name, type_ in core.type_map.items() if not name.startswith("__") and type_.description is None
    ]
    assert nameless == []


def test_each_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.model_fields if f"`HUB_{name.upper()}`" not in text]
    assert missing == []
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"`(HUB_\w+)`", text)) <= known


def test_each_collection_and_each_error_code_is_documented() -> None:
    sources = (ROOT / "docs" / "collections.md").read_text(encoding="utf-8")
    for name, collection in COLLECTIONS.items():
        assert f"`{name}`" in sources
        for field in collection.fields:
            assert f"`{field}`" in sources, f"{name}.{field}"
    answers = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
    from auth.identity.refusals import Unavailable
    from auth.limits import RateLimited
    from connectors.errors import SourceFailure
    from connectors.outcomes import Absent
    from resolvers.auditing import AuditUnavailable
    from resolvers.execution import errors
    from web.crowd import OVERLOADED
    from web.listeners import TOO_MANY_LISTENERS
    from web.notices import NOT_TOLD

    codes = {
        RateLimited.code,
        AuditUnavailable.code,
        OVERLOADED,
        TOO_MANY_LISTENERS,
        NOT_TOLD,
        Unavailable.code,
        SourceFailure.code,
    }
    codes |= {kind.code for kind in SourceFailure.__subclasses__()}
    codes |= {value for name, value in vars(errors).items() if name.isupper() and isinstance(value, str)}
    for word in (*codes, *(reason.value for reason in Absent)):
        assert f"`{word}`" in answers, word


def test_each_option_of_the_kinds_is_documented() -> None:
    from connectors import config, http, http_auth, partner, rest, rest_paging, sql

    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    models = [
        *(m for module in (sql, rest, rest_paging, partner, http, http_auth, config) for m in vars(module).values())
    ]
    from pydantic import BaseModel

    for model in models:
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name in model.model_fields:
                assert re.search(rf"\b{name.rstrip('_')}\b", text), f"{model.__name__}.{name}"


def test_the_demo_feeds_every_collection() -> None:
    fed = {collection for source in load(DEMO_SOURCES).sources.values() for collection in source.collections}
    assert fed == set(COLLECTIONS)


@pytest.mark.parametrize("given", [{}, {"sources": "x.toml"}, {"store_url": "sqlite+aiosqlite:///x"}])
def test_production_refuses_what_suits_only_a_demonstration(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="is not set: production mode uses nothing of the demo world"):
        Settings(mode="production", **given)  # type: ignore[arg-type]  # pydantic reads the texts
    assert issubclass(InsecureSettings, ValueError)


SOURCES = """
[sources.a]
kind = "KIND"
title = "A"
owner = "o"
sharing = "UNCONDITIONAL"
[sources.a.collections.registration]
records = []
fields = ["name"]
"""


@pytest.mark.parametrize(
    ("environment", "kind", "words"),
    [
        ({"HUB_PORT": "eighty", "HUB_MODE": "demo"}, "memory", "HUB_PORT: "),
        ({"HUB_SOURCES": "$/absent.toml"}, "memory", "absent.toml"),
        ({"HUB_STORE_URL": ""}, "memory", "HUB_STORE_URL"),
        ({}, "memry", "no connector of kind 'memry' is installed"),
        ({}, "memory", "python manage.py store upgrade"),
        ({"HUB_AUDIT_KEY": ""}, "memory", "HUB_AUDIT_KEY is not set: production mode makes no key"),
        ({"HUB_AUDIT_KEY": "$/absent.pem"}, "memory", "openssl genpkey -algorithm ed25519"),
        ({"HUB_AUDIT_RETENTION_DAYS": "182"}, "memory", "HUB_AUDIT_RETENTION_DAYS: "),
        (
            {"HUB_STORE_URL": "postgresql://u:sesame@127.0.0.1/d"},
            "memory",
            "HUB_STORE_URL: 'postgresql' is no store; write",
        ),
        (
            {"HUB_STORE_URL": "postgresql+asyncpg://u:sesame@127.0.0.1:1/d"},
            "memory",
            "HUB_STORE_URL: the store cannot be reached (ConnectionRefusedError: [Errno 111] Connect call failed",
        ),
    ],
)
def test_what_stops_the_start_is_said_in_one_line(
    tmp_path: Path, environment: dict[str, str], kind: str, words: str
) -> None:
    (tmp_path / "sources.toml").write_text(SOURCES.replace("KIND", kind), encoding="utf-8")
    make_key(tmp_path / "audit.pem")
    given = {
        "HUB_MODE": "production",
        "HUB_SOURCES": f"{tmp_path}/sources.toml",
        "HUB_STORE_URL": f"sqlite+aiosqlite:///{tmp_path}/store.sqlite",
        "HUB_PORT": "0",
        "HUB_AUDIT_KEY": f"{tmp_path}/audit.pem",
        **{name: value.replace("$", str(tmp_path)) for name, value in environment.items()},
    }
    started = subprocess.run(
        [sys.executable, "server.py"], cwd=ROOT, env=given, capture_output=True, text=True, timeout=60
    )
    assert started.returncode == 1
    assert words in started.stderr
    assert "Traceback" not in started.stderr
    assert "sesame" not in started.stderr
