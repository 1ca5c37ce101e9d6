"""What a reader should get: the rules applied to finished, open answers. It reads the schema's text, and no guard."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
)
from strawberry.utils.str_converters import to_snake_case

from auth import masks
from auth.principal import Principal
from auth.rules import Rights, Verdict
from codes.access import DataGroup, Mask, Purpose, Role
from codes.uscc import MalformedUscc, normalise
from resolvers.execution.plan import Field, Scope
from tests.told import TEXT
from tests.world import Reply

GIVEN = (Verdict.ALLOW, Verdict.MASK)
CONDITIONAL = frozenset(
    f"Enterprise.{name}"
    for name in (
        "creditEvaluations", "filings", "housingFund", "investments", "socialInsurance", "talents", "taxCredit",
        "taxPayments", "utilities", "workforce",
    )
)  # fmt: skip
"""Fields of the demo's graph whose sources are shared under conditions."""
SCORED = frozenset(("Enterprise.score", "Enterprise.scoreHistory", "Enterprise.simulateScore", "RankingEntry.total"))
"""Fields that are made of all that is known of an enterprise, what is shared under conditions included."""
OF_ENTERPRISE = frozenset(
    (
        "Award", "Capital", "Consent", "Credit", "CreditEvaluation", "CreditSummary", "DeliveredCredit",
        "EnvironmentalCredit", "Expiries", "Expiry", "Filing",
        "FinancingDemand", "GroupScore",
        "HousingFund", "HubCredit", "HubCreditPart",
        "IndicatorMove", "IndicatorScore", "InputSource", "IntellectualProperty", "Investment",
        "IpPledge", "MainProduct", "NextTier", "Patent", "Platform",
        "PortfolioScore", "PreCredit", "Project", "Qualification", "RiskFlag",
        "RuleOutcome", "Score", "ScorePoint", "Simulation", "SocialInsurance", "StageFigure", "Standard", "Talent",
        "TaxCredit", "TaxPayment", "TechnologyContracts", "Utilities", "Workforce",
    )
)  # fmt: skip
"""Types whose objects are of the enterprise that they lie in."""
OF_ZONE = frozenset(("ZoneCredit", "ZoneCreditSummary", "ZoneHubCredit", "ZoneLender"))
"""Types whose objects are of the zone that they lie in."""
BY_NAME: Mapping[str, tuple[str, str | None]] = {
    "enterprise": ("uscc", "Enterprise"), "enterprisesByUscc": ("usccs", "Enterprise"), "node": ("id", None),
    "nodes": ("ids", None), "_entities": ("representations", None),
    "fund": ("id", "Fund"), "policy": ("id", "Policy"), "zone": ("id", "Zone"),
    "loanProduct": ("id", "LoanProduct"),
}  # fmt: skip
"""Root fields whose objects an argument names, and their type."""

