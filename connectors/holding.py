"""A collection that a connector has in memory, mapped to the hub's records as far as it has been asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.contract import Held
from connectors.mapping import Projection
from connectors.outcomes import Outcome

if TYPE_CHECKING:
    from connectors.intake import Intake


class Mapped(dict[str, "Outcome"]):
    """The outcomes of a collection in memory, mapped when a key is first asked for."""

    def __init__(self, intake: Intake, held: Held, projection: Projection) -> None:
        super().__init__()
        self.held = held
        self.projection = projection
        self._intake = intake

    def __missing__(self, key: str) -> Outcome:
        """Map a key's records; unknown keys are not kept, or strangers could fill the memory with them."""
        found = self._intake.mapped(self.held, self.projection, key)
        if found is None:
            raise KeyError(key)
        self[key] = found
        return found

    def __contains__(self, key: object) -> bool:
        """Say whether the collection has the key."""
        return super().__contains__(key) or bool(self.held.rows(str(key)))

    def get(self, key: str, default: Any = None) -> Any:
        """Return a key's outcome."""
        try:
            return self[key]
        except KeyError:
            return default
