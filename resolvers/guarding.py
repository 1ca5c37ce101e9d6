"""Access decided in the plan: the answers to all fields, as they are for readers with certain rights.

What is allowed is answered as ever. What is withheld from everybody with these rights is never asked of a source. What
depends on whose it is, is decided for each object when the field is asked, before its source is.

What is given of level 3 and above is noted for the audit: once for all objects of a place in the plan, where the field
or its group is asked; what lies below a field of the same group has been noted with that. Masked values are no looks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from auth.masks import TEXTS
from auth.rules import Rights, Verdict
from codes.access import SENSITIVE, DataGroup, Mask
from connectors.outcomes import Absent
from connectors.sharing import Shared
from resolvers.access import Judgement, Owner
from resolvers.binding import (
    NO_VALUE,
    OF_ENTERPRISE,
    Answer,
    Answered,
    Batch,
    Graph,
    Group,
    Grouped,
    Owned,
    Part,
    is_awaited,
)
from resolvers.guarded_entries import Judged, entered, knowing
from resolvers.guarded_parts import GIVEN, judged, masked, published, told
from resolvers.request import Ask, BadInput, Request
from schema.access import Held
from schema.holdings import Holdings

Answers = Mapping[str, Mapping[str, Answer]]


@dataclass(frozen=True)
class Guarding:
    """What every guard of a hub shares: what its fields hold, and how its sources are shared."""

    graph: Graph
    holdings: Holdings
    shared: Shared

    def answers(self, answers: Answers, rights: Rights) -> Answers:
        """Return the answers as readers with these rights get them."""
        judge = _Judge(self, rights)
        groups: dict[int, Group] = {}

        def learning(group: Group, type_name: str) -> Group:
            if id(group) not in groups:
                groups[id(group)] = _learning(group, judge.watched(group, type_name))
            return groups[id(group)]

        found: dict[str, dict[str, Answer]] = {}
        for type_name, by_field in answers.items():
            found[type_name] = {}
            for name, answer in by_field.items():
                guard = _Guard(judge, type_name, name, _collections(answer))
                if isinstance(answer, Grouped):
                    answer = replace(answer, group=learning(answer.group, type_name))
                found[type_name][name] = guard.over(answer)
        return found


Watched = Mapping[tuple[Judgement, tuple[Verdict, ...]], frozenset[str]]


class _Judge:
    """What becomes of groups of fields, for readers with certain rights."""

    def __init__(self, guarding: Guarding, rights: Rights) -> None:
        self.guarding = guarding
        self._rights = rights

    def judgement(self, group: DataGroup, owned: Owned | None, collections: Iterable[str] = ()) -> Judgement:
        """Return the judgement on fields of a group that tell of these collections.

        What is shared under conditions is given for a stated purpose, and to those whose own it is.
        """
        others = self._rights.others[group]
        conditional = not self.guarding.shared.conditional.isdisjoint(collections)
        if conditional and others in GIVEN and not self._rights.for_purpose:
            others = Verdict.PURPOSE_REQUIRED
        return Judgement(group, self._rights.own[group], others, owned.owner if owned else None)

    def watched(self, group: Group, type_name: str) -> Watched:
        """Return the fields of a group's record that are looks, by judgement and the verdicts that give them whole."""
        found: dict[tuple[Judgement, tuple[Verdict, ...]], set[str]] = {}
        owned = self.guarding.graph.owned_by(type_name)
        for name, part in group.parts.items():
            held = self.guarding.holdings.fields[type_name][name]
            judgement = self.judgement(held.group, owned, group.reads)
            whole = (Verdict.ALLOW,) if held.mask else GIVEN
            possible = {judgement.own, judgement.others}
            if held.level >= SENSITIVE and possible & {*whole, Verdict.CONSENT_REQUIRED}:
                found.setdefault((judgement, whole), set()).update(part.needs)
        return {key: frozenset(names) for key, names in found.items()}

    def types(self) -> dict[str, Judged]:
        """Return the judgement on each type's objects as such."""
        graph = self.guarding.graph
        found: dict[str, Judged] = {}
        for name, group in self.guarding.holdings.types.items():
            owned = graph.owned_by(name)
            found[name] = Judged(self.judgement(group, owned, graph.collections(name)), owned)
        return found