ANSWERING: Mapping[str, str] = {"tax-bureau": "sw-"}
"""How the names begin of the demo's sources for which an organisation answers."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Agreed:
    """A consent in force."""

    organisation: str
    code: str
    groups: frozenset[DataGroup]
    purposes: frozenset[Purpose]


@dataclass(frozen=True)
class Whose:
    """Whose an object is: the type that says it, and its key."""

    kind: str
    key: str | None


@dataclass
class Expected:
    """What a reader should get."""

    data: Any = None
    codes: dict[Path, str] = field(default_factory=dict)
    absences: dict[Path, str] = field(default_factory=dict)


class _Nulled(Exception):
    """A null stands where none may."""


@dataclass
class Oracle:
    """What one reader should get of one question, given what everybody would get without rules."""

    principal: Principal
    rights: Rights
    purpose: Purpose | None
    agreed: Collection[Agreed]
    published: Reply
    """The open answer to the marked question."""
    whole: Reply
    """The same with what is not published."""
    zones: Mapping[str, str]
    """On whose roster an enterprise is."""
    arguments: Any
    """From a field of the plan to its arguments."""

    def expected(self, root: Scope) -> Expected:
        """Return what the reader should get."""
        self._found = Expected()
        self._codes = {path_of(e): e["extensions"]["code"] for e in self.published.errors if "path" in e}
        self._absences = {path_of(a): a["reason"] for a in self.published.extensions.get("absences", ())}
        try:
            self._found.data = self._object(root, self.published.data, self.whole.data, None, ())
        except _Nulled:
            self._found.data = None
        return self._found

    def _object(self, scope: Scope, shown: Any, whole: Any, above: Whose | None, path: Path) -> Any:
        whose = _whose(scope.type_name, shown, above)
        found: dict[str, Any] = {}
        for asked in scope.fields:
            if asked.key.startswith("oracle"):
                continue
            if asked.answer is None:
                found[asked.key] = scope.type_name
            else:
                found[asked.key] = self._field(scope.type_name, asked, shown, whole, whose, (*path, asked.key))
        return found

    def _field(self, type_name: str, asked: Field, shown: Any, whole: Any, whose: Whose | None, path: Path) -> Any:
        told = TEXT.fields[type_name][asked.name]
        coordinate = f"{type_name}.{asked.name}"
        conditional = coordinate in CONDITIONAL | SCORED
        if type_name == "Query" and asked.name in BY_NAME:
            return self._named(asked, shown[asked.key], whole[asked.key], path)
        verdict = self._verdict(told.group, whose, conditional)
        if verdict not in GIVEN:
            return self._withheld(asked.type, verdict, path)
        for name, group in TEXT.compared[coordinate].items():
            refused = self._verdict(group, None, False)
            if refused is not Verdict.ALLOW and self._is_given(asked, name):
                return self._withheld(asked.type, Verdict.FORBIDDEN if refused is Verdict.MASK else refused, path)
        value, unpublished = shown[asked.key], whole[asked.key]
        if value is not None and asked.name == "ranking" and not self._sees_all(type_name, asked, shown):
            return self._withheld(asked.type, Verdict.FORBIDDEN, path)
        if value is None and unpublished is not None:
            if self._verdict(DataGroup.UNPUBLISHED, whose, False) is Verdict.ALLOW:
                value = unpublished
            else:
                unpublished = None
        hidden = told.mask if verdict is Verdict.MASK else None
        return self._settled(asked.type, asked, value, unpublished, whose, path, hidden)

    def _sees_all(self, type_name: str, asked: Field, shown: Any) -> bool:
        """Whether a ranking is asked for as far as everybody may see it, or the zone's scores may be seen."""
        given = self.arguments(asked)
        if not given.get("all") or given.get("list") is not None:
            return True
        edition = given["edition"] if type_name == "Query" else shown["oracleId"]
        zone = edition.removeprefix("Edition:").partition(":")[0]
        return self._verdict(DataGroup.SCORE, Whose("Zone", zone), True) in GIVEN

    def _named(self, asked: Field, shown: Any, whole: Any, path: Path) -> Any:
        argument, type_name = BY_NAME[asked.name]
        given = self.arguments(asked)[argument]
        if isinstance(given, list):
            if shown is None:
                return self._settled(asked.type, asked, None, None, None, path, None)
            pairs = zip(given, shown, whole, strict=True)
            return [self._one(asked, type_name, g, s, w, (*path, place)) for place, (g, s, w) in enumerate(pairs)]
        return self._one(asked, type_name, given, shown, whole, path)

    def _one(self, asked: Field, named: str | None, given: Any, shown: Any, whole: Any, path: Path) -> Any:
        type_name, key = _identity(named, given)
        if type_name in TEXT.types and key is not None:
            whose = Whose(type_name, key)
            if type_name == "TechnologyManager":
                whose = Whose("TechnologyManager", None)
            if (verdict := self._verdict(TEXT.types[type_name], whose, False)) not in GIVEN:
                self._found.codes[path] = verdict.value
                return None
        named_type = get_named_type(asked.type)
        return self._settled(named_type, asked, shown, whole, None, path, None)

    def _settled(
        self, type_: Any, asked: Field, value: Any, whole: Any, whose: Whose | None, path: Path, mask: Mask | None
    ) -> Any:
        if isinstance(type_, GraphQLNonNull):
            found = self._settled(type_.of_type, asked, value, whole, whose, path, mask)
            if found is None:
                raise _Nulled
            return found
        if value is None:
            if path in self._codes:
                self._found.codes[path] = self._codes[path]
            if path in self._absences:
                self._found.absences[path] = self._absences[path]
            return None
        if isinstance(type_, GraphQLList):
            items = zip(value, whole if whole is not None else value, strict=True)
            try:
                return [
                    self._settled(type_.of_type, asked, one, other, whose, (*path, place), mask)
                    for place, (one, other) in enumerate(items)
                ]
            except _Nulled:
                return None
        if is_leaf_type(type_):
            if mask is None:
                return value
            if mask is Mask.AMOUNT:
                self._found.absences[path] = "MASKED"
                return None
            return masks.TEXTS[mask](value)
        assert asked.below is not None, path
        scope = asked.below.scope(value["oracleId"].partition(":")[0] if asked.below.abstract else asked.below.named)
        try:
            return self._object(scope, value, whole, whose, path)
        except _Nulled:
            return None

    def _withheld(self, type_: Any, verdict: Verdict, path: Path) -> None:
        self._found.codes[path] = verdict.value
        if isinstance(type_, GraphQLNonNull):
            raise _Nulled

    def _verdict(self, group: DataGroup, whose: Whose | None, conditional: bool) -> Verdict:
        own = whose is not None and self._owns(whose)
        found = (self.rights.own if own else self.rights.others)[group]
        if found is Verdict.CONSENT_REQUIRED and whose is not None and whose.kind == "Enterprise":
            for one in self.agreed:
                if (
                    (one.organisation, one.code) == (self.principal.organisation, whose.key)
                    and group in one.groups
                    and self.purpose in one.purposes
                ):
                    return Verdict.ALLOW
        if conditional and not own and found in GIVEN and self.purpose not in self.principal.purposes:
            return Verdict.PURPOSE_REQUIRED
        return found

    def _owns(self, whose: Whose) -> bool:
        reader = self.principal
        if whose.kind == "Enterprise":
            return whose.key == reader.enterprise or self.zones.get(whose.key or "") in reader.zones
        if whose.kind in ("TechnologyManager", "TechnologyManagerNetwork"):
            return whose.key in reader.networks
        if whose.kind == "Source":
            answers = ANSWERING.get(reader.organisation, "nobody's")
            return Role.DEPARTMENT in reader.roles and (whose.key or "").startswith(answers)
        return whose.key in (reader.funds if whose.kind == "Fund" else reader.zones)

    def _is_given(self, asked: Field, name: str) -> bool:
        argument, _, inner = name.partition(".")
        value = self.arguments(asked).get(to_snake_case(argument))
        return value is not None and (not inner or getattr(value, to_snake_case(inner)) is not None)


