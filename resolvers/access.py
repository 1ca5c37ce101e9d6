"""One request's access: who asks, what it may see, and what of the graph is its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any

import msgspec

from auth.principal import ANONYMOUS, Principal
from auth.rules import Rights, Rulebook, Verdict
from codes.access import DataGroup, Purpose, Role
from codes.flow import Party
from resolvers.consent_book import Allowed, ConsentBook
from resolvers.noted import Noted
from store.directory import Directory

PURPOSE_HEADER = "hub-purpose"


class UnregisteredPurpose(ValueError):
    """The header Hub-Purpose names a purpose that nobody has registered."""


class Withheld(Exception):
    """A value that the reader may not see: the error's code, and why in words."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class Owner(Enum):
    """By whose key it is told whose an object is."""

    ENTERPRISE = "ENTERPRISE"
    """A credit code: the enterprise itself, or an officer on whose zone's roster it is."""
    ZONE = "ZONE"
    NETWORK = "NETWORK"
    FUND = "FUND"
    PARTIES = "PARTIES"
    """Keys by party: one of them is the reader."""


class Judgement(msgspec.Struct, frozen=True):
    """What becomes of fields of a group, for the reader's own objects and for others."""

    group: DataGroup
    own: Verdict
    others: Verdict
    owner: Owner | None = None

    @property
    def varies(self) -> bool:
        """Whether it depends on the object."""
        return self.owner is not None and (self.own is not self.others or self.own is Verdict.CONSENT_REQUIRED)


