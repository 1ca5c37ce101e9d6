"""The access log 访问记录 as the graph shows it: who looked at an enterprise, and the proof that it is recorded."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.enums import DataGroup as Groups
from schema.enums import Purpose

ID = strawberry.ID


@strawberry.enum(description="What became of a look 访问结果.")
class AccessOutcome(Enum):
    """What became of a look."""

    GIVEN = strawberry.enum_value("GIVEN", description="All groups that were asked for were given.")
    PARTLY = strawberry.enum_value("PARTLY", description="Some groups were given, others withheld.")
    REFUSED = strawberry.enum_value("REFUSED", description="All groups were withheld.")


@strawberry.type(
    description="The proof that a record is in the audit's hash tree (RFC 9162): `hashes` lead from `leafHash` to "
    "`root`.",
    directives=data(DataGroup.PUBLIC),
)
class InclusionProof:
    """The proof that a record is in the audit's hash tree."""

    algorithm: str = strawberry.field(description="Hash function of the tree: SHA-256 or SM3.")
    leaf_hash: str = strawberry.field(description="Hexadecimal, as all hashes here.")
    tree_size: str = strawberry.field(description="Records in the tree; a text, since it may pass 32 bits.")
    hashes: list[str] = strawberry.field(description="From the leaf upwards.")
    root: str
    signed_head: str = strawberry.field(
        description="Size and root, signed by the hub: a compact JWS, by the key that its operators publish."
    )


@strawberry.type(
    description="A look at an enterprise 访问记录: what was asked of it and given, as the audit has it.",
    directives=data(DataGroup.ACCESS_LOG),
)
class AccessRecord:
    """A look at an enterprise."""

    id: ID
    place: str = strawberry.field(description="Its place in the audit; a text, since it may pass 32 bits.")
    at: datetime
    organisation: str = strawberry.field(description="Who looked.")
    client: str = strawberry.field(description="The registered program through which it looked.")
    purpose: Purpose | None
    reference: str | None = strawberry.field(description="The reader's own, such as a case number.")
    groups: list[Groups] = strawberry.field(description="What was seen of this enterprise.")
    withheld: list[Groups] = strawberry.field(description="What was asked of this enterprise and withheld.")
    consents: list[ID] = strawberry.field(description="The enterprise's consents by which it was given.")
    outcome: AccessOutcome
    proof: InclusionProof | None = strawberry.field(
        description="That the record stands in the audit. Made when it is asked for.",
        directives=data(DataGroup.ACCESS_LOG),
    )
