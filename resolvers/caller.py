"""For whom an operation asks, for sources that are told."""

from __future__ import annotations

import hashlib

import msgspec

from auth.identity.api_keys import MARK
from resolvers.access import Access
from resolvers.execution.operation import Operation


class Reader(msgspec.Struct, frozen=True):
    """The reader of an operation, as `connectors.contract.Caller`; nothing is made of it before a source wants it."""

    asked: Operation
    access: Access

    def __repr__(self) -> str:
        """Keep the token out of whatever is written."""
        return f"Reader({self.organisation!r})"

    @property
    def organisation(self) -> str:
        """Its organisation; empty for the anonymous reader."""
        return self.access.principal.organisation

    @property
    def purpose(self) -> str | None:
        """What it asks for."""
        return self.access.purpose.value if self.access.purpose else None

    @property
    def operation(self) -> str:
        """SHA-256 of the operation's text, hexadecimal."""
        return hashlib.sha256(self.asked.query.encode(errors="replace")).hexdigest()

    @property
    def token(self) -> str | None:
        """Its token, that an issuer gave it; None without. A key of this hub's is nobody else's business."""
        _, _, credential = self.asked.headers.get("authorization", "").partition(" ")
        return credential if credential and not credential.startswith(MARK) else None
