"""From a credential that is believed, and its client, to who asks."""

from __future__ import annotations

import hashlib
from typing import Any

from auth.identity import api_keys
from auth.identity.api_keys import MARK, KnownKey
from auth.identity.config import Client, Identity, Issuer
from auth.identity.refusals import BadToken
from auth.identity.tokens import Claims
from auth.principal import Principal
from codes import uscc
from codes.access import DataGroup, Role


def of_claims(claims: Claims, issuer: Issuer, identity: Identity, token: str) -> Principal:
    """Return whom a token's claims mean, within what its issuer and its client may; raise BadToken."""
    name = claims.get("client_id", claims.get("azp"))
    client = identity.clients.get(name) if isinstance(name, str) else None
    if client is None or not isinstance(name, str):
        raise BadToken("unknown_client", "The token's client is not registered here.")
    return Principal(
        subject=claims["sub"],
        organisation=_organisation(claims, client),
        roles=_roles(claims, issuer, client),
        client=name,
        scopes=_scopes(claims),
        purposes=client.purposes,
        trusted_only=client.documents == "trusted",
        enterprise=_enterprise(claims, client),
        zones=_within(claims, "zones", client.zones),
        networks=_within(claims, "networks", client.networks),
        funds=_within(claims, "funds", client.funds),
        credential=str(claims.get("jti") or hashlib.sha256(token.encode()).hexdigest()[:12]),
    )


def of_key(key: KnownKey, identity: Identity) -> Principal:
    """Return whom an API key means: its client, with all that stands in its name; raise BadToken."""
    client = identity.clients.get(key.client)
    if client is None:
        raise BadToken("unknown_client", "The API key's client is not registered here any more.")
    roles = api_keys.roles(client)
    if not roles:
        raise BadToken("no_role", "The API key's client has no role that keys may have; get a token.")
    return Principal(
        subject=key.client,
        organisation=client.organisation,
        roles=roles,
        client=key.client,
        scopes=key.scopes,
        purposes=client.purposes,
        trusted_only=client.documents == "trusted",
        enterprise=client.enterprise,
        zones=client.zones,
        networks=client.networks,
        funds=client.funds,
        credential=MARK + key.prefix,
    )


def _organisation(claims: Claims, client: Client) -> str:
    if claims.get("org", client.organisation) != client.organisation:
        raise BadToken("wrong_organisation", "The token names another organisation than its client's.")
    return client.organisation


def _roles(claims: Claims, issuer: Issuer, client: Client) -> frozenset[Role]:
    try:
        named = frozenset(Role(name) for name in _texts(claims, "roles"))
    except ValueError:
        raise BadToken("unknown_role", "The token names a role that the hub does not know.") from None
    roles = named & issuer.roles & client.roles
    if not roles:
        raise BadToken("no_role", "The token names no role that its issuer and client may give.")
    return roles


def _scopes(claims: Claims) -> frozenset[str] | None:
    scope: Any = claims.get("scope")
    if scope is None:
        return None
    known = {group.value for group in DataGroup}
    return frozenset(word.upper() for word in str(scope).split()) & known


def _enterprise(claims: Claims, client: Client) -> str | None:
    given = claims.get("enterprise")
    if given is None:
        return None
    try:
        code = uscc.normalise(given)
    except (uscc.MalformedUscc, TypeError, AttributeError):
        raise BadToken("wrong_enterprise", "The token's enterprise is no unified social credit code.") from None
    if client.enterprise not in (None, code):
        raise BadToken("wrong_enterprise", "The token names another enterprise than its client's.")
    return code


def _within(claims: Claims, name: str, most: frozenset[str]) -> frozenset[str]:
    """Return what a token names, which its client must have if it has any."""
    found = _texts(claims, name)
    if most and not found <= most:
        raise BadToken(f"wrong_{name}", f"The token names {name} that are not its client's.")
    return found


def _texts(claims: Claims, name: str) -> frozenset[str]:
    found = claims.get(name, [])
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise BadToken("malformed", f"The token's {name} are no list of texts.")
    return frozenset(found)
