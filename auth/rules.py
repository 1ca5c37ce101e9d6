"""Access rules: what a reader's roles let it see of each group of fields, from access.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from auth.principal import Principal
from codes.access import DataGroup, Decision, Purpose, Role

SHIPPED = Path(__file__).parent / "access.toml"

MOST_KEYS = 1_000
"""Members of a list that a reader may ask for at a time, unless a role of it may more for its purpose."""


class RulesMisconfigured(ValueError):
    """A file of access rules cannot be used: file and key, cause, and what to do."""


class Verdict(Enum):
    """What becomes of a field: given, masked, or withheld with an error's code."""

    ALLOW = "ALLOW"
    MASK = "MASK"
    CONSENT_REQUIRED = "CONSENT_REQUIRED"
    PURPOSE_REQUIRED = "PURPOSE_REQUIRED"
    FORBIDDEN = "FORBIDDEN"


_OPENNESS = (Decision.DENY, Decision.MASK, Decision.CONSENT, Decision.PURPOSE, Decision.ALLOW)
"""A reader with several roles has the most open decision of them."""

Verdicts = Mapping[DataGroup, Verdict]


@dataclass(frozen=True, eq=False)
class Rights:
    """What may be seen, the same for all readers of the same roles, scopes and purpose.

    There is one of a kind: plans are kept by it.
    """

    own: Verdicts
    """Of what is the reader's own."""
    others: Verdicts
    introspection: bool
    for_purpose: bool
    """They are those of a reader who asks for a purpose that its client may use."""
    keys: int = MOST_KEYS
    """Members that a list in a question may have."""
    changes: frozenset[DataGroup] = frozenset()
    """Groups of what may be changed by mutations, by those who are a party to it."""

    @cached_property
    def by_consent(self) -> bool:
        """Whether anything depends on what enterprises have agreed to."""
        return Verdict.CONSENT_REQUIRED in (*self.own.values(), *self.others.values())


class Rulebook(Protocol):
    """Whatever says what readers may see: rules, or the file that they are read from."""

    def rights(self, principal: Principal, purpose: Purpose | None) -> Rights:
        """Return what a reader may see who asks for this purpose."""
        ...


class _Role(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    like: Role | None = None
    introspection: bool | None = None
    all: dict[DataGroup, Decision] = Field(default_factory=dict)
    own: dict[DataGroup, Decision] = Field(default_factory=dict)
    keys: dict[Purpose, PositiveInt] = Field(default_factory=dict)
    changes: frozenset[DataGroup] = frozenset()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: dict[Role, _Role]


@dataclass(frozen=True)
class _Decisions:
    all: Mapping[DataGroup, Decision]
    own: Mapping[DataGroup, Decision]
    introspection: bool
    keys: Mapping[Purpose, int]
    changes: frozenset[DataGroup]


_NOTHING = _Decisions({}, {}, introspection=False, keys={}, changes=frozenset())


class Rules:
    """The access rules of a hub."""

    def __init__(self, roles: Mapping[Role, _Decisions]) -> None:
        """Hold what each role may see."""
        self._roles = roles
        self._known = lru_cache(maxsize=1024)(self._rights)

    def rights(self, principal: Principal, purpose: Purpose | None) -> Rights:
        """Return what a reader may see who asks for this purpose."""
        return self._known(principal.roles, principal.scopes, purpose if purpose in principal.purposes else None)

    def _rights(self, roles: frozenset[Role], scopes: frozenset[str] | None, purpose: Purpose | None) -> Rights:
        held = [self._roles[role] for role in roles if role in self._roles]

        def verdict(group: DataGroup, decisions: list[Decision]) -> Verdict:
            decision = max(decisions, key=_OPENNESS.index, default=Decision.DENY)
            if scopes is not None and group.value not in scopes and group is not DataGroup.PUBLIC:
                return Verdict.FORBIDDEN
            return _verdict(decision, purpose)

        return Rights(
            own={g: verdict(g, [r.own.get(g, r.all.get(g, Decision.DENY)) for r in held]) for g in DataGroup},
            others={g: verdict(g, [r.all.get(g, Decision.DENY) for r in held]) for g in DataGroup},
            introspection=any(role.introspection for role in held),
            keys=max([MOST_KEYS, *(role.keys[purpose] for role in held if purpose and purpose in role.keys)]),
            for_purpose=purpose is not None,
            changes=frozenset(
                group for role in held for group in role.changes if scopes is None or group.value in scopes
            ),
        )


def load(path: Path = SHIPPED) -> Rules:
    """Return the rules of a file; raise RulesMisconfigured for one that cannot be used."""
    try:
        found = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise RulesMisconfigured(f"{path}: cannot be read ({error}). Give the path of a TOML file.") from error
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}. See docs/access.md." for e in error.errors()]
        raise RulesMisconfigured("\n".join(lines)) from error
    return Rules({role: _resolved(path, found, role, ()) for role in found.roles})


def _resolved(path: Path, file: _File, role: Role, seen: tuple[Role, ...]) -> _Decisions:
    if role in seen:
        raise RulesMisconfigured(f"{path}: roles.{role.value}.like: leads back to itself. Name a role that does not.")
    entry = file.roles.get(role)
    if entry is None:
        raise RulesMisconfigured(f"{path}: roles.{seen[-1].value}.like: there is no role {role.value}. Declare it.")
    base = _resolved(path, file, entry.like, (*seen, role)) if entry.like else _NOTHING
    introspection = base.introspection if entry.introspection is None else entry.introspection
    keys = {**base.keys, **entry.keys}
    changes = base.changes | entry.changes
    return _Decisions({**base.all, **entry.all}, {**base.own, **entry.own}, introspection, keys, changes)


def _verdict(decision: Decision, purpose: Purpose | None) -> Verdict:
    if decision is Decision.ALLOW:
        return Verdict.ALLOW
    if decision is Decision.MASK:
        return Verdict.MASK
    if decision is Decision.DENY:
        return Verdict.FORBIDDEN
    if purpose is None:
        return Verdict.PURPOSE_REQUIRED
    return Verdict.CONSENT_REQUIRED if decision is Decision.CONSENT else Verdict.ALLOW
