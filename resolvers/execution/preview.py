"""What a question would touch, told without asking any source: for readers who want to know before they ask.

It tells of the reader's own rights and of what organisations have been allowed; never whether an enterprise exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from graphql import GraphQLError

from auth.rules import Rights, Rulebook, Verdict
from codes.access import DataGroup
from codes.uscc import MalformedUscc, normalise
from resolvers.access import Access, Judgement, Owner
from resolvers.binding import Batch
from resolvers.execution.cost import Bill, Price
from resolvers.execution.explain import Step, explanation
from resolvers.execution.plan import Field, Plan, Scope
from resolvers.guarding import Guarding, is_given, narrowing
from resolvers.request import BadInput, Hub
from schema.access import Held
from schema.holdings import Holdings

_HEADER = "hub-preview"
_CODE, _IDENTITIES, _ENTERPRISE = "USCC", ("ID", "_Any"), "Enterprise:"
_MASKED, _ALLOW = "MASKED", "ALLOW"


class Holding(msgspec.Struct, frozen=True, order=True):
    """A group of fields that the question touches, and their level."""

    group: str
    level: int


class WithheldField(msgspec.Struct, frozen=True, order=True):
    """A field whose value the reader would not get of everything, or not as it is."""

    field: str
    """`Type.field`, or `argument.field of Type.field` where it narrows a list."""
    group: str
    level: int
    code: str
    """The error's code, or MASKED."""
    own: str
    """The same of what is the reader's own; ALLOW: the value as it is."""


class Purposes(msgspec.Struct):
    """For which groups a purpose is needed."""

    given: str | None
    needed: list[str]
    missing: list[str]
    """Of those needed: none was sent that the client may use."""


class MissingConsent(msgspec.Struct):
    """An enterprise of the question that has not agreed."""

    uscc: str
    groups: list[str]


class ConsentNeeds(msgspec.Struct):
    """For which groups consent is needed, and which enterprises named in the question have not given it."""

    needed: list[str]
    missing: list[MissingConsent]


class Preview(msgspec.Struct, rename="camel"):
    """What would become of a question."""

    engine: str
    cost: int
    cost_limit: int
    batches: int
    fields: int
    steps: list[Step]
    holds: list[Holding]
    withheld: list[WithheldField]
    purposes: Purposes
    consents: ConsentNeeds


def is_wanted(headers: Mapping[str, str]) -> bool:
    """Say whether a preview is asked for; raise BadInput for a header that says neither yes nor no."""
    given = headers.get(_HEADER)
    if not given:
        return False
    if given.strip().lower() not in ("true", "false"):
        raise BadInput(f"Hub-Preview is {given[:40]!r}; give true, or leave it out.")
    return given.strip().lower() == "true"


class Previews:
    """Tells of questions to one hub what they would touch."""

    def __init__(self, hub: Hub, rules: Rulebook | None, guarding: Guarding | None, cost_limit: int) -> None:
        """Without rules everybody sees everything, and nothing is said of it."""
        self._hub = hub
        self._rules = rules
        self._holdings = guarding.holdings if guarding else None
        self._cost_limit = cost_limit

    async def of(self, plan: Plan | None, detour: str | None, price: Price, bill: Bill, access: Access) -> Preview:
        """Return what an operation would touch; without a plan (the reference's way) only what it would cost."""
        purposes = Purposes(access.purpose.value if access.purpose else None, [], [])
        engine = f"reference: {detour}" if detour else "compiled"
        found = Preview(engine, price.units(bill), self._cost_limit, 0, 0, [], [], [], purposes, ConsentNeeds([], []))
        if plan is None:
            return found
        told = explanation(plan.root, self._hub.sources, price, bill, inside=False)
        found.batches, found.fields, found.steps = told.batches, told.fields, told.steps
        if self._rules is None or self._holdings is None or access.rights is None:
            return found
        known = _Known(access, access.rights, self._holdings, bill)
        fields = dict(known.below(plan.root))
        found.holds = sorted({Holding(held.group.value, held.level) for held in fields.values()})
        found.withheld = sorted(known.withheld(fields))
        groups = {held.group for held in fields.values()}
        without = self._rules.rights(access.principal, None)
        purposes.needed = _depending(groups, Verdict.PURPOSE_REQUIRED, without)
        purposes.missing = _depending(groups, Verdict.PURPOSE_REQUIRED, access.rights)
        found.consents.needed = _depending(groups, Verdict.CONSENT_REQUIRED, access.rights)
        found.consents.missing = await known.consents(plan.root, self._hub)
        return found


