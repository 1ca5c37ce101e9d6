"""What an edition is to be of: zone, scheme, and the moment that a period stands for."""

from __future__ import annotations

import calendar
import json
import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from resolvers.scores.collecting import RunRefused
from scoring.inputs import Moment
from scoring.scheme import Scheme

_PERIOD = re.compile(r"(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?")


@dataclass(frozen=True)
class Order:
    """An edition that somebody wants."""

    zone: str
    scheme: Scheme
    moment: Moment
    by: str
    usccs: tuple[str, ...] | None = None
    """Who is evaluated; None: as the scheme says, or everyone in the zone."""
    accepted: frozenset[str] = frozenset()
    """Sources without which it is made if they do not answer."""
    parent: str | None = None
    """The edition that it corrects."""
    reason: str | None = None
    """Why it does."""
    anew: bool = False
    """Read everything again, even if the same was begun and broke off."""

    @property
    def edition(self) -> str:
        """What the edition will be named, without its number."""
        return f"{self.zone}:{self.scheme.id}:{self.scheme.version}:{self.moment.period}"

    @property
    def run(self) -> str:
        """What tells its run from others: the same order goes on with the same run."""
        moment, codes = self.moment, sorted(self.usccs) if self.usccs is not None else None
        said = [self.zone, self.scheme.id, self.scheme.version, self.scheme.digest, moment.period, moment.year]
        return sha256(json.dumps([*said, moment.day.isoformat(), codes, self.parent]).encode()).hexdigest()


def moment_of(period: str, today: date, day: date | None = None, year: int | None = None) -> Moment:
    """Return the moment of a period: 2022, 2023-04 or 2023-Q2; raise RunRefused.

    Unless said, dated facts hold as of its last day, or of today if that is earlier; and years are counted from the
    period itself if it is a whole year, otherwise from the year before, the last one of which everything is known.
    """
    found = _PERIOD.fullmatch(period)
    if found is None:
        raise RunRefused(f"{period[:40]!r} is no period; write a year, a month or a quarter: 2022, 2023-04, 2023-Q2.")
    begun, month, quarter = int(found[1]), found[2], found[3]
    if begun < 1:
        raise RunRefused("There is no year 0; write a period such as 2022.")
    last_month = int(month) if month else 3 * int(quarter or 4)
    last = date(begun, last_month, calendar.monthrange(begun, last_month)[1])
    if day is not None and day > today:
        raise RunRefused(f"{day} is yet to come: nothing is known of it. Name a day up to {today}.")
    counted = year if year is not None else begun if not (month or quarter) else begun - 1
    return Moment(period, counted, day or min(last, today))