class Access(msgspec.Struct):
    """What one request may see; without rights, everything."""

    principal: Principal = ANONYMOUS
    rights: Rights | None = None
    purpose: Purpose | None = None
    noted: Noted | None = None
    """What has to be recorded; None as long as there is nothing."""
    recorded: Sequence[Noted] = ()
    """What the records of this request's changes have told already."""
    _own: set[str] = set()
    """Enterprises that are known to be the reader's own."""
    _known: set[str] = set()
    """Enterprises of which it is known whether they are an officer's own."""
    _looking: tuple[frozenset[str], asyncio.Task[frozenset[str]]] | None = None
    _allowed: Allowed | None = None
    _day: date = date.min

    def __post_init__(self) -> None:
        """Begin with the enterprise that the reader is."""
        if self.principal.enterprise is not None:
            self._own.add(self.principal.enterprise)

    @property
    def keys(self) -> int:
        """How many members the rules let a list in the question have."""
        return self.rights.keys if self.rights else 0

    def knows(self, book: ConsentBook | None, today: Callable[[], date], codes: Iterable[str]) -> bool:
        """Say whether it is known of these enterprises what may be seen of them, with what the book has at hand."""
        if self._unknown(codes):
            return False
        if book is None or not self._asks_consents():
            return True
        self._allowed = book.at_hand(self.principal.organisation)
        self._day = today()
        return self._allowed is not None

    async def learn(self, directory: Directory, book: ConsentBook | None, day: date, codes: Iterable[str]) -> None:
        """Find out which enterprises are on the roster of one of the reader's zones, and which have agreed."""
        if missing := self._unknown(codes):
            looking = self._looking
            if looking is None or not looking[0].issuperset(missing):
                look = asyncio.create_task(directory.within(missing, self.principal.zones))
                looking = self._looking = frozenset(missing), look
            self._own |= await asyncio.shield(looking[1])  # one look for all fields that ask meanwhile
            self._known |= looking[0]
        if book is not None and self._asks_consents():
            self._allowed, self._day = await book.allowed(self.principal.organisation), day

    def _unknown(self, codes: Iterable[str]) -> list[str]:
        if not self.principal.zones or self._known.issuperset(codes):
            return []
        return [code for code in codes if code not in self._known]

    def _asks_consents(self) -> bool:
        return self._allowed is None and self.rights is not None and self.rights.by_consent

    def verdict(self, judgement: Judgement, key: Any) -> Verdict:
        """Return what becomes of an object's fields, by its owner's key; what is not known to be own is another's."""
        found = judgement.own if self._owns(judgement.owner, key) else judgement.others
        if found is not Verdict.CONSENT_REQUIRED or judgement.owner is not Owner.ENTERPRISE:
            return found
        return Verdict.ALLOW if self._agreed(judgement.group, (key,))[0] else found

    def verdicts(self, judgement: Judgement, keys: Sequence[Any]) -> Verdict | list[Verdict]:
        """Return what becomes of several objects' fields, by their owners' keys: one verdict if all have the same."""
        if judgement.owner is Owner.PARTIES:
            return [self.verdict(judgement, key) for key in keys]
        own = self._owned(judgement.owner)
        if judgement.own is judgement.others or not own or own.isdisjoint(keys):
            found = judgement.others
        elif own.issuperset(keys):
            found = judgement.own
        elif Verdict.CONSENT_REQUIRED in (judgement.own, judgement.others):
            return [self.verdict(judgement, key) for key in keys]
        else:
            return [judgement.own if key in own else judgement.others for key in keys]
        if found is not Verdict.CONSENT_REQUIRED or judgement.owner is not Owner.ENTERPRISE:
            return found
        agreed = self._agreed(judgement.group, keys)
        if all(agreed):
            return Verdict.ALLOW if keys else found
        return [Verdict.ALLOW if consent else found for consent in agreed] if any(agreed) else found

    def _agreed(self, group: DataGroup, codes: Sequence[str]) -> Sequence[str | None]:
        """Return for each enterprise the consent by which a group is seen; note what there is."""
        if self._allowed is None or self.purpose is None:
            return (None,) * len(codes)
        covering = self._allowed.covering(group, self.purpose, self._day)
        found = list(map(covering.__getitem__, codes))
        if given := found if all(found) else list(filter(None, found)):
            self._noting().agreed(given)  # type: ignore[arg-type]  # none of these is None
        return found

    def _owns(self, owner: Owner | None, key: Any) -> bool:
        return bool(self.parties(key)) if owner is Owner.PARTIES else key in self._owned(owner)

    def _owned(self, owner: Owner | None) -> set[str] | frozenset[str]:
        """Return the keys of the owners that are the reader itself, or of its zones."""
        if owner is Owner.ENTERPRISE:
            return self._own
        if owner is Owner.NETWORK:
            return self.principal.networks
        if owner is Owner.FUND:
            return self.principal.funds
        return self.principal.zones if owner is Owner.ZONE else _NOTHING

    def is_own(self, code: str) -> bool:
        """Say whether an enterprise is the reader itself, or known to be on the roster of one of its zones."""
        return code in self._own

    def parties(self, keys: Mapping[Party, str]) -> frozenset[Party]:
        """Return which of a thing's parties the reader is; of its enterprise's officers, if that was found out."""
        return frozenset(party for party, key in keys.items() if self._is(party, key))

    def _is(self, party: Party, key: str) -> bool:
        reader, own = self.principal, _OWN_BY[party]
        if own is not None and own.isdisjoint(reader.roles):
            return False
        if party is Party.OFFICER:  # of its zone, but not of itself
            return key in reader.zones or (key in self._own and key != reader.enterprise)
        if party is Party.ENTERPRISE:
            return key == reader.enterprise
        if party is Party.NETWORK:
            return key in reader.networks
        if party is Party.FUND:
            return key in reader.funds
        return bool(key) and key == reader.organisation

    def may_change(self, group: DataGroup) -> bool:
        """Say whether the reader's roles let it change things of a group that it is a party to."""
        return self.rights is None or group in self.rights.changes

    def saw(self, group: DataGroup, codes: Collection[str] = ()) -> None:
        """Note a look at a group of fields of level 3 or above."""
        self._noting().saw(group, codes)

    def note(self, noted: Noted) -> None:
        """Note what somebody else has noted."""
        self._noting().take(noted)

    def missed(self, group: DataGroup, codes: Collection[str]) -> None:
        """Note of which enterprises a group was withheld, unless the reader is nobody in particular."""
        if self.principal.organisation:
            self._noting().miss(group, codes)

    def has_recorded(self, deed: Noted) -> None:
        """Remember what the record of a change has told."""
        self.recorded = [*self.recorded, deed]

    @property
    def has_unrecorded(self) -> bool:
        """Whether something has been noted that no change's record has told."""
        return self.noted is not None and not (self.recorded and self.noted.is_in(self.recorded))

    def refused(self, what: str, code: str) -> None:
        """Note that something was refused, with the code of the error."""
        self._noting().withhold(what, code)

    def trial(self) -> Access:
        """Return an access like this one that has noted nothing yet."""
        return msgspec.structs.replace(self, noted=None)

    def take(self, trial: Access) -> None:
        """Take over what another has learnt and noted, which is not used any more."""
        if trial._allowed is not None:
            self._allowed, self._day = trial._allowed, trial._day
        if self.noted is None:
            self.noted = trial.noted
        elif trial.noted is not None:
            self.noted.take(trial.noted)

    def _noting(self) -> Noted:
        if self.noted is None:
            self.noted = Noted()
        return self.noted

    def withheld(self, coordinate: str, group: DataGroup, verdict: Verdict) -> Withheld:
        """Return what stands in the place of a field that the reader may not see, and note that it does."""
        self.refused(coordinate, verdict.value)
        reason = _REASONS[verdict]
        if verdict is Verdict.FORBIDDEN:
            scopes = self.principal.scopes
            if scopes is not None and group.value not in scopes:
                reason = "your token or key is limited to other scopes."
            elif coordinate.startswith("Mutation."):
                reason = "your roles may not do it."
        return Withheld(verdict.value, f"{coordinate} holds {group.value}: {reason}")