class _Guard:
    """The guard of one field."""

    def __init__(self, judge: _Judge, type_name: str, name: str, collections: Iterable[str]) -> None:
        graph, holdings = judge.guarding.graph, judge.guarding.holdings
        self._judge = judge
        self._of_record = type_name in graph.records
        self._coordinate = f"{type_name}.{name}"
        self._held: Held = holdings.fields[type_name][name]
        self._owned = graph.owned_by(type_name)
        self._of_enterprise = self._owned == OF_ENTERPRISE
        self._judgement = judge.judgement(self._held.group, self._owned, collections)
        flagged = judge.guarding.shared.flagged
        self._flagged = frozenset(name for kind in graph.collections(type_name) for name in flagged.get(kind, ()))
        ways = holdings.ways.get(type_name, frozenset())
        self._sensitive = self._held.level >= SENSITIVE
        self._noted = bool(ways) and all(group is self._held.group for _, group in ways)
        masks = self._held.mask and Verdict.MASK in (self._judgement.own, self._judgement.others)
        self._decided = not masks and all(
            group is self._held.group and graph.owned_by(above) == self._owned for above, group in ways
        )
        """Every way to the object leads through a field of the same group, of something with the same owner."""

    def over(self, answer: Answer) -> Answer:
        """Return the field's answer behind the guard."""
        if not isinstance(answer, Batch):
            return self._over_part(answer)
        if answer.entry and (answer.entry.type_name or self._judgement.others in GIVEN):
            return entered(answer, answer.entry, self._judge.types(), self._withheld)
        if self._judgement.varies:
            return self._split(answer)
        if self._judgement.others not in GIVEN:
            return self._refused()
        return self._teaching(answer) if self._varies_below() else self._checked(answer)

    def _varies_below(self) -> bool:
        """Say whether something that lies right below is decided by whose it is, while this is not."""
        if not self._of_enterprise:
            return False
        graph, holdings = self._judge.guarding.graph, self._judge.guarding.holdings
        way = (self._coordinate.partition(".")[0], self._held.group)
        below = [name for name, ways in holdings.ways.items() if way in ways and graph.owned_by(name) == OF_ENTERPRISE]
        groups = {held.group for name in below for held in holdings.fields[name].values()}
        if any(self._judge.guarding.shared.flagged.keys() & graph.collections(name) for name in below):
            groups.add(DataGroup.UNPUBLISHED)
        return any(self._judge.judgement(group, OF_ENTERPRISE).varies for group in groups)

    def _over_part(self, answer: Part | Grouped) -> Answer:
        part = answer.part if isinstance(answer, Grouped) else answer
        if self._judgement.others not in GIVEN and not self._judgement.varies:
            return self._refused()
        key = self._owned.need if self._owned else None
        part = published(part, self._flagged, self._judge.judgement(DataGroup.UNPUBLISHED, self._owned), key)
        if key is not None and self._judgement.varies:
            if not self._decided:
                noting = self._note if self._notes_part(answer) else None
                part = judged(part, self._judgement, key, self._shown, self._withheld_for, noting)
        elif self._judgement.others is Verdict.MASK and self._held.mask:
            part = masked(part, self._shown)
        elif self._notes_part(answer):
            part = told(part, key, self._note)
        return replace(answer, part=part) if isinstance(answer, Grouped) else part

    def _refused(self) -> Batch:
        """Withhold from everybody, without a word to any source."""

        def resolve(ask: Ask, **_given: Any) -> Sequence[Any]:
            if self._of_enterprise:
                # Records carry their code only where it was asked for; what is refused asks for nothing.
                codes = [getattr(parent, OF_ENTERPRISE.need, None) for parent in ask.parents]
                ask.request.access.missed(self._held.group, [code for code in codes if isinstance(code, str)])
            return [self._withheld_for(ask.request, self._judgement.others) for _ in ask.parents]

        return Batch(resolve, withheld=self._judgement.others.value)

    def _checked(self, answer: Batch) -> Batch:
        """Refuse questions that narrow or order by what the reader may not see of everything."""
        refused = {
            name: judgement
            for name, held in self._judge.guarding.holdings.compared.get(self._coordinate, {}).items()
            if (judgement := self._judge.judgement(held.group, None, answer.indexed.get(name, ()))).others
            is not Verdict.ALLOW
        }
        if not refused and not self._sensitive:
            return answer

        def resolve(ask: Ask, **given: Any) -> Answered:
            for name, judgement in refused.items():
                if is_given(name, given):
                    where, verdict = narrowing(name, self._coordinate), judgement.others
                    withheld = Verdict.FORBIDDEN if verdict is Verdict.MASK else verdict
                    raise ask.request.access.withheld(where, judgement.group, withheld)
            self._look(ask)
            return answer.resolve(ask, **given)

        return replace(answer, resolve=resolve)

    def _split(self, answer: Batch) -> Batch:
        """Ask for the objects that may be seen; withhold the others."""
        assert self._owned is not None, "only what is somebody's own varies"
        key = self._owned.need

        def now(ask: Ask, given: Mapping[str, Any], keys: Sequence[Any]) -> Answered:
            verdicts = ask.request.access.verdicts(self._judgement, keys)
            if isinstance(verdicts, Verdict):
                if verdicts in GIVEN:
                    if keys:
                        self._look(ask, keys)
                    return answer.resolve(ask, **given)
                verdicts = [verdicts] * len(keys)
            places = [place for place, verdict in enumerate(verdicts) if verdict in GIVEN]
            if places:
                self._look(ask, [keys[place] for place in places])
            if self._judgement.owner is Owner.ENTERPRISE:
                refused = [code for code, verdict in zip(keys, verdicts, strict=True) if verdict not in GIVEN]
                ask.request.access.missed(self._held.group, refused)
            values: list[Any] = [None if v in GIVEN else self._withheld_for(ask.request, v) for v in verdicts]
            if not places:
                return values
            try:
                seen = answer.resolve(
                    Ask(ask.request, [ask.parents[place] for place in places], ask.selection), **given
                )
            except BadInput as error:
                return _spliced(values, places, [error] * len(places))
            return _later(values, places, seen) if is_awaited(seen) else _spliced(values, places, seen)

        def resolve(ask: Ask, **given: Any) -> Answered:
            keys = ask.request.keys(ask.parents, key)
            if self._judgement.owner is not Owner.ENTERPRISE:
                return now(ask, given, keys)
            return knowing(ask, keys, lambda: now(ask, given, keys))

        needed = {key} if self._of_record else frozenset[str]()
        return replace(answer, resolve=resolve, requires=answer.requires | needed)

    def _teaching(self, answer: Batch) -> Batch:
        """Find out whose the objects are for the sake of what lies below, which may depend on it."""

        def resolve(ask: Ask, **given: Any) -> Answered:
            self._look(ask)
            codes = ask.request.keys(ask.parents, OF_ENTERPRISE.need)
            return knowing(ask, codes, lambda: answer.resolve(ask, **given))

        return replace(answer, resolve=resolve)

    def _look(self, ask: Ask, keys: Sequence[Any] | None = None) -> None:
        """Note that the field is given of the objects with these owners; of all if no keys are given."""
        if not self._sensitive:
            return
        if not self._of_enterprise:
            keys = ()
        elif keys is None:
            keys = ask.request.keys(ask.parents, OF_ENTERPRISE.need)
        ask.request.access.saw(self._held.group, keys)

    def _notes_part(self, answer: Part | Grouped) -> bool:
        """Say whether each look at a part is to be noted: no field above it has done so, nor its group."""
        return self._sensitive and not self._noted and isinstance(answer, Part)

    def _note(self, request: Request, verdict: Verdict, key: Any) -> None:
        of_enterprise = self._of_enterprise and isinstance(key, str)
        if verdict not in GIVEN:
            request.access.missed(self._held.group, (key,) if of_enterprise else ())
        elif verdict is Verdict.ALLOW or self._held.mask is None:
            request.access.saw(self._held.group, (key,) if of_enterprise else ())

    def _shown(self, value: Any) -> Any:
        if value is None or self._held.mask is None or isinstance(value, NO_VALUE):
            return value
        return Absent.MASKED if self._held.mask is Mask.AMOUNT else TEXTS[self._held.mask](value)

    def _withheld_for(self, request: Request, verdict: Verdict) -> Exception:
        return self._withheld(request, self._judgement, verdict)

    def _withheld(self, request: Request, judgement: Judgement, verdict: Verdict) -> Exception:
        return request.access.withheld(self._coordinate, judgement.group, verdict)


