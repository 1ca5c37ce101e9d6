"""Who asks: the organisation, its roles, and what of the graph is its own."""

from __future__ import annotations

from dataclasses import dataclass, field

from codes.access import Purpose, Role


@dataclass(frozen=True)
class Principal:
    """A reader as its token or key says; nothing in it comes from the body of a request."""

    subject: str
    """Who it is at its issuer: a person or a machine."""
    organisation: str
    """The organisation that it asks for; consents are given to it."""
    roles: frozenset[Role]
    client: str = ""
    """The registered program through which it asks."""
    scopes: frozenset[str] | None = None
    """Groups that its token is limited to, as `FILINGS`; None: all that its roles may."""
    purposes: frozenset[Purpose] = field(default_factory=frozenset)
    """What its client may ask for."""
    enterprise: str | None = None
    """The enterprise that it is, by credit code."""
    zones: frozenset[str] = field(default_factory=frozenset)
    """The zones that it is an officer of."""
    networks: frozenset[str] = field(default_factory=frozenset)
    funds: frozenset[str] = field(default_factory=frozenset)
    trusted_only: bool = False
    """Its client asks documents only that were registered for it."""
    credential: str = ""
    """Which token or key was shown: its id, never the secret."""


ANONYMOUS = Principal("anonymous", "", frozenset((Role.ANONYMOUS,)))
