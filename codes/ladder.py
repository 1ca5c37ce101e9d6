"""The cultivation ladder 梯度培育库: rungs that an enterprise holds for a time, by its qualifications. Pure.

Its five rungs are those that Nanchang High-tech Zone publishes; no other zone's are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from codes.kinds import Listed, QualificationKind

ZONES = frozenset(("nanchang-high-tech",))
"""Zones whose ladder is published."""


class LadderRung(Listed):
    """Rung of the cultivation ladder 梯度, the lowest first."""

    TECHNOLOGY_SME = "TECHNOLOGY_SME", "科技型中小企业"
    HIGH_TECH = "HIGH_TECH", "高新技术企业"
    HIGH_GROWTH = "HIGH_GROWTH", "高成长性科技型企业"
    SPECIALISED = "SPECIALISED", "专精特新企业"
    YINGSHANHONG = "YINGSHANHONG", "映山红企业"


RUNGS: Sequence[LadderRung] = tuple(LadderRung)

RUNG_OF: Mapping[QualificationKind, LadderRung] = {
    QualificationKind.TECHNOLOGY_SME: LadderRung.TECHNOLOGY_SME,
    QualificationKind.HIGH_TECH: LadderRung.HIGH_TECH,
    QualificationKind.HIGH_GROWTH: LadderRung.HIGH_GROWTH,
    QualificationKind.SPECIALISED_SME: LadderRung.SPECIALISED,
    QualificationKind.LITTLE_GIANT: LadderRung.SPECIALISED,  # little giants are chosen among them
    QualificationKind.YINGSHANHONG: LadderRung.YINGSHANHONG,
}


@dataclass(frozen=True, slots=True)
class Membership:
    """A rung that an enterprise holds; both days are included, None: open-ended."""

    rung: LadderRung
    first: date
    last: date | None

    def covers(self, day: date) -> bool:
        """Say whether it is held on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A day on which an enterprise came to another rung; None: off the ladder."""

    on: date
    before: LadderRung | None
    after: LadderRung | None

    @property
    def upwards(self) -> bool:
        """Whether it came higher."""
        return place(self.after) > place(self.before)


def place(rung: LadderRung | None) -> int:
    """Return the place of a rung, counted from below; -1 for off the ladder."""
    return -1 if rung is None else RUNGS.index(rung)


def rung_on(memberships: Sequence[Membership], day: date) -> LadderRung | None:
    """Return the highest rung that is held on a day."""
    return max((one.rung for one in memberships if one.covers(day)), key=place, default=None)


def next_rung(rung: LadderRung | None) -> LadderRung | None:
    """Return the rung above; None above the highest."""
    above = place(rung) + 1
    return RUNGS[above] if above < len(RUNGS) else None


def crossings(memberships: Sequence[Membership], first: date, last: date) -> Iterator[Crossing]:
    """Give the days within two, both included, on which the highest rung changed."""
    ended = (one.last + timedelta(1) for one in memberships if one.last is not None and one.last < date.max)
    days = {day for day in (*(one.first for one in memberships), *ended) if first <= day <= last}
    for day in sorted(days):
        before = rung_on(memberships, day - timedelta(1)) if day > date.min else None
        after = rung_on(memberships, day)
        if before is not after:
            yield Crossing(day, before, after)
