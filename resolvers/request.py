"""What a resolver is given: the hub, and this request's own dealings with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, Protocol

import msgspec
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.errors import SourceUnavailable
from connectors.outcomes import Absent
from connectors.session import Session
from connectors.sources import Sources
from resolvers.access import Access
from resolvers.auditing import Auditor
from resolvers.consent_book import ConsentBook
from resolvers.events import Relay
from resolvers.hub_source import NAME
from resolvers.noted import Noted
from resolvers.scores.registry import Schemes
from resolvers.scores.shelf import Shelf
from resolvers.usage import Usage
from store.changes import Changes
from store.directory import Directory
from store.sealing import Sealer

_MOST_ABSENCES = 1000


class BadInput(Exception):
    """The reader asked for something that cannot be; the message says what, why and what to do instead."""


@dataclass(frozen=True)
class Hub:
    """What lives as long as the process."""

    sources: Sources
    directory: Directory
    consents: ConsentBook | None = None
    today: Callable[[], date] = date.today
    auditor: Auditor | None = None
    """None: nothing is recorded, as in a hub without access rules."""
    schemes: Schemes = field(default_factory=Schemes)
    shelf: Shelf | None = None
    changes: Changes | None = None
    sealer: Sealer | None = None
    """None: no bank accounts are taken."""
    relay: Relay | None = None
    """None: nobody is told of changes."""
    usage: Usage | None = None
    """None: nobody counts who asks for what is deprecated."""
    knows_organisation: Callable[[str], bool] = lambda _name: True
    """Says whether anybody can ask for an organisation."""
    subgraph: Callable[[], str] = str
    """Makes the schema's text for gateways of a federation, or has it at hand."""


class Absence(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why there is no value, or not all of a list, at a path of the answer."""

    path: list[str | int]
    reason: str
    sources: tuple[str, ...] = ()
    """Those whose part is missing, if they are some of several."""


class Request(msgspec.Struct):
    """What lives as long as one request."""

    hub: Hub
    session: Session
    access: Access
    record: Callable[[AsyncConnection, Noted], Awaitable[None]] | None = None
    """Writes the audit's record of a change within its transaction; None where nothing is recorded."""
    absences: list[Absence] = []
    absences_left_out: int = 0
    _keyed: tuple[Sequence[Any], str, list[Any]] | None = None

    def keys(self, objects: Sequence[Any], name: str) -> list[Any]:
        """Return a field of some objects: one list for all who want it of the same objects one after the other."""
        kept = self._keyed
        if kept is None or kept[0] is not objects or kept[1] != name:
            kept = self._keyed = objects, name, list(map(attrgetter(name), objects))
        return kept[2]

    def trial(self) -> Request:
        """Return a request like this one, whose looks are its own until they are taken over."""
        return msgspec.structs.replace(self, access=self.access.trial())

    async def learn(self, codes: Sequence[str]) -> None:
        """Find out what may be seen of enterprises, unless it is known; raise SourceUnavailable without the store."""
        hub = self.hub
        if not self.access.knows(hub.consents, hub.today, codes):
            try:
                await self.access.learn(hub.directory, hub.consents, hub.today(), codes)
            except (SQLAlchemyError, OSError) as error:
                raise SourceUnavailable(NAME, f"the store cannot be read ({type(error).__name__})") from error

    def note_absence(self, path: list[str | int], reason: Absent, sources: tuple[str, ...] = ()) -> None:
        """Remember why there is no value at a path, for want of which sources; past a thousand only how many."""
        if len(self.absences) < _MOST_ABSENCES:
            self.absences.append(Absence(path, reason.value, sources))
        else:
            self.absences_left_out += 1


class Selection(Protocol):
    """What the operation asks below a field."""

    def needs(self, type_name: str) -> frozenset[str]:
        """Record fields that are needed of an object of this type, for its own fields and for its children's."""
        ...

    def part_needs(self, type_name: str, group: str) -> frozenset[str]:
        """Record fields that are needed of a group's record."""
        ...

    def at(self, type_name: str, *path: str) -> Selection:
        """The selection further down, through fields of this type and of those below."""
        ...


class Ask(msgspec.Struct, frozen=True):
    """One field to answer for all parents at once."""

    request: Request
    parents: Sequence[Any]
    selection: Selection

    @property
    def hub(self) -> Hub:
        """The hub."""
        return self.request.hub


Arguments = Mapping[str, Any]
