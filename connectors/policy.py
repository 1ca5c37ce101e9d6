"""How the hub treats a source so that neither harms the other: `[sources.NAME.policy]` in `sources.toml`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator


class BreakerPolicy(BaseModel):
    """When a source that fails is left alone, and for how long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    share: float = Field(default=0.5, gt=0, le=1)
    """It opens when this share of the last calls has failed."""
    of: int = Field(default=20, ge=1)
    """So many calls are looked back upon."""
    least: int = Field(default=10, ge=1)
    """Fewer calls tell nothing."""
    seconds: float = Field(default=10.0, gt=0)
    """So long the source is not asked; then one call probes it."""

    @model_validator(mode="after")
    def _can_open(self) -> BreakerPolicy:
        if self.least > self.of:
            raise ValueError(f"least is {self.least}, but only {self.of} calls are looked back upon")
        return self


class EjectionPolicy(BaseModel):
    """When one of a source's addresses is left out, and for how long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    failures: int = Field(default=3, ge=1)
    """In a row."""
    seconds: float = Field(default=10.0, gt=0)
    """The first time; as many times as long as often as it fails again."""


class Policy(BaseModel):
    """The bounds within which a source is asked; a call is one fetch of a batch of keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrent: int = Field(default=32, ge=1)
    """Calls at a time."""
    waiting: int = Field(default=256, ge=0)
    """Calls that may wait for their turn; what comes then is refused at once."""
    retries: int = Field(default=2, ge=0)
    """How often a call may be repeated that found the source not available."""
    retry_share: float = Field(default=0.1, ge=0, le=1)
    """Repeated calls, as a share of all: a source that is down is not asked twice as often."""
    calls: int = Field(default=500, ge=1)
    """Calls that one operation may make."""
    together: bool = True
    """Keys that different requests ask for at the same time go to the source in one call."""
    breaker: BreakerPolicy = BreakerPolicy()
    ejection: EjectionPolicy = EjectionPolicy()
