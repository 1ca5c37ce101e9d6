"""What the audit keeps of a request, and the bytes that its leaf hashes: never a value that was given."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum

import msgspec


class Kind(Enum):
    """What a record is about."""

    REQUEST = "REQUEST"
    DOOR = "DOOR"
    """Somebody whose token was not believed."""
    REFUSALS = "REFUSALS"
    """Refusals past the bound, counted together."""
    EXPIRY = "EXPIRY"
    """Records past their time were taken out; their hashes stay."""
    EDITION = "EDITION"
    """An operator's command made an edition of scores or moved it to another state; `reason` says which."""


class Outcome(Enum):
    """What became of what was asked for."""

    GIVEN = "GIVEN"
    PARTLY = "PARTLY"
    REFUSED = "REFUSED"


class Looks(msgspec.Struct, frozen=True, omit_defaults=True):
    """The same look at several enterprises: the groups that were seen, and those that were withheld."""

    groups: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    enterprises: tuple[str, ...] = ()
    """Credit codes in order; none: of no enterprise."""

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        return outcome_of(bool(self.groups), bool(self.withheld))


class Withheld(msgspec.Struct, frozen=True):
    """A field that was withheld, and the code of its error."""

    field: str
    code: str


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record: who asked, why, for what, and what became of it."""

    at: datetime
    kind: Kind
    outcome: Outcome
    organisation: str = ""
    subject: str = ""
    client: str = ""
    credential: str = ""
    """The token's id, never the token."""
    purpose: str | None = None
    reference: str | None = None
    """The reader's own, as the header Hub-Reference gave it."""
    consents: tuple[str, ...] = ()
    """Ids of the consents that something was given by."""
    operation: str | None = None
    """The hash of the operation's text."""
    looks: tuple[Looks, ...] = ()
    sources: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    withheld_left_out: int = 0
    answer: str | None = None
    """The hash of the answer's data, if a receipt was asked for."""
    address: str | None = None
    reason: str | None = None
    """What was changed, or why something was refused."""
    count: int = 1
    until: int | None = None
    """Of an expiry: the place up to which records were taken out, itself not included."""

    def of(self, code: str) -> Looks | None:
        """Return the look at one enterprise; None if there is none."""
        return next((look for look in self.looks if code in look.enterprises), None)

    @property
    def enterprises(self) -> frozenset[str]:
        """The credit codes of all enterprises that it is about."""
        return frozenset(code for look in self.looks for code in look.enterprises)


class Malformed(ValueError):
    """A text is no record."""


class _Placed(msgspec.Struct, frozen=True):
    place: int


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Record)
_places = msgspec.json.Decoder(_Placed)


def canonical(record: Record, place: int) -> str:
    """Return a record's text, whose UTF-8 is what its leaf hashes: JSON, `place` first, then the members in order."""
    return f'{{"place":{place},{_encoder.encode(record)[1:].decode()}'


def parsed(text: str) -> tuple[int, Record]:
    """Return the place that a text names, and its record; raise Malformed."""
    try:
        return _places.decode(text).place, _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Malformed(str(error)) from error


def outcome_of(seen: bool, withheld: bool) -> Outcome:
    """Return the outcome of a question of which something was seen or withheld."""
    if not withheld:
        return Outcome.GIVEN
    return Outcome.PARTLY if seen else Outcome.REFUSED


def clustered(pairs: Iterable[tuple[str, str, bool]]) -> tuple[Looks, ...]:
    """Return looks of code, group and whether it was seen, enterprises of the same groups together, in order."""
    by_code: dict[str, tuple[set[str], set[str]]] = {}
    for code, group, seen in pairs:
        by_code.setdefault(code, (set(), set()))[0 if seen else 1].add(group)
    clusters: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for code, (seen_groups, withheld) in by_code.items():
        clusters.setdefault((tuple(sorted(seen_groups)), tuple(sorted(withheld))), []).append(code)
    return tuple(
        Looks(groups, withheld, tuple(sorted(code for code in codes if code)))
        for (groups, withheld), codes in sorted(clusters.items())
    )


def now() -> datetime:
    """Return the time, in UTC and to the millisecond."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
