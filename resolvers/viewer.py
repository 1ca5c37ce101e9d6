"""Query.me: who asks, and what it may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import strawberry

from auth.rules import Verdict
from codes.access import DataGroup
from resolvers.binding import Batch
from resolvers.request import Ask
from schema.scalars import Uscc
from schema.viewer import GroupRight, Viewer


def me(ask: Ask) -> Sequence[Viewer]:
    """Answer Query.me."""
    access = ask.request.access
    reader = access.principal
    return [
        Viewer(
            subject=reader.subject,
            organisation=reader.organisation or None,
            client=reader.client or None,
            roles=sorted(reader.roles, key=lambda role: role.value),
            purposes=sorted(reader.purposes, key=lambda purpose: purpose.value),
            purpose=access.purpose if access.purpose in reader.purposes else None,
            enterprise=Uscc(reader.enterprise) if reader.enterprise else None,
            zones=[strawberry.ID(f"Zone:{zone}") for zone in sorted(reader.zones)],
            rights=[_right(ask, group) for group in DataGroup],
        )
    ]


def _right(ask: Ask, group: DataGroup) -> GroupRight:
    rights = ask.request.access.rights
    if rights is None:
        return GroupRight(group=group, verdict=Verdict.ALLOW.value, own=Verdict.ALLOW.value)
    return GroupRight(group=group, verdict=rights.others[group].value, own=rights.own[group].value)


BATCHES: Mapping[str, Batch] = {"Query.me": Batch(me)}
