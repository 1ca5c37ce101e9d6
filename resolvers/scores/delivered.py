"""Scores that a zone's own points system has finished: shown as it delivers them, and told as its."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry

from connectors.outcomes import Absent
from resolvers.fetching import facets, is_record, local_id
from resolvers.request import Ask
from resolvers.scores.schemes import Shown, shown
from resolvers.scores.shown_parts import ShownGroup, ShownOrigin
from schema import scheme as graph

ID = strawberry.ID

COLLECTION = "scores"

_ALWAYS = frozenset(("id", "scheme", "version", "period"))
"""What tells a record's scores apart; one that lacks any of the last three is no score."""

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "day": ("day",),
    "source": ("source",),
    "as_of": ("as_of",),
    "synthetic": ("synthetic",),
    "total": ("total",),
    "maximum": ("maximum",),
    "stage": ("stage", "stage_name"),
    "rank": ("rank",),
    "stage_rank": ("stage_rank",),
    "percentile": ("percentile",),
    "stage_percentile": ("stage_percentile",),
    "passed": ("passed",),
    "lists": ("lists",),
    "groups": ("groups",),
    "indicators": ("indicators", "source", "as_of"),
    "note": ("note",),
}
"""Fields of the record by the field of a score that is made of them."""


async def delivered(ask: Ask, scheme: str | None) -> list[Any]:
    """Return each parent's newest delivered score, None where its zone delivers none, or why that is not known.

    `scheme` is a code, or a code and a version; without it scores of any scheme are meant.
    """
    if not ask.hub.sources.feeds(COLLECTION):
        return [None] * len(ask.parents)
    asked = ask.selection.needs("Score")
    fields = _ALWAYS.union(*(_NEEDS[name] for name in asked if name in _NEEDS))
    code, _, version = local_id("Scheme", scheme or "").partition("@")
    found = await facets(ask, COLLECTION, fields)
    return [
        _newest(ask, parent.uscc, outcome, code, version) if is_record(outcome) else _why(outcome)
        for parent, outcome in zip(ask.parents, found, strict=True)
    ]


def _why(outcome: Any) -> Any:
    return None if outcome in (Absent.NOT_FOUND, Absent.NOT_DELIVERED) else outcome


def _newest(ask: Ask, uscc: str, records: Sequence[Any], code: str, version: str) -> DeliveredScore | None:
    told = [one for one in records if all(isinstance(said, str) for said in (one.scheme, one.version, one.period))]
    meant = [one for one in told if code in ("", one.scheme) and version in ("", one.version)]
    if not meant:
        return None
    record = max(meant, key=lambda one: (one.period, str(one.id)))
    known = ask.hub.schemes.find(record.scheme, record.version)
    return DeliveredScore(uscc, record, shown(known) if known else None)


@dataclass(frozen=True)
class DeliveredScore:
    """A score as a source has finished it; reasons are told as far as the source gives them."""

    uscc: str
    record: Any
    known: Shown | None
    """The scheme, if the hub has it."""

    provisional = False
    delivered = True
    edition_id = None
    peers_id = None
    stage_reason = None
    stage_figures: tuple[object, ...] = ()
    floors: tuple[object, ...] = ()
    vetoes: tuple[object, ...] = ()
    direct_ways: tuple[object, ...] = ()

    def __getattr__(self, name: str) -> Any:
        """Return what the record says itself: `total`, `rank`, `period`, and others of one name on both sides."""
        return getattr(self.record, name)

    @property
    def scheme(self) -> graph.Scheme | None:
        """The scheme, if the hub has it."""
        return self.known.whole if self.known else None

    @property
    def scheme_code(self) -> str:
        """The scheme's code."""
        return str(self.record.scheme)

    @property
    def synthetic(self) -> bool:
        """Whether it is made up."""
        return self.record.synthetic is True

    @property
    def stage(self) -> graph.Stage | None:
        """The stage: the scheme's own, or as much as the source says of it."""
        told, name = self.record.stage, self.record.stage_name
        if not isinstance(told, str):
            return None
        own = next((one for one in self.known.whole.stages if one.id == told), None) if self.known else None
        name = _text(name)
        return own or graph.Stage(id=ID(told), name=name or told, name_zh=name, recalled=False, criteria=None)

    @property
    def lists(self) -> list[graph.SchemeList]:
        """The lists of the scheme that it is on; of a scheme that the hub does not have none are known."""
        named = self.record.lists if isinstance(self.record.lists, Sequence) else ()
        return [one for one in self.known.whole.lists if one.id in named] if self.known else []

    @property
    def groups(self) -> list[ShownGroup]:
        """What the groups earned."""
        own = {one.id: one for one in self.known.whole.groups} if self.known else {}
        return [
            ShownGroup(self.uscc, own.get(ID(one.id)) or _group(one), one.points, one.maximum)
            for one in _each(self.record.groups)
        ]

    @property
    def indicators(self) -> list[DeliveredIndicator]:
        """What the indicators earned."""
        own = {one.id: one for one in self.known.whole.indicators} if self.known else {}
        origin = ShownOrigin(self.uscc, COLLECTION, self.record.source, self.record.as_of)
        return [
            DeliveredIndicator(
                self.uscc,
                own.get(ID(one.id)) or _indicator(one),
                one.value,
                one.category,
                _text(one.unit) or "",
                one.points,
                one.maximum,
                one.tier,
                one.missing,
                [origin],
            )
            for one in _each(self.record.indicators)
        ]


@dataclass(frozen=True, slots=True)
class DeliveredIndicator:
    """What one indicator earned, as a source says; what it does not say may be an absence."""

    uscc: str
    indicator: graph.Indicator
    value: Any
    category: Any
    unit: str
    points: Any
    maximum: Any
    tier: Any
    missing: Any
    sources: Sequence[ShownOrigin]
    edition_id: None = None
    made_of: frozenset[tuple[str, str | None]] = frozenset()
    tier_zh: str | None = None
    way: str | None = None
    next: None = None
    counted: str | None = None
    counted_zh: str | None = None


def _group(told: Any) -> graph.IndicatorGroup:
    name, name_zh = _text(told.name), _text(told.name_zh)
    return graph.IndicatorGroup(
        id=ID(told.id),
        name=name or name_zh or told.id,
        name_zh=name_zh,
        recalled=False,
        points=[],
        bonus=False,
        capped=False,
    )


def _indicator(told: Any) -> graph.Indicator:
    name, name_zh = _text(told.name), _text(told.name_zh)
    return graph.Indicator(
        id=ID(told.id),
        name=name or name_zh or told.id,
        name_zh=name_zh,
        recalled=False,
        group=None,
        unit=_text(told.unit) or "",
        points=[],
        better=None,
        ways=[],
        missing=None,
        sources=[],
    )


def _each(told: Any) -> Sequence[Any]:
    """Return the records within a record; those that say not of what they are are left out."""
    return [one for one in told if isinstance(one.id, str)] if isinstance(told, Sequence) else ()


def _text(told: Any) -> str | None:
    return told if isinstance(told, str) else None
