"""Technology managers: their directory, who has withdrawn, and suggestions for an enterprise with the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from codes.district import place_of
from codes.fields import field_of
from codes.industry import digits_of, division_of
from codes.kinds import ManagerGrade, SuggestionReasonKind
from connectors.outcomes import Absent
from resolvers.binding import Batch
from resolvers.fetching import by_keys, children, facets, is_record, local_id, whole
from resolvers.offers import listing, mentions
from resolvers.pages import check_size
from resolvers.request import Ask
from schema.inputs import TechnologyManagerFilter

COLLECTION = "technology_managers"
_GRADES = (ManagerGrade.SENIOR, ManagerGrade.MIDDLE, ManagerGrade.JUNIOR)
_OF_ENTERPRISE = frozenset(("name", "industry_code", "industry_text", "district_code"))
_OF_MANAGER = frozenset(("id", "specialities", "region", "grade", "withdrawn_on"))


class Reason(msgspec.Struct, frozen=True):
    """Why a manager is suggested: what of the manager, and what of the enterprise."""

    kind: SuggestionReasonKind
    of_manager: str
    of_enterprise: str


class Suggestion(msgspec.Struct, frozen=True):
    """A manager and the reasons."""

    manager: Any
    reasons: Sequence[Reason]


def is_member(manager: Any, today: date) -> bool:
    """Say whether a person is still in the network; whoever has withdrawn is shown to nobody."""
    left = manager.withdrawn_on
    return not (isinstance(left, date) and left <= today)


async def by_ids(ask: Ask, ids: Sequence[Any], fields: frozenset[str]) -> list[Any]:
    """Return managers by their ids; NOT_SHARED for a person who has withdrawn."""
    found = await by_keys(ask, COLLECTION, ids, fields | {"withdrawn_on"})
    today = ask.hub.today()
    return [
        Absent.NOT_SHARED if one is not None and is_record(one) and not is_member(one, today) else one for one in found
    ]


def _is_wanted(manager: Any, wanted: TechnologyManagerFilter) -> bool:
    return (
        (wanted.network is None or manager.network_id == local_id("TechnologyManagerNetwork", wanted.network))
        and (wanted.institution_kind is None or manager.institution_kind in wanted.institution_kind)
        and (wanted.grade is None or manager.grade in wanted.grade)
        and (wanted.region is None or wanted.region in (manager.region or ""))
        and (wanted.country is None or wanted.country == manager.country)
        and (wanted.speciality is None or mentions(manager.specialities, wanted.speciality))
        and (wanted.language is None or mentions(manager.languages, wanted.language))
        and (wanted.service is None or mentions(manager.services, wanted.service))
    )


async def _suggested(ask: Ask, first: int = 5) -> Sequence[Any]:
    check_size("first", first)
    needs = ask.selection.at("ManagerSuggestion", "manager").needs("TechnologyManager") | _OF_MANAGER
    managers = await whole(ask, COLLECTION, needs)
    if isinstance(managers, Absent):
        return [managers] * len(ask.parents)
    today = ask.hub.today()
    members = sorted((one for one in managers if is_member(one, today)), key=_rank)
    registrations = await facets(ask, "registration", _OF_ENTERPRISE)
    return [
        Absent.NO_HISTORY if parent.as_of_date is not None else _of(registration, members, first)
        for parent, registration in zip(ask.parents, registrations, strict=True)
    ]


def _of(registration: Any, members: Sequence[Any], first: int) -> Any:
    if not is_record(registration):
        return registration
    found = [Suggestion(one, reasons) for one in members if (reasons := _reasons(registration, one))]
    return sorted(found, key=lambda one: -len(one.reasons))[:first]


def _reasons(registration: Any, manager: Any) -> list[Reason]:
    """Return why a manager suits an enterprise; the region alone is no reason."""
    specialities = manager.specialities if isinstance(manager.specialities, Sequence) else ()
    found = [reason for speciality in specialities for reason in _of_speciality(registration, str(speciality))]
    province = place_of(registration.district_code).province if isinstance(registration.district_code, str) else None
    if found and province and isinstance(manager.region, str) and province in manager.region:
        found.append(Reason(SuggestionReasonKind.REGION, manager.region, province))
    return found


def _of_speciality(registration: Any, speciality: str) -> Iterator[Reason]:
    field = field_of(speciality)
    code = registration.industry_code if isinstance(registration.industry_code, str) else ""
    division = division_of(code) if code else None
    if division is not None and digits_of(code)[:2] in field.divisions:
        yield Reason(SuggestionReasonKind.INDUSTRY, speciality, f"{code} {division.name}")
    for text in (registration.name, registration.industry_text):
        if isinstance(text, str) and (word := next((word for word in field.words if word and word in text), None)):
            yield Reason(SuggestionReasonKind.FIELD, speciality, word)
            return


def _rank(manager: Any) -> tuple[int, str]:
    return _GRADES.index(manager.grade) if manager.grade in _GRADES else len(_GRADES), str(manager.id)


BATCHES: Mapping[str, Batch] = {
    "Query.technologyManagers": listing(
        # Names of people are masked for most readers: searches, orders and cursors would tell them.
        COLLECTION, "TechnologyManager", ("institution",), lambda m: (m.institution or "",), _is_wanted,
        (
            "network_id", "institution_kind", "grade", "region", "country", "specialities", "languages", "services",
            "withdrawn_on",
        ),
        is_member,
    ),
    "TechnologyManager.network": children("networks", "TechnologyManagerNetwork", "network_id"),
    "Enterprise.technologyManagers": Batch(_suggested, reads=("registration", COLLECTION)),
}  # fmt: skip
