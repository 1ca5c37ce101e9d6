"""Who may see editions, and the scores of a whole zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auth.rules import Verdict
from codes.access import DataGroup
from connectors.catalogue import COLLECTIONS
from resolvers.access import Access, Judgement, Owner
from resolvers.fetching import local_id
from resolvers.guarded_parts import GIVEN
from resolvers.request import Ask, BadInput
from resolvers.scores.shelf import Shelf
from store.edition_records import Edition

READS = tuple(name for name, collection in COLLECTIONS.items() if collection.key == "uscc")
"""What a score is made of is as strictly shared as the strictest of what any scheme may take."""


def shelf_of(ask: Ask) -> Shelf:
    """Return the hub's editions."""
    assert ask.hub.shelf is not None, "a hub with a store has editions"
    return ask.hub.shelf


def is_officer(access: Access, zone: str) -> bool:
    """Say whether the reader looks after the scores of a zone."""
    if access.rights is None:
        return True
    return zone in access.principal.zones and access.rights.own[DataGroup.SCORE] in GIVEN


def sees_all(ask: Ask, zone: str) -> bool:
    """Say whether the reader may see every score of a zone: as its officer, or because everybody may."""
    judgement = judgement_of_scores(ask, Owner.ZONE)
    return judgement is None or ask.request.access.verdict(judgement, zone) in GIVEN


async def seen(ask: Ask, codes: Sequence[str]) -> list[str]:
    """Return of which of these enterprises the reader may see the score."""
    verdicts = await verdicts_of(ask, codes)
    return [code for code in codes if verdicts[code] in GIVEN]


async def verdicts_of(ask: Ask, codes: Sequence[str]) -> Mapping[str, Verdict]:
    """Return what becomes of the scores of these enterprises for the reader."""
    access, judgement = ask.request.access, judgement_of_scores(ask, Owner.ENTERPRISE)
    if judgement is None:
        return dict.fromkeys(codes, Verdict.ALLOW)
    await ask.request.learn(codes)
    return {code: access.verdict(judgement, code) for code in codes}


def judgement_of_scores(ask: Ask, owner: Owner) -> Judgement | None:
    """Return what becomes of scores, as the guard of the field `score` has it; None without rules."""
    rights = ask.request.access.rights
    if rights is None:
        return None
    own, others = rights.own[DataGroup.SCORE], rights.others[DataGroup.SCORE]
    sources = ask.hub.sources
    conditional = any(sources.config.catalogue[name].key == "uscc" for name in sources.shared.conditional)
    if conditional and others in GIVEN and not rights.for_purpose:
        others = Verdict.PURPOSE_REQUIRED
    return Judgement(DataGroup.SCORE, own, others, owner)


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