def _collections(answer: Answer) -> tuple[str, ...]:
    """Return the collections that an answer tells of, besides those of the object that it belongs to."""
    if isinstance(answer, Batch):
        return (*answer.reads, *answer.indexed.get("", ()))
    return answer.group.reads if isinstance(answer, Grouped) else ()


def is_given(name: str, given: Mapping[str, Any]) -> bool:
    """Say whether an argument, or a field of an input that is one, has a value: `search`, `filter.zone`."""
    argument, _, inner = name.partition(".")
    value = given.get(argument)
    return value is not None and (not inner or getattr(value, inner) is not None)


def narrowing(name: str, coordinate: str) -> str:
    """Say what a question narrows or orders by, in the names of the schema."""
    return f"{'.'.join(map(to_camel_case, name.split('.')))} of {coordinate}"


def _learning(group: Group, watched: Watched) -> Group:
    """Return a group that finds out whose its objects are before their records are read, and notes looks at them."""

    def now(ask: Ask, needs: frozenset[str], codes: Sequence[str]) -> Answered:
        access = ask.request.access
        for (judgement, whole), names in watched.items():
            if names.isdisjoint(needs):
                continue
            verdicts = access.verdicts(judgement, codes)
            if isinstance(verdicts, Verdict):
                if verdicts in whole and codes:
                    access.saw(judgement.group, codes)
            elif seen := [code for code, verdict in zip(codes, verdicts, strict=True) if verdict in whole]:
                access.saw(judgement.group, seen)
        return group.resolve(ask, needs)

    def resolve(ask: Ask, needs: frozenset[str]) -> Answered:
        codes = ask.request.keys(ask.parents, OF_ENTERPRISE.need)
        return knowing(ask, codes, lambda: now(ask, needs, codes))

    return replace(group, resolve=resolve)


def _spliced(values: list[Any], places: Sequence[int], seen: Sequence[Any]) -> list[Any]:
    for place, value in zip(places, seen, strict=True):
        values[place] = value
    return values


async def _later(values: list[Any], places: Sequence[int], seen: Awaitable[Sequence[Any]]) -> list[Any]:
    try:
        return _spliced(values, places, await seen)
    except BadInput as error:
        # What was asked wrongly is told where it would be answered; what is withheld stays so.
        return _spliced(values, places, [error] * len(places))