def _whose(type_name: str, shown: Any, above: Whose | None) -> Whose | None:
    if type_name == "Enterprise":
        return Whose(type_name, local(shown["oracleId"]))
    if type_name == "TechnologyManager":
        network = shown.get("oracleNetwork")
        return Whose(type_name, local(network["oracleId"]) if network else None)
    if type_name == "Policy":
        zone = shown.get("oracleZone")
        return Whose("Policy", local(zone["oracleId"]) if zone else None)
    if type_name in ("TechnologyManagerNetwork", "Fund", "Source", "Zone"):
        return Whose(type_name, local(shown["oracleId"]))
    if type_name in OF_ZONE:
        return above
    if type_name in ("RankingEntry", "Objection", "PortfolioEntry"):
        return Whose("Enterprise", shown["oracleUscc"])
    return above if type_name in OF_ENTERPRISE else None


def _identity(type_name: str | None, given: Any) -> tuple[str, str | None]:
    if isinstance(given, MalformedUscc):
        return type_name or "", None
    named, colon, local = given.partition(":")
    if type_name is not None:
        named, local = type_name, local if colon and named == type_name else given
    elif not colon:
        return "", None
    if named != "Enterprise":
        return named, local
    try:
        return named, normalise(local)
    except MalformedUscc:
        return named, None


def local(identity: str) -> str:
    """Return an identity without its type."""
    return identity.partition(":")[2]


def path_of(entry: Mapping[str, Any]) -> Path:
    """Return where an error or an absence is."""
    return tuple(entry["path"])
