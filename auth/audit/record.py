"""What the audit keeps of a request, and the bytes that its leaf hashes: never a value that was given."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    """Credit codes, each once; none: of no enterprise."""

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
        return frozenset(enterprises_of(self.looks))

    @property
    def size(self) -> int:
        """How many enterprises it is about."""
        return sum([len(look.enterprises) for look in self.looks])


class Malformed(ValueError):
    """A text is no record."""


class _Placed(msgspec.Struct, frozen=True):
    place: int


class _Enterprises(msgspec.Struct, frozen=True):
    enterprises: tuple[str, ...] = ()


class _Looked(msgspec.Struct, frozen=True):
    looks: tuple[_Enterprises, ...] = ()


_NOBODY = frozenset(("",))

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Record)
_places = msgspec.json.Decoder(_Placed)
_looked = msgspec.json.Decoder(_Looked)


def canonical(record: Record, place: int) -> str:
    """Return a record's text, whose UTF-8 is what its leaf hashes: JSON, `place` first, then the members in order."""
    return f'{{"place":{place},{_encoder.encode(record)[1:].decode()}'


def parsed(text: str) -> tuple[int, Record]:
    """Return the place that a text names, and its record; raise Malformed."""
    try:
        return _places.decode(text).place, _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Malformed(str(error)) from error


def codes_of(text: str) -> Collection[str]:
    """Return the credit codes of all enterprises that a record is about, reading nothing else; raise Malformed."""
    try:
        return enterprises_of(_looked.decode(text).looks)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Malformed(str(error)) from error


def enterprises_of(looks: Sequence[Looks] | Sequence[_Enterprises]) -> Collection[str]:
    """Return the credit codes of all enterprises that were looked at, each once, as it is in one look already."""
    return looks[0].enterprises if len(looks) == 1 else frozenset().union(*[look.enterprises for look in looks])


def outcome_of(seen: bool, withheld: bool) -> Outcome:
    """Return the outcome of a question of which something was seen or withheld."""
    if not withheld:
        return Outcome.GIVEN
    return Outcome.PARTLY if seen else Outcome.REFUSED


def each_once(texts: Collection[str]) -> tuple[str, ...]:
    """Return texts in their order, each once."""
    # Mostly they are so already, and a set is made in a third of a dictionary's time.
    return tuple(texts) if len(set(texts)) == len(texts) else tuple(dict.fromkeys(texts))


def clustered(seen: Mapping[str, Collection[str]], withheld: Mapping[str, Collection[str]]) -> tuple[Looks, ...]:
    """Return the looks at groups of enterprises, those of the same groups together.

    A group that was seen of no enterprise is a look too.
    """
    if len(same := {id(codes): codes for codes in (*seen.values(), *withheld.values())}) == 1:
        # Groups that were asked together come with the same collection, and most questions have one such.
        (codes,) = same.values()
        enterprises = each_once(codes if all(codes) else [*filter(None, codes)])
        look = Looks(tuple(sorted(seen)), tuple(sorted(withheld if codes else ())), enterprises)
        return (look,) if look.groups or look.withheld else ()
    clusters: list[_Cluster] = []
    sets = {number: frozenset(codes) for number, codes in same.items()}
    for groups, was_seen in ((seen, True), (withheld, False)):
        for group, codes in groups.items():
            left = sets[id(codes)] or (_NOBODY if was_seen else frozenset())
            for cluster in clusters[:]:
                if both := cluster.codes if cluster.codes == left else cluster.codes & left:
                    if len(both) < len(cluster.codes):
                        clusters.append(cluster.without(both))
                    cluster.note(group, was_seen)
                    left -= both
            if left:
                clusters.append(_Cluster(left))
                clusters[-1].note(group, was_seen)
    return tuple(sorted((cluster.looks() for cluster in clusters), key=lambda looks: (looks.groups, looks.withheld)))


class _Cluster:
    """Enterprises that were looked at alike so far."""

    def __init__(self, codes: frozenset[str]) -> None:
        self.codes = codes
        self._seen: list[str] = []
        self._withheld: list[str] = []

    def note(self, group: str, was_seen: bool) -> None:
        (self._seen if was_seen else self._withheld).append(group)

    def without(self, codes: frozenset[str]) -> _Cluster:
        """Keep some enterprises; return the others."""
        others = _Cluster(self.codes - codes)
        others._seen, others._withheld = [*self._seen], [*self._withheld]
        self.codes = codes
        return others

    def looks(self) -> Looks:
        return Looks(tuple(sorted(self._seen)), tuple(sorted(self._withheld)), tuple(sorted(self.codes - _NOBODY)))


def now() -> datetime:
    """Return the time, in UTC and to the millisecond."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
