"""Lists of enterprises that an organisation keeps for itself 关注名单."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from codes.access import DataGroup
from codes.flow import Party
from store.changes import Noun, Thing
from store.lending_tables import portfolio_list


class PortfolioList(Thing, frozen=True, kw_only=True):
    """A named list of credit codes; an organisation has one of a name."""

    organisation: str
    name: str
    usccs: tuple[str, ...]
    created_at: datetime
    changed_at: datetime

    @property
    def count(self) -> int:
        """How many are on it."""
        return len(self.usccs)

    @property
    def parties(self) -> Mapping[Party, str]:
        """The organisation alone."""
        return {Party.AUTHOR: self.organisation}


PORTFOLIO = Noun("PortfolioList", PortfolioList, portfolio_list, DataGroup.PORTFOLIO)


def identity_of(organisation: str, name: str) -> str:
    """Return the identity of an organisation's list of a name: two who make it at once make the same."""
    return hashlib.sha256(f"{organisation}\0{name}".encode()).hexdigest()[:40]