class _Known:
    def __init__(self, access: Access, rights: Rights, holdings: Holdings, bill: Bill) -> None:
        self._access = access
        self._rights = rights
        self._holdings = holdings
        self._bill = bill

    def below(self, root: Scope) -> Iterator[tuple[str, Held]]:
        """Give each field that is asked below, with what it holds, those included that narrow lists."""
        for scope in scopes([root]):
            for field in scope.fields:
                if held := self._holdings.fields[scope.type_name].get(field.name):
                    coordinate = f"{scope.type_name}.{field.name}"
                    yield coordinate, held
                    yield from self._narrowed(coordinate, field)

    def withheld(self, fields: Mapping[str, Held]) -> Iterator[WithheldField]:
        """Give the fields that the reader would not get of everything."""
        for coordinate, held in fields.items():
            others = _shown(self._rights.others[held.group], held)
            own = _shown(self._rights.own[held.group], held)
            if others != _ALLOW:
                yield WithheldField(coordinate, held.group.value, held.level, others, own)

    async def consents(self, root: Scope, hub: Hub) -> list[MissingConsent]:
        """Return the enterprises that the question names and that have not agreed to what it asks of them."""
        asked: dict[str, set[DataGroup]] = {}
        for field in root.fields if self._rights.by_consent else ():
            if codes := list(self._codes(field)):
                groups = {held.group for name in _named(field) for _, held in self.below(name)}
                for code in codes:
                    asked.setdefault(code, set()).update(groups)
        if asked:
            await self._access.learn(hub.directory, hub.consents, hub.today(), asked)
        missing = {code: self._unagreed(code, groups) for code, groups in asked.items()}
        return [MissingConsent(code, groups) for code, groups in missing.items() if groups]

    def _unagreed(self, code: str, groups: Iterable[DataGroup]) -> list[str]:
        return sorted(g.value for g in groups if self._verdict(g, code) is Verdict.CONSENT_REQUIRED)

    def _verdict(self, group: DataGroup, code: str) -> Verdict:
        judgement = Judgement(group, self._rights.own[group], self._rights.others[group], Owner.ENTERPRISE)
        return self._access.verdict(judgement, code)

    def _codes(self, field: Field) -> Iterator[str]:
        """Give the enterprises' codes among a field's arguments."""
        given = self._arguments(field)
        if field.arguments is None:
            return
        for name in field.arguments.of_type(_CODE):
            yield from (code for code in _listed(given.get(name)) if isinstance(code, str))
        for name in (name for kind in _IDENTITIES for name in field.arguments.of_type(kind)):
            yield from _identified(_listed(given.get(name)))

    def _narrowed(self, coordinate: str, field: Field) -> Iterator[tuple[str, Held]]:
        given = self._arguments(field)
        for name, held in self._holdings.compared.get(coordinate, {}).items():
            if is_given(name, given):
                yield narrowing(name, coordinate), held

    def _arguments(self, field: Field) -> Mapping[str, Any]:
        try:
            return field.arguments.values(self._bill.variables, self._bill.literals) if field.arguments else {}
        except GraphQLError:  # a question asked in earnest says so at the field
            return {}


def scopes(left: list[Scope]) -> Iterator[Scope]:
    """Give these scopes and all below them, each once."""
    seen: set[int] = set()
    while left:
        scope = left.pop()
        if id(scope) not in seen:
            seen.add(id(scope))
            yield scope
            left += (below for field in scope.fields for below in _named(field))


def _named(field: Field) -> list[Scope]:
    """Return the scopes of the objects that a field may lead to; none if it is withheld."""
    below = field.below
    if below is None or (isinstance(field.answer, Batch) and field.answer.withheld):
        return []
    return [below.scope(name) for name in (below.plan.possible(below.named) if below.abstract else (below.named,))]


def _depending(groups: Iterable[DataGroup], verdict: Verdict, rights: Rights) -> list[str]:
    """Return the groups that this verdict is for, of the reader's own or of others'."""
    return sorted(group.value for group in groups if verdict in (rights.own[group], rights.others[group]))


def _shown(verdict: Verdict, held: Held) -> str:
    if verdict is Verdict.MASK:
        return _MASKED if held.mask else _ALLOW
    return str(verdict.value)


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _identified(given: Iterable[Any]) -> Iterator[str]:
    for identity in given:
        if isinstance(identity, str) and identity.startswith(_ENTERPRISE):
            try:
                yield normalise(identity.removeprefix(_ENTERPRISE))
            except MalformedUscc:
                continue
