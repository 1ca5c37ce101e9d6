"""What one request has looked at and what was withheld from it, noted batch by batch for the audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from codes.access import DataGroup

_MOST_FIELDS = 200


class Noted(msgspec.Struct):
    """Groups of level 3 and above that were looked at, and fields that were withheld."""

    seen: dict[DataGroup, set[str]] = {}
    """By group: the enterprises; an empty set where it is of none."""
    missed: dict[DataGroup, set[str]] = {}
    consents: set[str] = set()
    """Ids of the consents by which something was given."""
    withheld: dict[tuple[str, str], None] = {}
    """Coordinates of fields, each with the code of its error."""
    withheld_left_out: int = 0
    deeds: list[str] = []
    """What was changed, in words."""

    def saw(self, group: DataGroup, codes: Iterable[str] = ()) -> None:
        """Note a look at a group of fields of some enterprises."""
        self.seen.setdefault(group, set()).update(codes)

    def miss(self, group: DataGroup, codes: Iterable[str]) -> None:
        """Note that a group was asked of some enterprises and withheld."""
        self.missed.setdefault(group, set()).update(codes)

    def withhold(self, coordinate: str, code: str) -> None:
        """Note a field that was withheld; past two hundred fields only that there were more."""
        if len(self.withheld) < _MOST_FIELDS:
            self.withheld[coordinate, code] = None
        elif (coordinate, code) not in self.withheld:
            self.withheld_left_out += 1

    def take(self, other: Noted) -> None:
        """Take over what another has noted."""
        for group, codes in other.seen.items():
            self.saw(group, codes)
        for group, codes in other.missed.items():
            self.miss(group, codes)
        self.consents |= other.consents
        for coordinate, code in other.withheld:
            self.withhold(coordinate, code)
        self.withheld_left_out += other.withheld_left_out
        self.deeds += other.deeds

    def pairs(self) -> Iterator[tuple[str, str, bool]]:
        """Give each code and group, and whether it was seen; no code where it is of no enterprise."""
        for group, codes in self.seen.items():
            for code in codes or ("",):
                yield code, group.value, True
        for group, codes in self.missed.items():
            for code in codes:
                yield code, group.value, False