def access(rules: Rulebook | None, principal: Principal, headers: Mapping[str, str]) -> Access:
    """Return the access of a request by its header Hub-Purpose; raise UnregisteredPurpose."""
    if rules is None:
        return Access(principal)
    given = headers.get(PURPOSE_HEADER)
    purpose = _purpose(given) if given else None
    return Access(principal, rules.rights(principal, purpose), purpose)


def _purpose(given: str) -> Purpose:
    try:
        return Purpose(given.strip().upper().replace("-", "_"))
    except ValueError:
        known = ", ".join(purpose.value for purpose in Purpose)
        raise UnregisteredPurpose(f"Hub-Purpose is {given[:40]!r}; give one of {known}.") from None


_NOTHING: frozenset[str] = frozenset()
_OWN_BY: Mapping[Party, frozenset[Role] | None] = {
    Party.ENTERPRISE: frozenset((Role.ENTERPRISE,)),
    Party.OFFICER: frozenset((Role.OFFICER,)),
    Party.LENDER: frozenset((Role.BANK, Role.GUARANTEE)),
    Party.GUARANTOR: frozenset((Role.GUARANTEE,)),
    Party.NETWORK: frozenset((Role.PARTNER,)),
    Party.FUND: frozenset((Role.PARTNER,)),
    Party.SOURCE_OWNER: frozenset((Role.DEPARTMENT,)),
    Party.AUTHOR: None,
}
"""The roles of which a reader needs one to be a party; the author of a thing is one by its organisation alone."""

_REASONS: Mapping[Verdict, str] = {
    Verdict.FORBIDDEN: "your roles may not see it.",
    Verdict.PURPOSE_REQUIRED: "it is given for a purpose only; send one that your client may use as Hub-Purpose.",
    Verdict.CONSENT_REQUIRED: "the enterprise has not agreed that your organisation sees it for this purpose.",
}
