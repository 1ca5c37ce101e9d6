"""Introduction requests in the store. How to reach a manager is not kept: it stays with the network's source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from codes.access import DataGroup
from codes.flow import Party
from codes.introductions import IntroductionState
from store.changes import Noun, Thing
from store.tables import introduction


class Introduction(Thing, frozen=True, kw_only=True):
    """A request to be introduced to a technology manager, on behalf of an enterprise."""

    uscc: str
    network_id: str
    manager_id: str
    author: str
    """The organisation that asked: the enterprise's own, or that of an officer."""
    about: str
    state: IntroductionState
    reason: str | None = None
    """Why it was declined or closed."""
    met_on: date | None = None
    created_at: datetime
    changed_at: datetime

    @property
    def parties(self) -> Mapping[Party, str]:
        """The enterprise and its officers, the manager's network, and who asked."""
        return {
            Party.ENTERPRISE: self.uscc,
            Party.OFFICER: self.uscc,
            Party.NETWORK: self.network_id,
            Party.AUTHOR: self.author,
        }


INTRODUCTION = Noun("Introduction", Introduction, introduction, DataGroup.INTRODUCTIONS)
