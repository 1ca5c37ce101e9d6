"""The issuers whose tokens are believed, and the clients that may use them, from identity.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from codes import uscc
from codes.access import APART, Purpose, Role

Algorithm = Literal["RS256", "PS256", "ES256", "EdDSA"]
"""Asymmetric ones only: whoever can check a token must not be able to make one (RFC 8725 §3.1)."""


class IdentityMisconfigured(ValueError):
    """A file of issuers and clients cannot be used: file and key, cause, and what to do."""


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _place(keys: str) -> str:
    """Refuse an address over which somebody else's keys could come."""
    if "://" not in keys:
        return keys
    try:
        parts = httpx.URL(keys)
    except httpx.InvalidURL as error:
        raise ValueError(f"this is no address of keys: {error}") from None
    if not parts.host or parts.userinfo or parts.fragment:
        raise ValueError("write the address of the keys as https://host/path, without a name or password in it")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.host)):
        raise ValueError("keys are fetched by https; by http from this machine only")
    return keys


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _code(enterprise: str) -> str:
    try:
        return uscc.normalise(enterprise)
    except uscc.MalformedUscc as error:
        raise ValueError(str(error)) from None


class Issuer(_Frozen):
    """Who makes tokens, and which of its tokens are believed."""

    issuer: str = Field(min_length=1)
    """The claim `iss`, to the letter."""
    keys: Annotated[str, AfterValidator(_place)]
    """Address of a JWKS; or path of a JWKS file or a PEM file with one public key, beside the file that names it."""
    algorithms: tuple[Algorithm, ...] = Field(min_length=1)
    types: tuple[str, ...] = ("at+jwt", "application/at+jwt")
    """Accepted values of the header `typ` (RFC 9068 §2.1)."""
    roles: frozenset[Role]
    """Roles that its tokens may name."""
    bound: Literal["certificate", "dpop", "any"] | None = None
    """What its tokens must be bound to, so that a stolen one is of no use; None: they need not be."""

    @property
    def fetched(self) -> bool:
        """Whether its keys come from an address."""
        return "://" in self.keys


class Client(_Frozen):
    """A registered program, by the claim `client_id`."""

    title: str
    organisation: str = Field(min_length=1)
    """Whom it asks for; a token cannot choose another."""
    roles: frozenset[Role]
    purposes: frozenset[Purpose] = frozenset()
    enterprise: Annotated[str, AfterValidator(_code)] | None = None
    """The enterprise that its keys stand for, by credit code; its tokens may name no other."""
    zones: frozenset[str] = frozenset()
    """What its keys stand for; if there are any, its tokens may name no others. So for networks and funds."""
    networks: frozenset[str] = frozenset()
    funds: frozenset[str] = frozenset()
    documents: Literal["any", "trusted"] = "any"
    """What it may ask: any document, or those only that were registered for it."""

    @model_validator(mode="after")
    def _keep_duties_apart(self) -> Self:
        if len(both := self.roles & APART) > 1:
            names = " and ".join(sorted(role.value for role in both))
            raise ValueError(f"nobody may be {names} at once; give each of them a client of its own")
        return self


class Identity(_Frozen):
    """The issuers and clients of a hub."""

    audience: str = "innograph"
    """What tokens must be made for: the claim `aud`."""
    issuers: Mapping[str, Issuer] = Field(default_factory=dict)
    clients: Mapping[str, Client] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _refuse_issuers_of_one_name(self) -> Self:
        if len({entry.issuer for entry in self.issuers.values()}) < len(self.issuers):
            raise ValueError("two issuers have the same issuer (iss); put their keys and roles together")
        return self


@dataclass(frozen=True)
class IdentityFile:
    """A file of issuers and clients, and how it is read."""

    path: Path
    read: Callable[[], Identity]


def load(path: Path) -> Identity:
    """Return what a file declares, paths of keys made absolute; raise IdentityMisconfigured."""
    try:
        found = Identity.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise IdentityMisconfigured(f"{path}: cannot be read ({error}). Give the path of a TOML file.") from error
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}. See docs/access.md." for e in error.errors()]
        raise IdentityMisconfigured("\n".join(lines)) from error
    issuers = {
        name: issuer if issuer.fetched else issuer.model_copy(update={"keys": str(path.parent / issuer.keys)})
        for name, issuer in found.issuers.items()
    }
    return found.model_copy(update={"issuers": issuers})
