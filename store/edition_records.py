"""What editions of scores are, and how they lie in their table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Row

from codes.editions import EditionState
from store.changes import Kind


@dataclass(frozen=True, slots=True)
class Content:
    """What an edition is, from its making on."""

    zone: str
    scheme: str
    version: str
    digest: str
    """Of what the scheme file said."""
    period: str
    year: int
    day: date
    parent: str | None
    """The edition that this one corrects."""
    reason: str | None
    """Why it does."""
    chosen_by: str
    """How it was decided who is evaluated: LIST, SCHEME or ZONE."""
    residents: int
    """Enterprises of the zone when it was made."""
    left_out: Mapping[str, int]
    """How many of the zone's roster are not evaluated, by why."""
    evaluated: int
    decimals: int
    """Of points: totals are whole numbers of the smallest part."""
    maximum: int
    """The most points there are, in that part."""
    synthetic: bool
    sources_down: tuple[str, ...]
    """Sources that did not answer and were left out: their inputs are missing."""
    origins: str
    """JSON: for each collection its sources, and as of when."""
    statistics: str
    """JSON."""
    inputs_digest: str
    results_digest: str
    created_by: str


@dataclass(frozen=True, slots=True)
class Scored:
    """An enterprise's score in an edition; points in the scheme's smallest part, percentiles in percent."""

    uscc: str
    total: int
    stage: str | None
    rank: int | None
    stage_rank: int | None
    percentile: float | None
    stage_percentile: float | None
    passed: str
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshots:
    """What an edition was made of and what came out: whoever wants to compute it again needs nothing else."""

    scheme: bytes
    """The scheme file."""
    inputs: bytes
    results: bytes


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition: its content, and how far it has come."""

    id: str
    number: int
    content: Content
    created_at: datetime
    state: EditionState
    notice_from: date | None = None
    notice_until: date | None = None
    """The last day on which enterprises may object."""
    noticed_at: datetime | None = None
    noticed_by: str | None = None
    final_at: datetime | None = None
    final_by: str | None = None
    corrected_by: str | None = None
    """The edition that has taken its place."""

    @property
    def published(self) -> bool:
        """Whether it has ever been made public."""
        return self.state is not EditionState.DRAFT


EDITION = Kind("Edition", Edition)


def row_of(made: Edition) -> Mapping[str, object]:
    """Return a new edition as a row of its table."""
    content = {
        **asdict(made.content),
        "sources_down": ",".join(made.content.sources_down),
        "left_out": json.dumps(made.content.left_out),
    }
    return {
        "id": made.id, "number": made.number, **content, "created_at": made.created_at, "state": made.state.value,
    }  # fmt: skip


def edition_of(row: Row[tuple[object, ...]]) -> Edition:
    """Return the edition of a row of its table."""
    known = row._mapping
    content = {name: known[name] for name in Content.__dataclass_fields__}
    content["left_out"] = json.loads(row.left_out)
    content["sources_down"] = tuple(name for name in row.sources_down.split(",") if name)
    return Edition(
        row.id,
        row.number,
        Content(**content),
        utc(row.created_at),
        EditionState(row.state),
        row.notice_from,
        row.notice_until,
        utc(row.noticed_at) if row.noticed_at else None,
        row.noticed_by,
        utc(row.final_at) if row.final_at else None,
        row.final_by,
        row.corrected_by,
    )


def utc(moment: datetime) -> datetime:
    """Return a moment with its zone, which SQLite leaves out."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
