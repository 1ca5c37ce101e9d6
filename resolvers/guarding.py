"""Access decided in the plan: the answers to all fields, as they are for readers with certain rights.

What is allowed is answered as ever. What is withheld from everybody with these rights is never asked of a source. What
depends on whose it is, is decided for each object when the field is asked, before its source is.

What is given of level 3 and above is noted for the audit: once for all objects of a place in the plan, where the field
or its group is asked; what lies below a field of the same group has been noted with that. Masked values are no looks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import is_dataclass, replace
from typing import Any

from auth.masks import TEXTS
from auth.rules import Rights, Verdict
from codes.access import SENSITIVE, DataGroup, Mask
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

    def learning(group: Group, type_name: str) -> Group:
        if id(group) not in groups:
            groups[id(group)] = _learning(group, _watched(group, holdings.fields[type_name], rights))
        return groups[id(group)]

    found: dict[str, dict[str, Answer]] = {}
    for type_name, by_field in answers.items():
        found[type_name] = {}
        for name, answer in by_field.items():
            held = holdings.fields[type_name][name]
            decided = holdings.entries.get(type_name) == frozenset((held.group,))
            guard = _Guard(f"{type_name}.{name}", held, rights, type_name in owned, decided)
            kept = replace(answer, group=learning(answer.group, type_name)) if isinstance(answer, Grouped) else answer
            found[type_name][name] = guard.over(kept)
    return found


class _Guard:
    """The guard of one field."""

    def __init__(self, coordinate: str, held: Held, rights: Rights, owned: bool, decided: bool) -> None:
        """`decided`: every way to the object leads through a field of the same group."""
        self._coordinate = coordinate
        self._held = held
        self._rights = rights
        self._owned = owned
        self._sensitive = held.level >= SENSITIVE
        self._others = rights.others[held.group]
        own = rights.own[held.group]
        self._noted = decided
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
        if self._others is Verdict.MASK and self._held.mask:
            return self._masked(answer)
        return self._told(answer) if self._sensitive and not self._noted and isinstance(answer, Part) else answer

    def _refused(self) -> Batch:
        """Withhold from everybody, without a word to any source."""

        def resolve(ask: Ask, **_given: Any) -> Sequence[Any]:
            if self._owned:
                ask.request.access.missed(self._held.group, [parent.uscc for parent in ask.parents])
            return [self._withheld(ask.request, self._others) for _ in ask.parents]

        return Batch(resolve, withheld=self._others.value)

    def _checked(self, answer: Batch) -> Batch:
        """Refuse questions that narrow or order by what the reader may not see of everything."""

        def resolve(ask: Ask, **given: Any) -> Answered:
            for argument, value in given.items():
                if is_dataclass(value) and not isinstance(value, type):
                    self._check_input(ask.request, argument, value)
            if self._sensitive:
                ask.request.access.saw(self._held.group, [parent.uscc for parent in ask.parents] if self._owned else ())
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
            access, group = ask.request.access, self._held.group
            codes = [parent.uscc for parent in ask.parents]
            verdicts = [access.verdict(group, code) for code in codes]
            places = [place for place, verdict in enumerate(verdicts) if verdict in _GIVEN]
            if places and self._sensitive:
                access.saw(group, [codes[place] for place in places])
            if len(places) == len(verdicts):
                return answer.resolve(ask, **given)
            access.missed(group, [code for code, verdict in zip(codes, verdicts, strict=True) if verdict not in _GIVEN])
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
        notes = self._sensitive and not self._noted and isinstance(answer, Part)

        def read(request: Request, code: str, *values: Any) -> Any:
            verdict = request.access.verdict(self._held.group, code)
            if verdict not in _GIVEN:
                request.access.missed(self._held.group, (code,))
                raise self._withheld(request, verdict)
            if notes and not (verdict is Verdict.MASK and self._held.mask):
                request.access.saw(self._held.group, (code,))
            value = values[0] if inner.read is None else inner.read(request, *values)
            return self._shown(value) if verdict is Verdict.MASK else value

        return _with_part(answer, Part((_CODE, *inner.needs), read))

    def _masked(self, answer: Part | Grouped) -> Part | Grouped:
        inner = answer.part if isinstance(answer, Grouped) else answer

        def read(request: Request, *values: Any) -> Any:
            return self._shown(values[0] if inner.read is None else inner.read(request, *values))

        return _with_part(answer, Part(inner.needs, read))

    def _told(self, answer: Part) -> Part:
        """Note each look at what no field above it has noted."""

        def read(request: Request, *values: Any) -> Any:
            request.access.saw(self._held.group, values[:1] if self._owned else ())
            given = values[1:] if self._owned else values
            return given[0] if answer.read is None else answer.read(request, *given)

        return Part((_CODE, *answer.needs) if self._owned else answer.needs, read)

    def _shown(self, value: Any) -> Any:
        if value is None or self._held.mask is None:
            return value
        return Absent.MASKED if self._held.mask is Mask.AMOUNT else TEXTS[self._held.mask](value)

    def _withheld(self, request: Request, verdict: Verdict) -> Exception:
        return request.access.withheld(self._coordinate, self._held.group, verdict)


def _with_part(answer: Part | Grouped, part: Part) -> Part | Grouped:
    return replace(answer, part=part) if isinstance(answer, Grouped) else part


_Watched = Mapping[tuple[DataGroup, frozenset[Verdict]], frozenset[str]]
"""Fields of a group's record that are looks, by what they hold and the verdicts by which they are given whole."""


def _watched(group: Group, held: Mapping[str, Held], rights: Rights) -> _Watched:
    found: dict[tuple[DataGroup, frozenset[Verdict]], set[str]] = {}
    for name, part in group.parts.items():
        what = held[name]
        whole = frozenset((Verdict.ALLOW,) if what.mask else _GIVEN)
        possible = {rights.own[what.group], rights.others[what.group]}
        if what.level >= SENSITIVE and possible & {*whole, Verdict.CONSENT_REQUIRED}:
            found.setdefault((what.group, whole), set()).update(part.needs)
    return {key: frozenset(names) for key, names in found.items()}


def _learning(group: Group, watched: _Watched) -> Group:
    """Return a group that finds out whose its objects are before their records are read, and notes looks at them."""

    def now(ask: Ask, needs: frozenset[str]) -> Answered:
        access = ask.request.access
        for (data_group, whole), names in watched.items():
            if not names.isdisjoint(needs):
                codes = [parent.uscc for parent in ask.parents]
                if seen := [code for code in codes if access.verdict(data_group, code) in whole]:
                    access.saw(data_group, seen)
        return group.resolve(ask, needs)

    def resolve(ask: Ask, needs: frozenset[str]) -> Answered:
        return _knowing(ask, lambda: now(ask, needs))

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
