"""Consents 授权 as the graph shows them, and how an enterprise gives and withdraws one."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import listed
from schema.enums import DataGroup as Groups
from schema.enums import Purpose
from schema.user_error import UserError

ID = strawberry.ID


@strawberry.type(
    description="An enterprise's consent 授权: an organisation may see groups of its fields, for purposes, for a time.",
    directives=data(DataGroup.CONSENTS),
)
class Consent:
    """An enterprise's consent."""

    id: ID
    grantee: str = strawberry.field(description="The organisation that may see.")
    groups: list[Groups]
    purposes: list[Purpose]
    first_day: date
    last_day: date = strawberry.field(description="Included.")
    evidence: str | None = strawberry.field(description="Reference of the signed authorisation 授权书编号.")
    evidence_hash: str | None = strawberry.field(description="SHA-256 of the signed authorisation.")
    granted_by: str
    granted_at: datetime
    withdrawn_at: datetime | None


@strawberry.input(description="What an enterprise agrees to.", directives=data(DataGroup.PUBLIC))
class GrantConsentInput:
    """What an enterprise agrees to."""

    grantee: str = strawberry.field(
        description="The organisation that may see, as `me { organisation }` of its readers."
    )
    groups: list[Groups]
    purposes: list[Purpose]
    first_day: date | None = strawberry.field(default=None, description="Today if not given.")
    last_day: date | None = strawberry.field(
        default=None, description="90 days after the first if not given; at most a year after it."
    )
    evidence: str | None = strawberry.field(default=None, description="Reference of the signed authorisation.")
    evidence_hash: str | None = strawberry.field(default=None, description="Its SHA-256, 64 hexadecimal digits.")


@strawberry.type(description="What became of a consent.", directives=data(DataGroup.PUBLIC))
class ConsentPayload:
    """What became of a consent."""

    consent: Consent | None = strawberry.field(directives=data(DataGroup.PUBLIC))
    user_errors: list[UserError] = strawberry.field(directives=listed(1))
