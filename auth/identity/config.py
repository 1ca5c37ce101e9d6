"""The issuers whose tokens are believed, and the clients that may use them, from identity.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from codes.access import Purpose, Role

Algorithm = Literal["RS256", "PS256", "ES256", "EdDSA"]
"""Asymmetric ones only: whoever can check a token must not be able to make one (RFC 8725 §3.1)."""


class IdentityMisconfigured(ValueError):
    """A file of issuers and clients cannot be used: file and key, cause, and what to do."""


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Issuer(_Frozen):
    """Who makes tokens, and which of its tokens are believed."""

    issuer: str = Field(min_length=1)
    """The claim `iss`, to the letter."""
    keys: str
    """Path of a PEM file with one public key, or of a JWKS file; beside the file that names it."""
    algorithms: tuple[Algorithm, ...] = Field(min_length=1)
    types: tuple[str, ...] = ("at+jwt", "application/at+jwt")
    """Accepted values of the header `typ` (RFC 9068 §2.1)."""
    roles: frozenset[Role]
    """Roles that its tokens may name."""


class Client(_Frozen):
    """A registered program, by the claim `client_id`."""

    title: str
    organisation: str = Field(min_length=1)
    """Whom it asks for; a token cannot choose another."""
    roles: frozenset[Role]
    purposes: frozenset[Purpose] = frozenset()


class Identity(_Frozen):
    """The issuers and clients of a hub."""

    audience: str = "innograph"
    """What tokens must be made for: the claim `aud`."""
    issuers: Mapping[str, Issuer] = Field(default_factory=dict)
    clients: Mapping[str, Client] = Field(default_factory=dict)


def load(path: Path) -> Identity:
    """Return what a file declares, paths of keys made absolute; raise IdentityMisconfigured."""
    try:
        found = Identity.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise IdentityMisconfigured(f"{path}: cannot be read ({error}). Give the path of a TOML file.") from error
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}. See docs/access.md." for e in error.errors()]
        raise IdentityMisconfigured("\n".join(lines)) from error
    issuers = {
        name: issuer.model_copy(update={"keys": str(path.parent / issuer.keys)})
        for name, issuer in found.issuers.items()
    }
    return found.model_copy(update={"issuers": issuers})
