"""The hub's settings: read once from the environment (prefix HUB_), checked, frozen, handed down."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_ORIGIN = re.compile(r"https?://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?")
_STORES = ("sqlite+aiosqlite", "postgresql+asyncpg")
_ADDRESS = re.compile(_ORIGIN.pattern + r"(/[^?#\\s]*)?", re.IGNORECASE)


def _listed(given: Any) -> Any:
    return given.replace(",", " ").split() if isinstance(given, str) else given


_Several = (NoDecode, BeforeValidator(_listed))
"""Of a setting with several values: they are separated by commas or blanks."""


class InsecureSettings(ValueError):
    """A default that only suits a demonstration is about to be used in production."""


class Settings(BaseSettings):
    """Every setting of the hub; docs/settings.md explains each."""

    model_config = SettingsConfigDict(env_prefix="HUB_", frozen=True, extra="ignore", env_ignore_empty=True)

    mode: Literal["demo", "production", "mock"] = Field(
        "demo",
        description="`demo` makes the demo world and starts its source services; `production` does neither; `mock` "
        "serves the schema with values that are made up, and asks nobody.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    data_dir: Path = Field(Path("data"), description="Folder for what the hub and the demo world keep on disk.")
    sources: Path | None = Field(
        None, description="Path of sources.toml. In demo mode the demo world's own if not given."
    )
    access: Path | None = Field(
        None,
        description="Path of access.toml, the access rules, read again when it changes. "
        "Those that come with the hub if not given.",
    )
    identity: Path | None = Field(
        None,
        description="Path of identity.toml: whose tokens are believed, and which clients may use them. "
        "In demo mode the demo's own issuer if not given; in production everybody is anonymous then.",
    )
    schemes: Path | None = Field(
        None,
        description="Folder of scheme files of your own, `*.toml`. One that does not fit the sources ends the start.",
    )
    console: Path | None = Field(
        None, description="Folder of a built console. What `scripts/console` has built here if not given."
    )
    store_url: str | None = Field(
        None,
        description="URL of the hub's store, `postgresql+asyncpg://…` or `sqlite+aiosqlite://…`. In demo mode an "
        "SQLite file under HUB_DATA_DIR.",
    )
    audit_key: Path | None = Field(
        None,
        description="Path of the Ed25519 key, as PEM, that signs the audit. In demo mode one is made if not given; "
        "in production the hub does not serve without.",
    )
    audit_former_keys: Annotated[tuple[Path, ...], *_Several] = Field(
        (), description="Paths of the public keys, as PEM, that signed the audit before HUB_AUDIT_KEY did."
    )
    sealing_keys: Annotated[tuple[Path, ...], *_Several] = Field(
        (),
        description="Paths of the keys by which bank accounts are sealed in the store: the first seals, each opens. In "
        "demo mode one is made if not given; in production enterprises name no accounts without.",
    )
    audit_hash: Literal["SHA-256", "SM3"] = Field(
        "SHA-256", description="Hash function of the audit's tree; it cannot be changed once there is a record."
    )
    audit_head_seconds: float = Field(
        60.0, gt=0, description="Seconds after which a signed head of the audit's tree is kept for good."
    )
    audit_retention_days: int = Field(
        1826,
        ge=183,
        description="Days for which records stay in the audit; at least 183, as network logs must by law. Nothing is "
        "taken out but by `manage.py audit expire`.",
    )
    cache_bytes: int = Field(
        256 * 1024 * 1024, ge=0, description="About how many bytes of the sources' answers are kept for others to use."
    )
    request_seconds: float = Field(8.0, gt=0, description="Seconds that one request may take.")
    header_seconds: float = Field(
        10.0, gt=0, description="Seconds after which a connection on which no whole request head has come is closed."
    )
    idle_seconds: int = Field(
        75,
        gt=0,
        description="Seconds after which a connection is closed over which no further request comes. More than "
        "whatever sends requests over it keeps one (a proxy mostly 60): what closes here first may be lost on its way.",
    )
    body_seconds: float = Field(15.0, gt=0, description="Seconds within which a request's whole body must come.")
    body_limit: int = Field(1_000_000, gt=0, description="Most bytes of a request's body, also after unpacking.")
    concurrency: int = Field(
        500, gt=0, description="Most requests to the graph at work at once; beyond it they are refused."
    )
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="Processes that serve at the same port. In production, more than one need PostgreSQL as the store, "
        "and a Redis.",
    )
    leaving_seconds: float = Field(
        1.0,
        ge=0,
        description="Seconds for which a hub that was told to end (SIGTERM) still takes requests, no longer being "
        "ready: more than proxies take to notice.",
    )
    drain_seconds: int = Field(
        30, gt=0, description="Seconds that requests under way have then to be answered, before they are cut off."
    )
    cost_limit: int = Field(
        100_000, gt=0, description="Cost units that one request may cost; a unit is about one record of a source."
    )
    rate_organisation: int = Field(
        2_400_000, gt=0, description="Cost units that an organisation may spend within a minute."
    )
    rate_address: int = Field(
        120_000,
        gt=0,
        description="Cost units that the anonymous readers of one address may spend within a minute, and as many "
        "apart from these for tokens that are not believed.",
    )
    redis_url: str | None = Field(
        None,
        repr=False,
        description="URL of a Redis in which several hubs count together what was spent, remember proofs that "
        "were shown, wake each other when something was changed, and keep what sources have answered. If not given, "
        "each hub does for itself.",
    )
    listeners: int = Field(
        100,
        gt=0,
        description="Connections on which an organisation, or the anonymous readers of an address, may listen to one "
        "hub at once.",
    )
    listener_operations: int = Field(50, gt=0, description="Operations at once over one WebSocket.")
    listener_events: int = Field(
        100, gt=0, description="Events that may wait for a subscription; one that falls further behind is ended."
    )
    heartbeat_seconds: float = Field(
        15.0,
        gt=0,
        description="Seconds after which those who listen are shown that the hub is there, and their tokens are "
        "looked at again.",
    )
    event_days: int = Field(7, ge=1, description="Days for which events stay in the store once they were delivered.")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], *_Several] = Field(
        (), description="Networks of the proxies that are believed when they say for whom they ask."
    )
    proxy_header: Literal["X-Forwarded-For", "Forwarded"] = Field(
        "X-Forwarded-For",
        description="The header in which they say it. They must write it anew or add to it; others are not looked at.",
    )
    certificate_header: Literal["Client-Cert", "X-SSL-Client-Cert"] = Field(
        "Client-Cert",
        description="The header in which they pass on a client's certificate. They must take it away from callers.",
    )
    public_url: str | None = Field(
        None,
        description="Where readers reach the hub, as `https://hub.example`: what proofs of possession (DPoP) must be "
        "made for. If not given, production mode believes no proofs; demo mode believes the address that a caller says "
        "it has asked.",
    )
    cors_origins: Annotated[tuple[str, ...], *_Several] = Field(
        (),
        description="Origins whose pages may read the hub's answers, as `https://portal.example`. None if not given.",
    )
    subgraph_security: bool = Field(
        True,
        description="Tell a federation's gateway what needs a token, by `@authenticated` and `@requiresScopes`. "
        "Apollo's gateway in JavaScript refuses a graph that says so; the rules hold either way.",
    )
    mcp_url: str = Field(
        "http://127.0.0.1:8000", description="The hub that `manage.py mcp` asks, by the address of its root."
    )
    mcp_token: str | None = Field(
        None, repr=False, description="The token or API key that `manage.py mcp` shows it. Anonymous if not given."
    )
    demo_enterprises: int = Field(120_000, ge=100, description="Enterprises in the demo world's company registry.")
    explain: bool | None = Field(
        None,
        description="Tell whoever asks for `extensions.plan` what was done, and everybody by Server-Timing what "
        "it took; operators are told anyway. On in demo mode if not given.",
    )
    log_format: Literal["console", "json"] = Field("console", description="How the log is written.")
    slow_seconds: float = Field(
        1.0, gt=0, description="Seconds after which an operation is logged with its plan, one a second at most."
    )
    metrics_readers: Annotated[tuple[IPv4Network | IPv6Network, ...], *_Several] = Field(
        (),
        description="Networks from which `/metrics` may be read, past every proxy. If not given, nobody may.",
    )
    traces_url: str | None = Field(
        None, description="Where spans are sent by OTLP over HTTP, as `http://collector:4318/v1/traces`."
    )
    traces_share: float = Field(
        0.01, ge=0, le=1, description="Share of requests that are traced, if HUB_TRACES_URL is."
    )

    @field_validator("store_url")
    @classmethod
    def _refuse_what_is_no_store(cls, url: str | None) -> str | None:
        scheme = (url or _STORES[0]).partition("://")[0]
        if scheme not in _STORES:
            raise ValueError(f"{scheme!r} is no store; write {' or '.join(f'{store}://…' for store in _STORES)}")
        return url

    @field_validator("public_url")
    @classmethod
    def _refuse_what_is_no_address(cls, address: str | None) -> str | None:
        if address is not None and not _ADDRESS.fullmatch(address):
            raise ValueError(f"{address!r} is no address; write scheme and host, and a path if there is one")
        return address

    @field_validator("cors_origins")
    @classmethod
    def _refuse_what_is_no_origin(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin!r} is no origin; write scheme, host and port as a browser does: https://portal.example"
                )
        return origins

    @model_validator(mode="after")
    def _refuse_insecure_defaults(self) -> Self:
        if self.mode == "production":
            for name, value in (("HUB_SOURCES", self.sources), ("HUB_STORE_URL", self.store_url)):
                if value is None:
                    raise InsecureSettings(
                        f"{name} is not set: production mode uses nothing of the demo world. Set it."
                    )
            if self.workers > 1 and (self.redis_url is None or self.store.startswith("sqlite")):
                raise InsecureSettings(
                    f"HUB_WORKERS is {self.workers}: in production several processes need PostgreSQL as HUB_STORE_URL, "
                    "and a Redis as HUB_REDIS_URL to count together and to know each other's proofs. Set both."
                )
        return self

    @property
    def sources_file(self) -> Path | None:
        """The sources.toml of this hub: in demo mode the demo world's own if none is named."""
        demos = Path(__file__).parent / "demo" / "sources.toml" if self.mode == "demo" else None
        return self.sources or demos

    @property
    def demo_issuer(self) -> Path:
        """Folder of the demo's issuer."""
        return self.data_dir / "demo-issuer"

    @property
    def explains(self) -> bool:
        """Whether plans are told to those who ask."""
        return self.mode == "demo" if self.explain is None else self.explain

    @property
    def store(self) -> str:
        """URL of the store."""
        return self.store_url or f"sqlite+aiosqlite:///{(self.data_dir / 'store.sqlite').resolve()}"


def read() -> Settings:
    """Read the settings; end the process with one line for each that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [_problem(entry["loc"], entry["msg"]) for entry in error.errors()]
        raise SystemExit("\n".join(problems) + "\nSee docs/settings.md.") from error


def _problem(place: tuple[int | str, ...], message: str) -> str:
    name = "HUB_" + "_".join(str(part) for part in place).upper() + ": " if place else ""
    return f"{name}{message.removeprefix('Value error, ')}"
