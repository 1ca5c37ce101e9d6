"""Objections to data: made by the enterprise, answered by whoever owns the source, shown beside the value meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from sqlalchemy.exc import IntegrityError
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from codes.data_objections import FLOW, OUTCOME_OF, DataObjectionAction, DataObjectionState
from codes.flow import NotAllowed, Party
from codes.problems import Problem, ProblemCode, Problems
from connectors.catalogue import Collection
from connectors.errors import SourceFailure
from connectors.outcomes import Absent
from resolvers.binding import OF_ENTERPRISE, Batch, Part
from resolvers.changing import Do, changes_of, invalid, learn, mutation, not_allowed, parties_to, party_to
from resolvers.fetching import checked, is_record, local_id
from resolvers.history import history
from resolvers.listening import updates
from resolvers.pages import check_size
from resolvers.request import Ask, Request
from resolvers.source import source_part
from schema.data_objections import AdvanceDataObjectionInput, ObjectToDatumInput
from store.changes import Change, new_id
from store.data_objections import DATA_OBJECTION, DataObjection, Datum, disputed, is_open

_LONGEST = 2000
_LONGEST_VALUE = 2000


async def _object(ask: Ask, input: ObjectToDatumInput) -> Do[DataObjection]:
    reason, claim, uscc = input.reason.strip(), input.claim, checked(input.enterprise)
    if not _is_text(reason):
        raise Problems(invalid(f"Say what is wrong, in 1 to {_LONGEST:,} characters.", "input", "reason"))
    if claim is not None and not _is_text(claim):
        raise Problems(invalid(f"Say what it should be, in 1 to {_LONGEST:,} characters.", "input", "claim"))
    collection, field = _datum(ask, input)
    if not FLOW.opened_by(await parties_to(ask, {Party.ENTERPRISE: uscc})):
        message = "The enterprise itself objects to what is said of it; ask it to."
        raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, ("input", "enterprise")))
    record = await _record(ask, collection, field, uscc, input.record)
    owner = ask.hub.sources.config.sources[record.source].organisation
    if owner is None:
        message = f"Nobody is named who answers for the source {record.source}; its operators have to name one."
        raise Problems(Problem(ProblemCode.NOT_ALLOWED, message, ("input", "collection")))
    value, datum = _shown(getattr(record, field)), (collection.name, input.record or "", field)
    author = ask.request.access.principal.organisation

    async def do(change: Change) -> DataObjection:
        made = DataObjection(
            id=new_id(), uscc=uscc, collection=datum[0], record=datum[1], field=datum[2], source=record.source,
            owner=owner, author=author, value=value, claim=claim, reason=reason, state=FLOW.initial,
            created_at=change.at, changed_at=change.at,
        )  # fmt: skip
        twice = Problem(ProblemCode.NOT_ALLOWED, "An objection to it is yet to be answered.", ("input", "field"))
        if await is_open(change.connection, uscc, datum):
            raise Problems(twice)
        try:
            async with change.connection.begin_nested():
                return await change.add(DATA_OBJECTION, made, "OBJECT")
        except IntegrityError:  # somebody else has objected to the same meanwhile
            raise Problems(twice) from None

    return do


def _datum(ask: Ask, given: ObjectToDatumInput) -> tuple[Collection, str]:
    """Return the collection and the field that are meant; raise Problems if the graph has no such thing."""
    catalogue = ask.hub.sources.config.catalogue
    collection = catalogue.get(given.collection)
    if collection is None or collection.key != OF_ENTERPRISE.need:
        raise Problems(
            invalid("There is no such collection of enterprises; see `Source.feeds`.", "input", "collection")
        )
    field = to_snake_case(given.field)
    if field not in collection.fields:
        known = ", ".join(to_camel_case(name) for name in collection.fields)
        raise Problems(invalid(f"{collection.name} has no such field; it has {known}.", "input", "field"))
    if collection.many is (given.record is None):
        told = (
            f"Say which, by its {to_camel_case(collection.record_key or 'number')}."
            if collection.many
            else "It has one."
        )
        raise Problems(invalid(told, "input", "record"))
    return collection, field


async def _record(ask: Ask, collection: Collection, field: str, uscc: str, key: str | None) -> Any:
    """Return the record that is meant, as its source gives it now; raise Problems if there is none."""
    wanted = frozenset((field, "source", *([collection.record_key] if collection.record_key else [])))
    session = ask.request.session
    (found,) = await ask.hub.sources.fetch(session, collection.name, [uscc], wanted, None)
    if isinstance(found, SourceFailure):
        raise found
    records = found if isinstance(found, tuple | list) else [found] if is_record(found) else []
    for record in records:
        if is_record(record) and (key is None or _shown(getattr(record, collection.record_key or "")) == key):
            return record
    raise Problems(
        Problem(ProblemCode.NOT_FOUND, "No source has such a record of the enterprise.", ("input", "record"))
    )


def _shown(value: Any) -> str | None:
    """Return a value as text, as an objection keeps it."""
    if value is None or isinstance(value, Absent | SourceFailure):
        return None
    text = value.value if isinstance(value, Enum) else value
    return "; ".join(map(str, text))[:_LONGEST_VALUE] if isinstance(text, tuple | list) else str(text)[:_LONGEST_VALUE]


def _is_text(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and "\0" not in text


async def _advance(ask: Ask, input: AdvanceDataObjectionInput) -> Do[DataObjection]:
    answers = input.action in OUTCOME_OF
    if answers is (input.answer is None) or (input.answer is not None and not _is_text(input.answer.strip())):
        message = f"It goes with UPHOLD and REJECT, and is needed there, in 1 to {_LONGEST:,} characters."
        raise Problems(invalid(message, "input", "answer"))
    found, parties = await party_to(ask, DATA_OBJECTION, input.id, "input", "id")

    async def do(change: Change) -> DataObjection:
        now = await change.get(DATA_OBJECTION, found.id, input.version, "input")
        try:
            state = FLOW.next(now.state, input.action, parties)
        except NotAllowed as refused:
            raise not_allowed(refused, "input", "action") from refused
        return await change.replace(
            DATA_OBJECTION,
            now,
            input.action.value,
            state=state,
            outcome=OUTCOME_OF.get(input.action, now.outcome),
            answer=input.answer or now.answer,
            changed_at=change.at,
        )

    return do


async def _of_enterprises(ask: Ask, first: int = 20, state: list[DataObjectionState] | None = None) -> Sequence[Any]:
    check_size("first", first)
    codes = [parent.uscc for parent in ask.parents]
    found = await changes_of(ask).of(DATA_OBJECTION, "uscc", codes, first, state)
    return [found[code] for code in codes]


async def _of_sources(ask: Ask, first: int = 20, state: list[DataObjectionState] | None = None) -> Sequence[Any]:
    check_size("first", first)
    names = [local_id("Source", parent.id) for parent in ask.parents]
    found = await changes_of(ask).of(DATA_OBJECTION, "source", names, first, state)
    shown = [one for page in found.values() for one in page]
    await learn(ask, [one.parties for one in shown])
    ask.request.access.saw(DATA_OBJECTION.group, [one.uscc for one in shown])
    return [found[name] for name in names]


def _beside(collection: str, record_key: str | None) -> Batch:
    """Return what answers `disputed` of a collection's records."""

    async def resolve(ask: Ask) -> Sequence[Any]:
        codes = [parent.uscc for parent in ask.parents]
        found = await disputed(changes_of(ask).engine, codes, collection)
        return [_named(found[parent.uscc], _key(parent, record_key)) for parent in ask.parents]

    return Batch(resolve, frozenset((OF_ENTERPRISE.need, *([record_key] if record_key else []))))


