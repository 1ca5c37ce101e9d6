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
    consents: Collection[str] = ()
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
        """Note consents by which something was given, in a collection that does not change.

        Often they are those of the group before.
        """
        if consents == self._newest:
            return
        self._newest = consents
        self.consents = _both(self.consents, consents)

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
        return set(self.consents).issubset(consent for other in others for consent in other.consents)

    def take(self, other: Noted) -> None:
        """Take over what another has noted."""
        for group, codes in other.seen.items():
            self.saw(group, codes)
        for group, codes in other.missed.items():
            self.miss(group, codes)
        self.consents = _both(self.consents, other.consents)
        for coordinate, code in other.withheld:
            self.withhold(coordinate, code)
        self.withheld_left_out += other.withheld_left_out
        self.deeds += other.deeds


def _add(noted: dict[DataGroup, Collection[str]], group: DataGroup, codes: Collection[str]) -> None:
    """Add enterprises to those of a group."""
    noted[group] = _both(noted.get(group, ()), codes)


def _both(known: Collection[str], more: Collection[str]) -> Collection[str]:
    """Return what is in either; a collection itself where there is no other."""
    if not known or known is more:
        return more
    if not more:
        return known
    if not isinstance(known, _Several):
        known = _Several(known)
    known.update(more)
    return known


class _Several(set[str]):
    """Texts of several collections, of nobody else's."""
