"""What one request has looked at and what was withheld from it, noted batch by batch for the audit."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from codes.access import DataGroup

_MOST_FIELDS = 200


class Noted(msgspec.Struct):
    """Groups of level 3 and above that were looked at, and fields that were withheld."""

    seen: dict[DataGroup, Collection[str]] = {}
    """By group: the enterprises; none where it is of no enterprise."""
    missed: dict[DataGroup, Collection[str]] = {}
    consents: set[str] = set()
    """Ids of the consents by which something was given."""
    withheld: dict[tuple[str, str], None] = {}
    """Coordinates of fields, each with the code of its error."""
    withheld_left_out: int = 0
    deeds: list[str] = []
    """What was changed, in words."""
    _newest: Collection[str] = ()

    def saw(self, group: DataGroup, codes: Collection[str] = ()) -> None:
        """Note a look at a group of fields of some enterprises, in a collection that does not change."""
        _add(self.seen, group, codes)

    def miss(self, group: DataGroup, codes: Collection[str]) -> None:
        """Note that a group was asked of some enterprises and withheld."""
        _add(self.missed, group, codes)

    def agreed(self, consents: Collection[str]) -> None:
        """Note consents by which something was given; often they are those of the group before."""
        if consents != self._newest:
            self.consents.update(consents)
            self._newest = consents

    def withhold(self, coordinate: str, code: str) -> None:
        """Note a field that was withheld; past two hundred fields only that there were more."""
        if len(self.withheld) < _MOST_FIELDS:
            self.withheld[coordinate, code] = None
        elif (coordinate, code) not in self.withheld:
            self.withheld_left_out += 1

    def is_in(self, others: Sequence[Noted]) -> bool:
        """Say whether others have noted all that this has; never if something was withheld or changed."""
        if self.missed or self.withheld or self.deeds:
            return False
        for group, codes in self.seen.items():
            known = [other.seen[group] for other in others if group in other.seen]
            if not known or not set(codes).issubset(code for some in known for code in some):
                return False
        return self.consents.issubset(consent for other in others for consent in other.consents)

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


def _add(noted: dict[DataGroup, Collection[str]], group: DataGroup, codes: Collection[str]) -> None:
    """Add enterprises to those of a group; the collection itself is kept where it is the only one."""
    known = noted.get(group)
    if not known:
        noted[group] = codes
    elif known is not codes and codes:
        if not isinstance(known, _Several):
            known = noted[group] = _Several(known)
        known.update(codes)


class _Several(set[str]):
    """Enterprises of several looks."""
