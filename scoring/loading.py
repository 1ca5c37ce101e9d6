"""Scheme files: read, checked, and refused with place, cause and remedy if they are wrong."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scoring import building, checking, form, scheme
from scoring.building import Building
from scoring.errors import SchemeMisconfigured

SHIPPED = Path(__file__).parent / "schemes"
"""The schemes that come with innograph."""


def load(path: Path) -> scheme.Scheme:
    """Read and check a scheme file; raise SchemeMisconfigured with file, key, cause and remedy."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SchemeMisconfigured(str(path), f"cannot be read ({error})", "Check the path and the encoding.") from error
    return parse(text, str(path))


def load_all(*folders: Path) -> Mapping[tuple[str, str], scheme.Scheme]:
    """Return the schemes of the folders' `*.toml` by identifier and version; two may not claim the same."""
    found: dict[tuple[str, str], scheme.Scheme] = {}
    for path in sorted(path for folder in folders for path in folder.glob("*.toml")):
        loaded = load(path)
        if (loaded.id, loaded.version) in found:
            raise SchemeMisconfigured(
                str(path), f"{loaded.id} {loaded.version} is there already", "Give it another `version`."
            )
        found[loaded.id, loaded.version] = loaded
    return found


def parse(text: str, path: str) -> scheme.Scheme:
    """Check the text of a scheme file; `path` names it in messages."""
    try:
        said = tomllib.loads(text, parse_float=Decimal)
        document = form.Document.model_validate(said)
    except tomllib.TOMLDecodeError as error:
        raise SchemeMisconfigured(path, f"is not TOML ({error})", "Mend the line that it names.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        remedy = f"docs/scoring.md says what may stand there; {error.error_count()} such places in all."
        raise SchemeMisconfigured(f"{path}: {where}", first["msg"], remedy) from error
    made = _scheme(Building(path, document, _inputs(path, document)), digest(said), text)
    checking.check(made, path)
    return made


def digest(said: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a file says, whatever its layout, order of keys and comments."""
    text = json.dumps(said, default=str, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _inputs(path: str, document: form.Document) -> Mapping[str, scheme.Input]:
    return {name: _input(f"{path}: inputs.{name}", name, entry) for name, entry in document.inputs.items()}


def _input(where: str, name: str, entry: form.Input) -> scheme.Input:
    if (entry.field is None) != (entry.take == "count"):
        raise SchemeMisconfigured(where, f"takes a {entry.take}", "Give `field`; only a count has none.")
    if bool(entry.categories) != (entry.take == "category"):
        raise SchemeMisconfigured(where, f"takes a {entry.take}", "Give `categories` for a category, and only for one.")
    return _meant(where, name, entry, take=entry.take, field=entry.field, categories=entry.categories)


def _meant(where: str, name: str, entry: form.Meant, **taken: Any) -> scheme.Input:
    """Return an input of the records that are meant, with what is taken of them."""
    if entry.year is not None and entry.years is not None:
        raise SchemeMisconfigured(where, "has both `year` and `years`", "Keep one of them.")
    years = entry.years if entry.year is None else (entry.year, entry.year)
    if years and years[0] > years[1]:
        raise SchemeMisconfigured(where, "has years that end before they begin", "Give the earlier one first.")
    return scheme.Input(
        name,
        entry.collection,
        dated=entry.dated,
        years=years,
        period=entry.period,
        where={key: tuple(_text(value) for value in values) for key, values in entry.where.items()},
        valid=scheme.Validity(**entry.valid.model_dump()) if entry.valid else None,
        **taken,
    )


def _evaluated(path: str, document: form.Document) -> scheme.Input | None:
    entry = document.evaluated
    return _meant(f"{path}: evaluated", "evaluated", entry, take="count") if entry else None


def _text(value: str | bool | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scheme(build: Building, digest_: str, text: str) -> scheme.Scheme:
    document = build.document
    return scheme.Scheme(
        id=document.id,
        version=document.version,
        title=document.title,
        title_zh=document.title_zh,
        issuer=document.issuer,
        document=document.document,
        valid_from=document.valid_from,
        valid_to=document.valid_to,
        synthetic=document.synthetic,
        note=document.note,
        digest=digest_,
        text=text,
        decimals=document.decimals,
        base=build.exact("points", document.points),
        bonus=build.exact("bonus", document.bonus),
        evaluated=_evaluated(build.path, document),
        inputs=build.inputs,
        groups=tuple(_group(build, f"groups[{n}]", entry) for n, entry in enumerate(document.groups)),
        indicators=tuple(_indicator(build, f"indicators.{entry.id}", entry) for entry in document.indicators),
        stages=_stages(build, document.stages) if document.stages else None,
        passing=build.exact("passing.at_least", document.passing.at_least) if document.passing else None,
        floors=tuple(_floor(build, f"floors[{n}]", entry) for n, entry in enumerate(document.floors)),
        vetoes=tuple(_rule(build, f"vetoes.{entry.id}", entry) for entry in document.vetoes),
        direct=tuple(_rule(build, f"direct.{entry.id}", entry) for entry in document.direct),
        ties=tuple(build.place("ranking.ties", group, document.groups) for group in document.ranking.ties),
        lists=tuple(_cut(build, f"lists.{entry.id}", entry) for entry in document.lists),
        data_sources=tuple(
            scheme.DataSource(name, entry.title_zh, entry.department, entry.collections)
            for name, entry in document.data_sources.items()
        ),
    )


def _group(build: Building, where: str, entry: form.Group) -> scheme.Group:
    maximum = build.maximum(f"{where}.points", entry.points)
    return scheme.Group(building.names(entry), maximum, entry.bonus, entry.capped)


def _indicator(build: Building, where: str, entry: form.Indicator) -> scheme.Indicator:
    if (entry.measure is None) != bool(entry.alternatives):
        build.refuse(where, "has not exactly one of measure and alternatives", "Give one of them.")
    own = [way for way in ("unit", "tiers", "linear", "percentile", "categories") if getattr(entry, way)]
    if entry.alternatives and own:
        build.refuse(where, f"has alternatives, and {own[0]} beside them", "Move it into the alternatives.")
    missing = build.document.missing if entry.missing is None else entry.missing
    applicable = build.document.not_applicable if entry.not_applicable is None else entry.not_applicable
    return scheme.Indicator(
        building.names(entry),
        build.place(f"{where}.group", entry.group, build.document.groups),
        _alternatives(build, where, entry),
        build.maximum(f"{where}.points", entry.points),
        entry.better,
        _missing(build, f"{where}.missing", missing),
        _missing(build, f"{where}.not_applicable", missing if applicable is None else applicable),
        entry.sources,
    )


def _alternatives(build: Building, where: str, entry: form.Indicator) -> tuple[scheme.Alternative, ...]:
    own = {key: getattr(entry, key) for key in form.Scored.model_fields if key not in ("name", "name_zh")}
    ways = entry.alternatives or (form.Scored.model_construct(name=entry.name, name_zh=entry.name_zh, **own),)
    found = []
    for number, way in enumerate(ways):
        place = f"{where}.alternatives[{number}]" if entry.alternatives else where
        measured = building.measure(build, f"{place}.measure", way.measure, way.unit)
        called = scheme.Names(f"{entry.id}_{number + 1}", way.name or entry.name, way.name_zh or entry.name_zh)
        found.append(scheme.Alternative(called, measured, building.points(build, place, way, entry, measured)))
    return tuple(found)


def _missing(build: Building, where: str, rule: form.Missing) -> scheme.MissingRule:
    if rule == "left_out":
        return scheme.MissingRule(left_out=True)
    share = Fraction(0) if rule == "none" else Fraction(rule)
    if not 0 <= share <= 1:
        build.refuse(where, f"counts a missing value with {rule} of the maximum", "Give a share between 0 and 1.")
    return scheme.MissingRule(share=share)


def _stages(build: Building, entry: form.Stages) -> scheme.Stages:
    by = tuple(
        scheme.StageBy(
            scheme.Names(name, one.name, one.name_zh),
            building.measure(build, f"stages.by.{name}.measure", one.measure, one.unit),
        )
        for name, one in entry.by.items()
    )
    stages = []
    for one in entry.stage:
        where = f"stages.{one.id}"
        if strange := set(one.bounds) - set(entry.by):
            build.refuse(where, f"there is no measure {sorted(strange)[0]!r}", "Declare it under [stages.by].")
        bounds = {name: building.interval(build, f"{where}.{name}", given) for name, given in one.bounds.items()}
        stages.append(scheme.Stage(building.names(one), bounds, one.otherwise))
    unknown = None if entry.unknown is None else build.place("stages.unknown", entry.unknown, entry.stage)
    return scheme.Stages(by, tuple(stages), unknown)


def _floor(build: Building, where: str, entry: form.Floor) -> scheme.Floor:
    if (entry.group is None) == (entry.indicator is None) or (entry.at_least is None) == (entry.above is None):
        build.refuse(where, "is not of one thing at one bound", "Give group or indicator, and at_least or above.")
    if entry.at_least is not None:
        least, words = build.exact(where, entry.at_least), f"at least {entry.at_least} points"
    else:
        least, words = build.exact(where, entry.above or Decimal(0)) + 1, f"more than {entry.above} points"
    if entry.group is not None:
        return scheme.Floor("group", build.place(where, entry.group, build.document.groups), least, words)
    place = build.place(where, str(entry.indicator), build.document.indicators)
    return scheme.Floor("indicator", place, least, words)


def _rule(build: Building, where: str, entry: form.Deciding) -> scheme.Rule:
    conditions = tuple(building.condition(build, f"{where}.when[{n}]", one) for n, one in enumerate(entry.when))
    return scheme.Rule(building.names(entry), conditions, entry.effect == "not_ranked")


def _cut(build: Building, where: str, entry: form.Cut) -> scheme.Cut:
    if (entry.first is None) == (entry.up_to_percent is None):
        build.refuse(where, "has not exactly one of first and up_to_percent", "Give one of them.")
    beyond, up_to = Fraction(entry.beyond_percent) / 100, Fraction(entry.up_to_percent or 0) / 100
    if entry.first is None and not 0 <= beyond < up_to <= 1:
        build.refuse(where, "has shares that are not in order between 0 and 100 %", "Correct the two shares.")
    if entry.among == "stage" and build.document.stages is None:
        build.refuse(where, "is by stage, but there are no stages", "Declare [stages], or among = 'all'.")
    return scheme.Cut(building.names(entry), entry.among, entry.first, beyond, up_to)
