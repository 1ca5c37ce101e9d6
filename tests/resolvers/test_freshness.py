"""How old an answer may be: cached, fetched anew, flagged, refused."""

from __future__ import annotations

import os
import time

import pytest

from tests.world import CHUJINGLING, Asker

QUERY = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name awards {{ name }} }} }}'


async def test_a_second_request_is_answered_from_the_cache_and_says_so(ask: Asker) -> None:
    first = await ask(QUERY)
    second = await ask(QUERY)
    assert first.fetches == {"scjg-entities.registration": 1, "kj-awards.awards": 1}
    assert second.fetches == {}
    assert second.data == first.data
    assert second.source("scjg-entities")["cacheHits"] == 1
    assert second.source("scjg-entities")["calls"] == 0


async def test_the_cache_knows_which_fields_it_holds(ask: Asker) -> None:
    await ask(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name status }} }}')
    narrower = await ask(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name }} }}')
    wider = await ask(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name address }} }}')
    assert narrower.fetches == {}
    assert wider.fetches == {"scjg-entities.registration": 1}


@pytest.mark.parametrize("how", ["extension", "header"])
async def test_max_age_fetches_anew_what_is_cached_too_long(ask: Asker, how: str) -> None:
    await ask(QUERY)
    fresh = (
        await ask(QUERY, extensions={"maxAge": 0})
        if how == "extension"
        else await ask(QUERY, headers={"cache-control": "no-transform, max-age=0"})
    )
    assert fresh.fetches == {"scjg-entities.registration": 1, "kj-awards.awards": 1}
    patient = await ask(QUERY, extensions={"maxAge": 3600})
    assert patient.fetches == {}


async def test_a_delivery_that_is_too_old_is_flagged_or_refused(ask: Asker) -> None:
    path = ask.world.folder / "science" / "awards.csv"
    os.utime(path, (time.time() - 5000,) * 2)
    flagged = await ask(QUERY, extensions={"maxAge": 1000})
    assert flagged.source("kj-awards")["olderThanAsked"] is True
    assert "olderThanAsked" not in flagged.source("scjg-entities")
    assert flagged.data["enterprise"]["awards"] != []
    refused = await ask(QUERY, extensions={"maxAge": 1000, "ifOlder": "REFUSE"})
    assert refused.data["enterprise"] == {"name": "武汉楚精灵医疗科技有限公司", "awards": None}
    assert refused.absences() == {"enterprise.awards": "STALE"}


@pytest.mark.parametrize("given", [{"maxAge": -1}, {"maxAge": "soon"}, {"maxAge": True}, {"ifOlder": "PERHAPS"}])
async def test_nonsense_is_refused_in_words(ask: Asker, given: dict[str, object]) -> None:
    reply = await ask(QUERY, extensions=given)
    assert reply.request_error
    assert next(iter(given)) in reply.errors[0]["message"]
