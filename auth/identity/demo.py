"""The demo world's own issuer, and the readers it has tokens for; production mode knows it not."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from auth.identity.config import Client, Identity, Issuer
from codes import uscc
from codes.access import Purpose, Role

ISSUER = "https://demo.innograph.invalid"
_ALGORITHM = "ES256"
_KID = "demo"

_CHUJINGLING, _ZHONGJIALI = (uscc.compose("91", "000000", f"MAX{number:05d}") for number in (1, 2))
_LENDING = frozenset((Purpose.PRE_LOAN, Purpose.MONITORING))
_GUARANTEEING = frozenset((Purpose.GUARANTEE, Purpose.MONITORING))


def _reader(role: Role, organisation: str, purposes: frozenset[Purpose] = frozenset(), **claims: Any) -> Any:
    return role, organisation, purposes, claims


_READERS: Mapping[str, tuple[Role, str, frozenset[Purpose], Mapping[str, Any]]] = {
    "portal": _reader(Role.PORTAL, "east-lake-portal"),
    "enterprise-chujingling": _reader(Role.ENTERPRISE, "chujingling", enterprise=_CHUJINGLING),
    "enterprise-zhongjiali": _reader(Role.ENTERPRISE, "zhongjiali", enterprise=_ZHONGJIALI),
    "bank-icbc": _reader(Role.BANK, "icbc", _LENDING),
    "bank-boc": _reader(Role.BANK, "boc", _LENDING),
    "guarantee-dongke": _reader(Role.GUARANTEE, "dongke", _GUARANTEEING),
    "officer-eastlake": _reader(Role.OFFICER, "east-lake", frozenset((Purpose.POLICY,)), zones=["east-lake"]),
    "officer-nanchang": _reader(Role.OFFICER, "nanchang", frozenset((Purpose.POLICY,)), zones=["nanchang-high-tech"]),
    "partner-managers": _reader(
        Role.PARTNER, "manager-network", frozenset((Purpose.MATCHING,)), networks=["technology-managers"]
    ),
    "fund-nssf": _reader(Role.PARTNER, "nssf", frozenset((Purpose.INVESTMENT,)), funds=["nssf-zhongguancun"]),
    "department-tax": _reader(Role.DEPARTMENT, "tax-bureau"),
    "operator": _reader(Role.OPERATOR, "innograph"),
    "auditor": _reader(Role.AUDITOR, "innograph-audit"),
    "security": _reader(Role.SECURITY, "innograph-security"),
}

NAMES = tuple(_READERS)


def readers() -> list[dict[str, Any]]:
    """Return what each reader is: name, role, organisation, purposes, and the enterprise that it is, if it is one."""
    return [
        {
            "name": name,
            "role": role.value,
            "organisation": organisation,
            "purposes": sorted(purpose.value for purpose in purposes),
            "enterprise": claims.get("enterprise"),
        }
        for name, (role, organisation, purposes, claims) in _READERS.items()
    ]


def make_issuer(folder: Path) -> None:
    """Make the issuer's key pair, `private.pem` and `public.pem`, unless it is there."""
    if (folder / "private.pem").exists() and (folder / "public.pem").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    key = ECKey.generate_key("P-256")
    descriptor = os.open(folder / "private.pem", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.as_pem(private=True))
    (folder / "public.pem").write_bytes(key.as_pem(private=False))


def identity(folder: Path) -> Identity:
    """Return the demo's issuer and a client for each of its readers."""
    issuer = Issuer(issuer=ISSUER, keys=str(folder / "public.pem"), algorithms=(_ALGORITHM,), roles=frozenset(Role))
    clients = {
        name: Client(
            title=f"Demo: {name}", organisation=organisation, roles=frozenset((role,)), purposes=purposes, **own
        )
        for name, (role, organisation, purposes, own) in _READERS.items()
    }
    return Identity(issuers={"demo": issuer}, clients=clients)


def mint(folder: Path, name: str, *, seconds: int = 3600, now: float | None = None, **changes: Any) -> str:
    """Return a signed token of one of the demo's readers; `changes` replace its claims, None leaves one out."""
    role, organisation, _, own = _READERS[name]
    issued = int(time.time() if now is None else now)
    claims = {
        "iss": ISSUER, "aud": "innograph", "sub": name, "client_id": name, "org": organisation, "iat": issued,
        "exp": issued + seconds, "jti": uuid.uuid4().hex, "roles": [role.value], **own, **changes,
    }  # fmt: skip
    key = ECKey.import_key((folder / "private.pem").read_bytes())
    header = {"alg": _ALGORITHM, "typ": "at+jwt", "kid": _KID}
    return jwt.encode(header, {n: v for n, v in claims.items() if v is not None}, key, algorithms=[_ALGORITHM])
