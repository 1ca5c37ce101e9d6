"""Subscriptions to things of flows: an event says that one has changed, the reader's rights then what of it is shown.

Any kind of things has one by one line: `**updates("introductionUpdated", INTRODUCTION)`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from auth.rules import Verdict
from codes.access import DataGroup
from codes.flow import Party
from codes.problems import Problems
from resolvers.binding import Batch, Listening
from resolvers.changing import changes_of, parties_to, party_to
from resolvers.events import Channel, Relay
from resolvers.guarded_parts import GIVEN
from resolvers.request import Ask, BadInput
from store.changes import Noun, Thing
from store.events import Event

R = TypeVar("R")
T = TypeVar("T", bound=Thing)
Happening = AbstractAsyncContextManager[AsyncIterator[Any]]
Shown = Callable[[Ask, Sequence[str]], Awaitable[Sequence[Any]]]


@dataclass(frozen=True)
class Happened(Generic[T]):
    """A thing that has changed, as it stands now, and whose it is."""

    thing: T
    parties: Mapping[Party, str]


def channel_of(ask: Ask) -> Channel:
    """Return where the hub's events are told."""
    return _relay(ask).channel


async def read_once(ask: Ask, event: Event, read: Callable[[], Coroutine[Any, Any, R]]) -> R:
    """Return what is read for an event, the same for all who are told of it."""
    return await _relay(ask).readings.of(event, read)


def _relay(ask: Ask) -> Relay:
    assert ask.hub.relay is not None, "a hub with a store tells of changes"
    return ask.hub.relay


def check_group(ask: Ask, name: str, group: DataGroup) -> None:
    """Raise Withheld for readers who could see nothing of a group, whoever were to agree to it."""
    rights = ask.request.access.rights
    if rights is None or rights.own[group] in GIVEN or rights.others[group] in (*GIVEN, Verdict.CONSENT_REQUIRED):
        return
    raise ask.request.access.withheld(f"Subscription.{name}", group, rights.others[group])


def updates(
    name: str,
    noun: Noun[T],
    only: Callable[..., bool] | None = None,
    *,
    shown: Shown | None = None,
    public: bool = False,
    reads: tuple[str, ...] = (),
) -> Mapping[str, Batch]:
    """Return what answers the field of the subscription that tells of things of a noun.

    Told of each are its parties; everybody, if it is `public`. `only` takes the thing and the field's arguments besides
    `id`, which narrows to one thing. `shown` gives what is shown by identity, of the collections that it `reads`; the
    things themselves otherwise.
    """

    async def begin(ask: Ask, /, id: str | None = None, **_given: Any) -> Happening:
        if not public:
            check_group(ask, name, noun.group)
        if id is not None and not public:
            try:
                await party_to(ask, noun, id)
            except Problems as problems:
                raise BadInput(" ".join(problem.message for problem in problems.problems)) from problems
        return channel_of(ask).subscribe((noun.name,))

    async def concerns(ask: Ask, event: Event, /, id: str | None = None, **given: Any) -> Happened[T] | None:
        if id is not None and id.removeprefix(f"{noun.name}:") != event.id:
            return None
        found = await read_once(ask, event, lambda: changes_of(ask).find(noun, event.id))
        if found is None or (only is not None and not only(found, **given)):
            return None
        if not public and not await parties_to(ask, found.parties):
            return None
        return Happened(found, found.parties)

    async def resolve(ask: Ask, **_given: Any) -> Sequence[Any]:
        things = [happened.thing for happened in ask.parents]
        if shown is not None:
            return await shown(ask, [thing.id for thing in things])
        codes = [thing.parties[Party.ENTERPRISE] for thing in things if Party.ENTERPRISE in thing.parties]
        ask.request.access.saw(noun.group, codes)
        return things

    return {f"Subscription.{name}": Batch(resolve, reads=reads, listening=Listening(begin, concerns))}
