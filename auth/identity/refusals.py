"""Why somebody is not let in.

BadToken           401: the token, its proof or its key is not believed
  BadProof         401: the proof of possession is not (RFC 9449 §7.1)
  ProofWanted      401: the token wants a proof that did not come with it
Unavailable        503: it cannot be made sure just now; not a word about the token
"""

from __future__ import annotations

from typing import ClassVar


class BadToken(Exception):
    """A credential that is not believed: a word for the reason, and the reason in words, never the credential."""

    error: ClassVar[str] = "invalid_token"
    """What the challenge calls it (RFC 6750 §3.1)."""
    offers_proof: ClassVar[bool] = False
    """Whether the challenge offers the scheme DPoP to who came without."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class BadProof(BadToken):
    """A proof of possession that is not believed."""

    error = "invalid_dpop_proof"


class ProofWanted(BadToken):
    """A token that is of use with a proof of possession only."""

    offers_proof = True


class Unavailable(Exception):
    """Who asks cannot be made sure now: an issuer's keys, the store or the memory of proofs is out of reach."""

    code = "IDENTITY_UNAVAILABLE"
    retry_after_seconds = 5
