"""Flows as data: the states that a thing may be in, and who may do what from which. Pure: no store, no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from codes.kinds import Listed

S = TypeVar("S", bound=Listed)
A = TypeVar("A", bound=Listed)


class Party(Listed):
    """What somebody is to a thing that changes 当事方."""

    ENTERPRISE = "ENTERPRISE", "企业"  # the enterprise that it is about
    OFFICER = "OFFICER", "园区管理人员"  # of the zone, or of a zone on whose roster the enterprise is
    LENDER = "LENDER", "金融机构"
    GUARANTOR = "GUARANTOR", "担保机构"
    NETWORK = "NETWORK", "技术经理人网络"
    FUND = "FUND", "基金"
    SOURCE_OWNER = "SOURCE_OWNER", "数据提供方"  # the organisation that answers for a source
    AUTHOR = "AUTHOR", "发起方"  # the organisation that made it


class FlowMisdrawn(ValueError):
    """A flow contradicts itself; raised where it is declared."""


class NotAllowed(Exception):
    """Something cannot be done as things stand, or not by whoever wants to: the message says what can, and who may."""


@dataclass(frozen=True)
class Step(Generic[S, A]):
    """An action: from which states it leads to which, and which parties may do it."""

    action: A
    sources: frozenset[S]
    target: S
    by: frozenset[Party]


def step(action: A, sources: Iterable[S], target: S, by: Iterable[Party]) -> Step[S, A]:
    """Return a step of a flow."""
    return Step(action, frozenset(sources), target, frozenset(by))


@dataclass(frozen=True)
class Flow(Generic[S, A]):
    """The whole life of one kind of thing."""

    name: str
    """In words, as a sentence about one begins: "An introduction request"."""
    initial: S
    openers: frozenset[Party]
    """Who may begin one."""
    steps: tuple[Step[S, A], ...]

    def __post_init__(self) -> None:
        """Raise FlowMisdrawn for states that nothing leads to, or two steps that say the same."""
        seen: set[tuple[A, S, Party]] = set()
        for one in self.steps:
            for key in ((one.action, source, party) for source in one.sources for party in one.by):
                if key in seen:
                    raise FlowMisdrawn(f"{self.name}: {key[0].value} from {key[1].value} is drawn twice.")
                seen.add(key)
        if lost := set(type(self.initial)) - self._reached():
            raise FlowMisdrawn(f"{self.name}: nothing leads to {', '.join(sorted(s.value for s in lost))}.")

    def next(self, state: S, action: A, parties: Collection[Party]) -> S:
        """Return the state after an action; raise NotAllowed if these parties may not do it from this state."""
        for one in self.steps:
            if one.action is action and state in one.sources and not one.by.isdisjoint(parties):
                return one.target
        raise NotAllowed(self._refusal(state, action, parties))

    def allowed(self, state: S, parties: Collection[Party]) -> list[A]:
        """Return what these parties may do from a state, in the order of the flow."""
        found = (one.action for one in self.steps if state in one.sources and not one.by.isdisjoint(parties))
        return list(dict.fromkeys(found))

    def opened_by(self, parties: Collection[Party]) -> bool:
        """Say whether one of these parties may begin one."""
        return not self.openers.isdisjoint(parties)

    def _refusal(self, state: S, action: A, parties: Collection[Party]) -> str:
        ways = [one for one in self.steps if one.action is action]
        may = "; ".join(f"from {_names(one.sources)}, by {_names(one.by)}" for one in ways) or "by nobody"
        left = ", ".join(one.value for one in self.allowed(state, parties)) or "nothing"
        return (
            f"{self.name} that is {state.value}: {action.value} is not for you ({_names(parties) or 'no party'}) now."
            f" It is allowed {may}. You may do now: {left}."
        )

    def _reached(self) -> set[S]:
        found = {self.initial}
        while more := {one.target for one in self.steps if not one.sources.isdisjoint(found)} - found:
            found |= more
        return found


def _names(members: Iterable[Listed]) -> str:
    return ", ".join(sorted(member.value for member in members))
