"""Query.me: who asks, and what it may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import strawberry

from auth.rules import Verdict
from codes.access import DataGroup
from codes.flow import Party
from resolvers.binding import Batch
from resolvers.own_pages import reader_of
from resolvers.request import Ask
from schema.scalars import Uscc
from schema.viewer import GroupRight, Viewer


@dataclass
class Reader(Viewer):
    """Who asks, as the one party to what is its own."""

    parties: Mapping[Party, str] = field(default_factory=dict)


def me(ask: Ask) -> Sequence[Reader]:
    """Answer Query.me."""
    access = ask.request.access
    reader = access.principal
    return [
        Reader(
            subject=reader.subject,
            organisation=reader.organisation or None,
            client=reader.client or None,
            roles=sorted(reader.roles, key=lambda role: role.value),
            purposes=sorted(reader.purposes, key=lambda purpose: purpose.value),
            purpose=access.purpose if access.purpose in reader.purposes else None,
            enterprise=Uscc(reader.enterprise) if reader.enterprise else None,
            zones=_ids("Zone", reader.zones),
            networks=_ids("TechnologyManagerNetwork", reader.networks),
            funds=_ids("Fund", reader.funds),
            scopes=None if reader.scopes is None else [DataGroup(scope) for scope in sorted(reader.scopes)],
            rights=[_right(ask, group) for group in DataGroup],
            parties=reader_of(ask),
        )
    ]


def _ids(type_name: str, keys: Iterable[str]) -> list[strawberry.ID]:
    return [strawberry.ID(f"{type_name}:{key}") for key in sorted(keys)]


def _right(ask: Ask, group: DataGroup) -> GroupRight:
    rights = ask.request.access.rights
    if rights is None:
        return GroupRight(group=group, verdict=Verdict.ALLOW.value, own=Verdict.ALLOW.value)
    return GroupRight(group=group, verdict=rights.others[group].value, own=rights.own[group].value)


BATCHES: Mapping[str, Batch] = {"Query.me": Batch(me)}