def _key(record: Any, record_key: str | None) -> str:
    return (_shown(getattr(record, record_key)) or "") if record_key else ""


def _named(data: set[Datum], record: str) -> list[str]:
    return sorted(to_camel_case(field) for _, key, field in data if key == record)


async def _inputs(ask: Ask) -> Sequence[Any]:
    """Return the disputed data of which each indicator's value is made."""
    found = await disputed(changes_of(ask).engine, [parent.uscc for parent in ask.parents])
    return [
        sorted(
            f"{collection}.{to_camel_case(field)}" + (f" {record}" if record else "")
            for collection, record, field in found[parent.uscc]
            if (collection, field) in parent.made_of or (collection, None) in parent.made_of
        )
        for parent in ask.parents
    ]


def _allowed(
    request: Request, state: DataObjectionState, parties: Mapping[Party, str]
) -> Sequence[DataObjectionAction]:
    access = request.access
    return FLOW.allowed(state, access.parties(parties)) if access.may_change(DATA_OBJECTION.group) else []


def beside(records: Mapping[str, str], catalogue: Mapping[str, Collection]) -> Mapping[str, Batch]:
    """Return what answers `disputed` of every type that shows records of enterprises."""
    kinds = {name: catalogue[collection] for name, collection in records.items()}
    return {
        f"{name}.disputed": _beside(kind.name, kind.record_key if kind.many else None)
        for name, kind in kinds.items()
        if kind.key == OF_ENTERPRISE.need
    } | {"Enterprise.disputed": _beside("registration", None)}


BATCHES: Mapping[str, Batch] = {
    "Mutation.objectToDatum": mutation("objectToDatum", DATA_OBJECTION, _object),
    "Mutation.advanceDataObjection": mutation("advanceDataObjection", DATA_OBJECTION, _advance),
    "Enterprise.dataObjections": Batch(_of_enterprises),
    "Source.dataObjections": Batch(_of_sources),
    "IndicatorScore.disputedInputs": Batch(_inputs),
    "DataObjection.history": history(DATA_OBJECTION),
    **updates("dataObjectionUpdated", DATA_OBJECTION),
}

PARTS: Mapping[str, Part] = {
    "DataObjection.allowedActions": Part(("state", "parties"), _allowed),
    "DataObjection.record": Part(("record",), lambda _request, record: record or None),
    "DataObjection.field": Part(("field",), lambda _request, field: to_camel_case(field)),
    "DataObjection.source": source_part(),
}
