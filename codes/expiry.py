"""What runs out: from when on somebody is warned of it. Pure: no store, no clock."""

from __future__ import annotations

from codes.kinds import Listed


class ExpiryKind(Listed):
    """What runs out 到期事项."""

    QUALIFICATION = "QUALIFICATION", "资质"
    CREDIT = "CREDIT", "授信"
    PRE_CREDIT = "PRE_CREDIT", "预授信"
    CONSENT = "CONSENT", "授权"


class Urgency(Listed):
    """How near the end is 到期预警."""

    WARNING = "WARNING", "预警"  # 180 days or less
    URGENT = "URGENT", "紧急"  # 30 days or less


WARNED_DAYS = 180
URGENT_DAYS = 30


def urgency(days: int) -> Urgency | None:
    """Return how urgent it is that something ends in so many days; None if nobody is warned yet."""
    if days <= URGENT_DAYS:
        return Urgency.URGENT
    return Urgency.WARNING if days <= WARNED_DAYS else None
