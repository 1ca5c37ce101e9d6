"""Who may see editions, and the scores of a whole zone."""

from __future__ import annotations

from collections.abc import Sequence

from codes.access import DataGroup
from resolvers.access import Access, Judgement, Owner
from resolvers.fetching import local_id
from resolvers.guarded_parts import GIVEN
from resolvers.request import Ask, BadInput
from resolvers.scores.shelf import Shelf
from store.editions import Edition


def shelf_of(ask: Ask) -> Shelf:
    """Return the hub's editions."""
    assert ask.hub.shelf is not None, "a hub with a store has editions"
    return ask.hub.shelf


def is_officer(access: Access, zone: str) -> bool:
    """Say whether the reader looks after the scores of a zone."""
    if access.rights is None:
        return True
    return zone in access.principal.zones and access.rights.own[DataGroup.SCORE] in GIVEN


def sees_all(access: Access, zone: str) -> bool:
    """Say whether the reader may see every score of a zone: as its officer, or because everybody may."""
    if access.rights is None:
        return True
    own, others = access.rights.own[DataGroup.SCORE], access.rights.others[DataGroup.SCORE]
    return access.verdict(Judgement(DataGroup.SCORE, own, others, Owner.ZONE), zone) in GIVEN


async def seen(ask: Ask, codes: Sequence[str]) -> list[str]:
    """Return of which of these enterprises the reader may see the score."""
    access = ask.request.access
    if access.rights is None:
        return list(codes)
    if not access.knows(codes):
        await access.learn(ask.hub.directory, ask.hub.consents, ask.hub.today(), codes)
    own, others = access.rights.own[DataGroup.SCORE], access.rights.others[DataGroup.SCORE]
    judgement = Judgement(DataGroup.SCORE, own, others, Owner.ENTERPRISE)
    return [code for code in codes if access.verdict(judgement, code) in GIVEN]


def is_visible(access: Access, edition: Edition) -> bool:
    """Say whether the reader may know of an edition: of a draft only if it looks after its zone."""
    return edition.published or is_officer(access, edition.content.zone)


async def found(ask: Ask, identities: Sequence[str]) -> list[Edition | None]:
    """Return the editions of these identities; None for one that is not there, or not for this reader."""
    codes = [local_id("Edition", one) for one in identities]
    by_code = await shelf_of(ask).editions.of(list(dict.fromkeys(codes)))
    return [
        edition if (edition := by_code.get(code)) and is_visible(ask.request.access, edition) else None
        for code in codes
    ]


async def named(ask: Ask, identity: str) -> Edition:
    """Return the edition of an identity; raise BadInput where there is none for this reader."""
    (edition,) = await found(ask, [identity])
    if edition is None:
        raise BadInput(f"There is no edition {local_id('Edition', identity)[:80]!r}; `editions` lists those there are.")
    return edition
