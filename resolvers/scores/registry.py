"""The schemes of a hub: those that come with it and fit its sources, and the operator's own, which must."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path

import structlog

from connectors.catalogue import IMPLICIT, Catalogue, FieldKind, Money
from connectors.config import SourcesConfig
from scoring.checking import check_inputs, check_sources
from scoring.errors import SchemeMisconfigured
from scoring.loading import SHIPPED, load
from scoring.scheme import Scheme

_log = structlog.get_logger()

OWNER = "uscc"
"""The key of the collections that scores are made of: those of an enterprise."""

_KINDS: Mapping[FieldKind, str] = {
    Money: "amount", int: "number", Decimal: "number", float: "number", bool: "flag", date: "date", datetime: "moment",
    str: "text",
}  # fmt: skip


class Schemes:
    """The schemes of a hub as they are now, by code and version."""

    def __init__(self, schemes: Iterable[Scheme] = (), left_out: Mapping[str, str] | None = None) -> None:
        """Hold these schemes, and remember why others were left out."""
        self._schemes = {(scheme.id, scheme.version): scheme for scheme in schemes}
        self.left_out: Mapping[str, str] = left_out or {}
        """By ``code@version`` why a scheme that comes with the hub does not fit its sources."""

    def logged(self) -> Schemes:
        """Say in the log which were left out; return these."""
        for name, problem in self.left_out.items():
            _log.info("schemes.left_out", scheme=name, problem=problem)
        return self

    @property
    def current(self) -> Mapping[tuple[str, str], Scheme]:
        """The schemes as they are now."""
        return self._schemes

    def all(self) -> list[Scheme]:
        """Return all schemes, by code and the order in which versions came into force."""
        return sorted(self.current.values(), key=lambda scheme: (scheme.id, *_age(scheme)))

    def find(self, code: str, version: str | None = None, day: date = date.max) -> Scheme | None:
        """Return a scheme by ``code``, or ``code@version``; None if there is none.

        Without a version it is the one that came into force last, by the day; of none that has, the first to do so.
        """
        code, _, named = code.partition("@")
        if wanted := named or version:
            return self.current.get((code, wanted))
        versions = [scheme for scheme in self.all() if scheme.id == code]
        begun = [scheme for scheme in versions if _age(scheme)[0] <= day]
        return begun[-1] if begun else next(iter(versions), None)


def open_schemes(config: SourcesConfig, own: Path | None = None) -> Schemes:
    """Return the schemes of a hub with these sources; raise SchemeMisconfigured for one of its own that does not fit.

    A scheme that comes with the hub and does not fit its sources is left out, which whoever opens them may tell: a hub
    with other sources has no use for the demonstrations.
    """
    found: dict[tuple[str, str], Scheme] = {}
    left_out: dict[str, str] = {}
    for path in sorted(SHIPPED.glob("*.toml")):
        scheme = load(path)
        try:
            check(scheme, str(path), config)
        except SchemeMisconfigured as error:
            left_out[f"{scheme.id}@{scheme.version}"] = str(error)
        else:
            found[scheme.id, scheme.version] = scheme
    for path in _own(own):
        scheme = load(path)
        if (scheme.id, scheme.version) in found:
            problem = f"{scheme.id} {scheme.version} is there already"
            raise SchemeMisconfigured(str(path), problem, "Give it another `version`.")
        check(scheme, str(path), config)
        found[scheme.id, scheme.version] = scheme
    return Schemes(found.values(), left_out)


def check(scheme: Scheme, path: str, config: SourcesConfig) -> None:
    """Raise SchemeMisconfigured if a scheme does not fit the catalogue or the sources of a hub."""
    check_inputs(scheme, path, kinds(config.catalogue))
    check_sources(scheme, path, {name: source.collections for name, source in config.sources.items()})


def kinds(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """Return the fields of the collections that scores can be made of, with what may be taken of each."""
    return {
        name: {field: _kind(kind) for field, kind in (*collection.fields.items(), *IMPLICIT.items())}
        for name, collection in catalogue.items()
        if collection.key == OWNER
    }


def _own(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise SchemeMisconfigured(str(folder), "is no folder", "Set HUB_SCHEMES to the folder of your scheme files.")
    return sorted(folder.glob("*.toml"))


def _kind(kind: FieldKind) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "text"
    return _KINDS.get(kind, "list")


def _age(scheme: Scheme) -> tuple[date, str]:
    return scheme.valid_from or date.min, scheme.version
