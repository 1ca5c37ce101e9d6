"""Lists of enterprises that an organisation keeps for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError

from codes.problems import Problem, ProblemCode, Problems
from resolvers.binding import Batch
from resolvers.changing import Do, changes_of, invalid, mutation
from resolvers.fetching import checked
from resolvers.pages import MOST_PAGE
from resolvers.request import Ask
from schema.portfolio import SetPortfolioListInput
from store.changes import Change
from store.portfolios import PORTFOLIO, PortfolioList, identity_of

_LONGEST = 100
MOST_CODES = 5_000


async def _set(ask: Ask, input: SetPortfolioListInput) -> Do[PortfolioList]:
    name, codes = input.name.strip(), tuple(dict.fromkeys(checked(code) for code in input.usccs))
    if not (0 < len(name) <= _LONGEST and name.isprintable()):
        raise Problems(invalid(f"Give a name of 1 to {_LONGEST} printable characters.", "input", "name"))
    if len(codes) > MOST_CODES:
        raise Problems(invalid(f"A list holds {MOST_CODES:,} enterprises at most.", "input", "usccs"))
    organisation = ask.request.access.principal.organisation
    id = identity_of(organisation, name)

    async def do(change: Change) -> PortfolioList:
        if input.version is not None:
            now = await change.get(PORTFOLIO, id, input.version, "input")
            return await change.replace(PORTFOLIO, now, "SET", usccs=codes, changed_at=change.at)
        made = PortfolioList(
            id=id, organisation=organisation, name=name, usccs=codes, created_at=change.at, changed_at=change.at
        )
        try:
            return await change.add(PORTFOLIO, made, "SET")
        except IntegrityError:
            message = f"There is a list {name!r} already; read it, and name its version."
            raise Problems(Problem(ProblemCode.STALE_VERSION, message, ("input", "version"))) from None

    return do


async def codes_on(ask: Ask, name: str) -> Sequence[str] | None:
    """Return who is on a list of the reader's organisation; None if it has none of that name."""
    organisation = ask.request.access.principal.organisation
    if not organisation:
        return None
    found = await changes_of(ask).find(PORTFOLIO, identity_of(organisation, name.strip()))
    return None if found is None else found.usccs


async def _of_reader(ask: Ask) -> Sequence[Any]:
    organisation = ask.request.access.principal.organisation
    found = await changes_of(ask).of(PORTFOLIO, "organisation", [organisation], MOST_PAGE)
    return [sorted(found[organisation], key=lambda one: one.name) for _ in ask.parents]


BATCHES: Mapping[str, Batch] = {
    "Mutation.setPortfolioList": mutation("setPortfolioList", PORTFOLIO, _set),
    "Viewer.portfolioLists": Batch(_of_reader),
}
