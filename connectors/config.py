"""`sources.toml`: read, checked against the catalogue, and refused with place, cause and remedy if it is wrong."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from codes.facets import Facet
from codes.kinds import Sharing
from connectors.catalogue import COLLECTIONS, Catalogue, Collection, Money
from connectors.declared import Declaration, collection_of, facet_of
from connectors.durations import seconds_of
from connectors.errors import SourcesMisconfigured
from connectors.mapping import FieldMapping, PublicIf
from connectors.places import line_of
from connectors.policy import Policy
from connectors.readers import EMPTY, UNITS

KEY_MAP = "identifiers"
"""The collection that the hub itself gives, too: its key map."""
RESIDENCE = "residence.zone_id"
"""Where an enterprise's zone is told."""
ZONES = "zones"
"""The collection of all zones."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _PublicIf(_Strict):
    column: str
    equals: str


class _Field(_Strict):
    column: str | None = None
    unit: Literal["元", "万元", "亿元"] | None = None
    values: dict[str, str] | None = None
    split: str = ";"
    public_if: _PublicIf | None = None
    constant: str | int | bool | None = None


class KeyConfig(_Strict):
    """How the hub's key becomes the source's: as it is, derived, or looked up in another collection."""

    column: str | tuple[str, ...]
    form: Literal["same", "organisation_code"] = "same"
    through: str | None = None
    case: Literal["same", "any"] = "same"

    @property
    def columns(self) -> tuple[str, ...]:
        """The source's key columns."""
        return (self.column,) if isinstance(self.column, str) else self.column


