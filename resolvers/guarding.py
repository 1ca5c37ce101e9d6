"""Access decided in the plan: the answers to all fields, as they are for readers with certain rights.

What is allowed is answered as ever. What is withheld from everybody with these rights is never asked of a source. What
depends on whose it is, is decided for each object when the field is asked, before its source is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import is_dataclass, replace
from typing import Any

from auth.masks import TEXTS
from auth.rules import Rights, Verdict
from codes.access import Mask
from connectors.outcomes import Absent
from resolvers.binding import Answer, Answered, Batch, Graph, Group, Grouped, Part
from resolvers.request import Ask, Request
from schema.access import Held, Holdings, held_by_inputs

Answers = Mapping[str, Mapping[str, Answer]]

_CODE = "uscc"
_GIVEN = (Verdict.ALLOW, Verdict.MASK)


def guarded(answers: Answers, holdings: Holdings, graph: Graph, rights: Rights) -> Answers:
    """Return the answers as readers with these rights get them."""
    owned = {name for name, kind in graph.records.items() if graph.catalogue[kind].key == _CODE} | graph.owned
    groups: dict[int, Group] = {}

    def learning(group: Group) -> Group:
        return groups.setdefault(id(group), _learning(group))

    found: dict[str, dict[str, Answer]] = {}
    for type_name, by_field in answers.items():
        found[type_name] = {}
        for name, answer in by_field.items():
            held = holdings.fields[type_name][name]
            decided = holdings.entries.get(type_name) == frozenset((held.group,))
            guard = _Guard(f"{type_name}.{name}", held, rights, type_name in owned, decided)
            kept = replace(answer, group=learning(answer.group)) if isinstance(answer, Grouped) else answer
            found[type_name][name] = guard.over(kept)
    return found


class _Guard:
    """The guard of one field."""

    def __init__(self, coordinate: str, held: Held, rights: Rights, owned: bool, decided: bool) -> None:
        """`decided`: every way to the object leads through a field of the same group."""
        self._coordinate = coordinate
        self._held = held
        self._rights = rights
        self._others = rights.others[held.group]
        own = rights.own[held.group]
        self._decided = decided and not (held.mask and Verdict.MASK in (own, self._others))
        self._varies = owned and (own is not self._others or own is Verdict.CONSENT_REQUIRED)

    def over(self, answer: Answer) -> Answer:
        """Return the field's answer behind the guard."""
        if isinstance(answer, Batch):
            if self._varies:
                return replace(answer, resolve=self._split(answer))
            return self._checked(answer) if self._others in _GIVEN else self._refused()
        if self._varies:
            return answer if self._decided else self._each(answer)
        if self._others not in _GIVEN:
            return self._refused()
        return self._masked(answer) if self._others is Verdict.MASK and self._held.mask else answer

    def _refused(self) -> Batch:
        """Withhold from everybody, without a word to any source."""

        def resolve(ask: Ask, **_given: Any) -> Sequence[Any]:
            return [self._withheld(ask.request, self._others) for _ in ask.parents]

        return Batch(resolve, withheld=self._others.value)

    def _checked(self, answer: Batch) -> Batch:
        """Refuse questions that narrow or order by what the reader may not see of everything."""

        def resolve(ask: Ask, **given: Any) -> Answered:
            for argument, value in given.items():
                if is_dataclass(value) and not isinstance(value, type):
                    self._check_input(ask.request, argument, value)
            return answer.resolve(ask, **given)

        return replace(answer, resolve=resolve)

    def _check_input(self, request: Request, argument: str, value: Any) -> None:
        for name, held in held_by_inputs(value).items():
            verdict = self._rights.others[held.group]
            if verdict is not Verdict.ALLOW:
                raise request.access.withheld(f"{argument}.{name} of {self._coordinate}", held.group, verdict)

    def _split(self, answer: Batch) -> Any:
        """Ask for the objects that may be seen; withhold the others."""

        def now(ask: Ask, given: Mapping[str, Any]) -> Answered:
            verdicts = [ask.request.access.verdict(self._held.group, parent.uscc) for parent in ask.parents]
            places = [place for place, verdict in enumerate(verdicts) if verdict in _GIVEN]
            if len(places) == len(verdicts):
                return answer.resolve(ask, **given)
            values: list[Any] = [None if v in _GIVEN else self._withheld(ask.request, v) for v in verdicts]
            if not places:
                return values
            seen = answer.resolve(Ask(ask.request, [ask.parents[place] for place in places], ask.selection), **given)
            return _later(values, places, seen) if isinstance(seen, Awaitable) else _spliced(values, places, seen)

        def resolve(ask: Ask, **given: Any) -> Answered:
            return _knowing(ask, lambda: now(ask, given))

        return resolve

    def _each(self, answer: Part | Grouped) -> Part | Grouped:
        """Decide for each record, by whose it is."""
        inner = answer.part if isinstance(answer, Grouped) else answer

        def read(request: Request, code: str, *values: Any) -> Any:
            verdict = request.access.verdict(self._held.group, code)
            if verdict not in _GIVEN:
                raise self._withheld(request, verdict)
            value = values[0] if inner.read is None else inner.read(request, *values)
            return self._shown(value) if verdict is Verdict.MASK else value

        return _with_part(answer, Part((_CODE, *inner.needs), read))

    def _masked(self, answer: Part | Grouped) -> Part | Grouped:
        inner = answer.part if isinstance(answer, Grouped) else answer

        def read(request: Request, *values: Any) -> Any:
            return self._shown(values[0] if inner.read is None else inner.read(request, *values))

        return _with_part(answer, Part(inner.needs, read))

    def _shown(self, value: Any) -> Any:
        if value is None or self._held.mask is None:
            return value
        return Absent.MASKED if self._held.mask is Mask.AMOUNT else TEXTS[self._held.mask](value)

    def _withheld(self, request: Request, verdict: Verdict) -> Exception:
        return request.access.withheld(self._coordinate, self._held.group, verdict)


def _with_part(answer: Part | Grouped, part: Part) -> Part | Grouped:
    return replace(answer, part=part) if isinstance(answer, Grouped) else part


def _learning(group: Group) -> Group:
    """Return a group that finds out whose its objects are before their records are read."""

    def resolve(ask: Ask, needs: frozenset[str]) -> Answered:
        return _knowing(ask, lambda: group.resolve(ask, needs))

    return replace(group, resolve=resolve)


def _knowing(ask: Ask, answer: Callable[[], Answered]) -> Answered:
    """Answer when it is known of every parent what may be seen of it: at once, or after finding out."""
    codes = [parent.uscc for parent in ask.parents]
    if ask.request.access.knows(codes):
        return answer()

    async def after_learning() -> Sequence[Any]:
        await ask.request.access.learn(ask.hub.directory, ask.hub.consents, ask.hub.today(), codes)
        found = answer()
        return await found if isinstance(found, Awaitable) else found

    return after_learning()


def _spliced(values: list[Any], places: Sequence[int], seen: Sequence[Any]) -> list[Any]:
    for place, value in zip(places, seen, strict=True):
        values[place] = value
    return values


async def _later(values: list[Any], places: Sequence[int], seen: Awaitable[Sequence[Any]]) -> list[Any]:
    return _spliced(values, places, await seen)