class _CollectionEntry(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    key: KeyConfig | None = None
    cache: float | None = Field(default=None, ge=0)
    stale: float = Field(default=3600, ge=0)
    exact: bool = False
    fields: dict[str, _Field]

    @field_validator("key", mode="before")
    @classmethod
    def _short_key(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str | list) else value

    @field_validator("fields", mode="before")
    @classmethod
    def _short_fields(cls, value: object) -> object:
        if isinstance(value, list):
            return {name: {} for name in value}
        if isinstance(value, dict):
            return {name: {"column": entry} if isinstance(entry, str) else entry for name, entry in value.items()}
        return value


class _SourceEntry(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str
    title: str
    title_zh: str | None = None
    owner: str
    organisation: str | None = None
    sharing: Sharing
    cadence: str | None = Field(default=None, pattern=r"^P(\d+[YMWD])*(T(\d+[HMS])+)?$")
    timeout: float = Field(default=2.0, gt=0)
    webhook: str | None = None
    urls: tuple[str, ...] | None = None
    policy: Policy = Policy()
    synthetic: bool = False
    empty: tuple[str, ...] = EMPTY
    collections: dict[str, _CollectionEntry]


class _Precedence(_Strict):
    precedence: tuple[str, ...] = ()
    fields: dict[str, tuple[str, ...]] = {}
    zones: dict[str, tuple[str, ...]] = {}


class _File(_Strict):
    sources: dict[str, _SourceEntry]
    collections: dict[str, _Precedence] = {}
    declared: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")], Declaration] = {}


@dataclass(frozen=True)
class CollectionConfig:
    """One collection that one source feeds."""

    collection: Collection
    key: KeyConfig
    cache: float
    """Seconds for which an answer is reused."""
    stale: float
    """Seconds after that, for which it is reused if the source fails."""
    exact: bool
    """The source gives the hub's own kinds: text is not trimmed, no text stands for nothing, amounts are in yuan."""
    fields: Mapping[str, FieldMapping]
    options: Mapping[str, Any]
    where: str


_BESIDE: dict[str, Any] = dict.fromkeys(["title", "title_zh", "owner", "organisation", "cadence", "timeout", "webhook"])
"""What is declared of a source and makes no other answers of it; nor do its policy, and for how long it is stood in."""


@dataclass(frozen=True)
class SourceConfig:
    """One entry of `sources.toml`, checked."""

    name: str
    kind: str
    title: str
    title_zh: str | None
    owner: str
    organisation: str | None
    """Whose tokens answer for the source where enterprises object to what it has of them."""
    sharing: Sharing
    cadence: str | None
    timeout: float
    webhook: str | None
    """A reference to the secret by which the source signs what it tells; None if it tells nothing."""
    urls: tuple[str, ...] | None
    """Where it can be asked alike, if at several addresses; None if its options say where."""
    policy: Policy
    synthetic: bool
    empty: tuple[str, ...]
    options: Mapping[str, Any]
    collections: Mapping[str, CollectionConfig]
    where: str

    @cached_property
    def edition(self) -> str:
        """The source's name, and by what is declared of its answers: they are not reused once that is otherwise."""
        collections = {name: replace(collection, stale=0.0) for name, collection in self.collections.items()}
        answers = replace(self, policy=Policy(), collections=collections, **_BESIDE)
        return f"{self.name}#{sha256(repr(answers).encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class SourcesConfig:
    """The whole of `sources.toml`, checked: the sources, and which goes first where several give a collection."""

    path: Path
    sources: Mapping[str, SourceConfig]
    precedence: Mapping[str, tuple[str, ...]]
    catalogue: Catalogue = field(default_factory=lambda: COLLECTIONS)
    """The collections that the file may name."""
    field_precedence: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """By collection and field, which sources go first in that field; the others follow as in the collection."""
    zone_precedence: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """By collection and zone, which sources go first for enterprises of that zone, in all fields."""
    facets: tuple[Facet, ...] = ()
    """What the file adds to the graph; their collections are in the catalogue."""


def load(path: Path, catalogue: Catalogue = COLLECTIONS) -> SourcesConfig:
    """Read and check the file; raise SourcesMisconfigured with place, cause and remedy."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SourcesMisconfigured(
            str(path), f"cannot be read ({error.strerror})", "Set HUB_SOURCES to the path of your sources.toml."
        ) from error
    return parse(text, path, catalogue)


def parse(text: str, path: Path, catalogue: Catalogue = COLLECTIONS) -> SourcesConfig:
    """Check the text of a `sources.toml`; `path` names it in messages and anchors relative paths."""
    try:
        return _checked(text, path, catalogue)
    except tomllib.TOMLDecodeError as error:
        raise SourcesMisconfigured(str(path), f"is not TOML ({error})", "Mend the line that it names.") from error
    except ValidationError as error:
        raise _located(_explained(path, error), text, path) from error
    except SourcesMisconfigured as error:
        raise _located(error, text, path) from error


def _checked(text: str, path: Path, catalogue: Catalogue) -> SourcesConfig:
    file = _File.model_validate(tomllib.loads(text))

    def at(dotted: str) -> str:
        line = line_of(text, dotted)
        return f"{path}:{line}: {dotted}" if line else f"{path}: {dotted}"

    facets = tuple(facet_of(at, name, entry, catalogue) for name, entry in file.declared.items())
    known = {**catalogue, **{one.collection: collection_of(one) for one in facets}}
    sources = {name: _source(path, name, entry, known) for name, entry in file.sources.items()}
    precedence = {name: entry.precedence for name, entry in file.collections.items()}
    by_field = {name: entry.fields for name, entry in file.collections.items() if entry.fields}
    by_zone = {name: entry.zones for name, entry in file.collections.items() if entry.zones}
    config = SourcesConfig(path, sources, precedence, known if facets else catalogue, by_field, by_zone, facets)
    _check_precedence(config)
    _check_zones(config)
    _check_lookups(config)
    return config


def _located(error: SourcesMisconfigured, text: str, path: Path) -> SourcesMisconfigured:
    """Return the error with the line that it is about."""
    dotted = error.where.removeprefix(f"{path}: ")
    line = line_of(text, dotted) if dotted != error.where else None
    return SourcesMisconfigured(f"{path}:{line}: {dotted}", error.problem, error.remedy) if line else error


def secrets(path: Path, environment: Mapping[str, str] = os.environ) -> Callable[[str], str]:
    """Return the resolver of `env:NAME` and `file:PATH`; a missing one raises SourcesMisconfigured, never its value."""

    def secret(reference: str) -> str:
        scheme, _, name = reference.partition(":")
        if scheme == "env":
            if name not in environment:
                raise SourcesMisconfigured(
                    str(path), f"refers to env:{name}, which is not set", f"Set the environment variable {name}."
                )
            return environment[name]
        if scheme == "file":
            try:
                return (path.parent / name).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SourcesMisconfigured(
                    str(path),
                    f"refers to file:{name}, which cannot be read ({error.strerror})",
                    "Put the secret there.",
                ) from error
        return reference

    return secret


def _source(path: Path, name: str, entry: _SourceEntry, catalogue: Catalogue) -> SourceConfig:
    where = f"{path}: sources.{name}"
    if entry.urls is not None:
        if "url" in (entry.model_extra or {}):
            raise SourcesMisconfigured(
                f"{where}.urls", "stands beside `url`", "Give one address, or several in `urls`."
            )
        if len(set(entry.urls)) < max(1, len(entry.urls)):
            raise SourcesMisconfigured(f"{where}.urls", "holds none, or one twice", "Give each address once.")
    lasting = _lasting(entry.cadence)
    collections = {
        collection: _collection(f"{where}.collections.{collection}", collection, found, catalogue, lasting)
        for collection, found in entry.collections.items()
    }
    given = {field: getattr(entry, field) for field in _SourceEntry.model_fields if field != "collections"}
    return SourceConfig(name=name, options=entry.model_extra or {}, collections=collections, where=where, **given)


def _lasting(cadence: str | None) -> float:
    """Return for how many seconds answers of a source are reused that changes so often: a hundredth of its period."""
    return min(3600.0, max(60.0, seconds_of(cadence) / 100)) if cadence else 300.0


def _collection(
    where: str, name: str, entry: _CollectionEntry, catalogue: Catalogue, lasting: float
) -> CollectionConfig:
    collection = catalogue.get(name)
    if collection is None:
        raise SourcesMisconfigured(where, f"unknown collection {name!r}", _suggest(name, catalogue))
    fields = {name: _field(f"{where}.fields.{name}", collection, name, m) for name, m in entry.fields.items()}
    if collection.record_key and collection.record_key not in fields:
        raise SourcesMisconfigured(
            f"{where}.fields",
            f"{collection.record_key!r} is missing, which tells the records of a key apart",
            f"Map {collection.record_key!r}.",
        )
    key = entry.key or KeyConfig(column=collection.key)
    cache = lasting if entry.cache is None else entry.cache
    return CollectionConfig(collection, key, cache, entry.stale, entry.exact, fields, entry.model_extra or {}, where)


def _field(where: str, collection: Collection, name: str, entry: _Field) -> FieldMapping:
    kind = collection.kind(name)
    if kind is None and name != collection.key:
        known = (*collection.fields, "as_of", "synthetic")
        raise SourcesMisconfigured(where, f"collection {collection.name!r} has no such field", _suggest(name, known))
    if entry.unit and kind is not Money:
        raise SourcesMisconfigured(where, f"has a unit ({entry.unit}), but is no amount of money", "Leave `unit` out.")
    public = PublicIf(entry.public_if.column, entry.public_if.equals) if entry.public_if else None
    return FieldMapping(entry.column or name, entry.unit, entry.values, entry.split, public, entry.constant)


def _check_precedence(config: SourcesConfig) -> None:
    for name, collection in config.catalogue.items():
        feeds = [source for source in config.sources.values() if name in source.collections]
        listed, by_field = config.precedence.get(name, ()), config.field_precedence.get(name, {})
        at = f"{config.path}: collections.{name}"
        if strange := set(listed) - {source.name for source in feeds}:
            raise SourcesMisconfigured(f"{at}.precedence", f"{sorted(strange)[0]!r} does not feed it", "Remove it.")
        for given, first in by_field.items():
            givers = {source.name for source in feeds if given in source.collections[name].fields}
            if strange := set(first) - givers:
                problem = f"{sorted(strange)[0]!r} does not give {given!r}"
                raise SourcesMisconfigured(f"{at}.fields.{given}", problem, "Remove it.")
        for given in collection.fields:
            both = [source.name for source in feeds if given in source.collections[name].fields]
            if (
                len(both) > 1
                and given != collection.record_key
                and not set(both) <= {*listed, *by_field.get(given, ())}
            ):
                raise SourcesMisconfigured(
                    at,
                    f"the field {given!r} comes from {' and '.join(both)}",
                    f"Say which goes first: [collections.{name}] precedence = {both!r}.",
                )


def _check_zones(config: SourcesConfig) -> None:
    residence = RESIDENCE.partition(".")[0]
    feeds = [source.collections[residence] for source in config.sources.values() if residence in source.collections]
    needed = {residence, KEY_MAP, *(feed.key.through.partition(".")[0] for feed in feeds if feed.key.through)}
    for name, zones in config.zone_precedence.items():
        where, collection = f"{config.path}: collections.{name}.zones", config.catalogue.get(name)
        if collection is None or collection.key != "uscc":
            raise SourcesMisconfigured(where, f"{name!r} holds no facts of enterprises", "Leave `zones` out.")
        if name in needed:
            raise SourcesMisconfigured(
                where, f"{name!r} is the same in all zones: zones are found by it", "Leave it out."
            )
        if not feeds:
            raise SourcesMisconfigured(where, f"no source gives {residence!r}, the zones of enterprises", "Add one.")
        giving = {source.name for source in config.sources.values() if name in source.collections}
        for zone, first in zones.items():
            if strange := set(first) - giving:
                raise SourcesMisconfigured(f"{where}.{zone}", f"{sorted(strange)[0]!r} does not feed it", "Remove it.")


def _check_lookups(config: SourcesConfig) -> None:
    for source in config.sources.values():
        for entry in source.collections.values():
            if (through := entry.key.through) is None:
                continue
            name, _, field = through.partition(".")
            if any(s.collections[name].key.through for s in config.sources.values() if name in s.collections):
                raise SourcesMisconfigured(
                    f"{entry.where}.key",
                    f"goes through {through!r}, which is itself looked up",
                    "Look keys up in a collection that carries the credit code.",
                )
            feeds = [s.collections[name].fields for s in config.sources.values() if name in s.collections]
            known = config.catalogue.get(name)
            fed = any(field in given for given in feeds) or (known and name == KEY_MAP and field in known.fields)
            if not fed:
                raise SourcesMisconfigured(
                    f"{entry.where}.key",
                    f"goes through {through!r}, which no source gives",
                    "Name a field that a source of this file gives, or of the key map: identifiers.taxpayer_number.",
                )


def _explained(path: Path, error: ValidationError) -> SourcesMisconfigured:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    units = f" Units are {', '.join(UNITS)}." if "unit" in place else ""
    return SourcesMisconfigured(f"{path}: {place}", first["msg"].lower(), f"See docs/sources.md.{units}")


def _suggest(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(sorted(known))}."
