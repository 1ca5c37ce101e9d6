"""Questions that ask everything of everything: every field of every type, by every way to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_leaf_type

from tests import world
from tests.consenting import EDITION, ZHONGJIALI
from tests.world import CHUJINGLING

SCHEMA = world.hub_schema()._schema
VOLATILE = frozenset(
    f"{type_name}.{name}"
    for type_name in ("Source", "SourceFeed")
    for name in (
        "breaker", "coverage", "disagreements", "health", "lastFailure", "lastSuccessAt", "late", "newestAsOf",
        "unmatchedRecords", "unreadableValues",
    )
)  # fmt: skip

APART = frozenset(
    (
        "Enterprise.accessLog", "Enterprise.fundMatches", "Enterprise.loanProductMatches", "Enterprise.policyMatches",
        "Expiries.own", "LadderStep.requirements", "Zone.entitlementFigures", "Zone.movedOut", "ZonePolicy.dryRun",
    )
)  # fmt: skip
"""A log grows by being read, what is a reader's own differs by reader, matches are decided fact by fact, and trials and
figures are made of them: tests of their own hold them to the rules."""

ALIASES = 180
"""Less than a document may have; the open answers need some besides."""
ONCE = frozenset(("Source.dataObjections", "Source.policy"))
"""Asked of a source that is asked for itself only: below every record it would be too much."""

CODES = (CHUJINGLING, ZHONGJIALI)
WAYS: Mapping[str, str] = {
    "enterprise": " ".join(f'e{n}: enterprise(uscc: "{code}") {{ ...F }}' for n, code in enumerate(CODES)),
    "enterprisesByUscc": f'enterprisesByUscc(usccs: ["{ZHONGJIALI}", "{CHUJINGLING}"]) {{ ...F }}',
    "node": f'node(id: "Enterprise:{CHUJINGLING}") {{ id ... on Enterprise {{ renamed: name ...F }} }}',
    "nodes": f'nodes(ids: ["Enterprise:{ZHONGJIALI}", "Enterprise:{CHUJINGLING}"]) {{ ... on Node {{ ...F }} }}',
    "_entities": f'_entities(representations: [{{ __typename: "Enterprise", uscc: "{ZHONGJIALI}" }}, {{ __typename: '
    f'"Enterprise", id: "Enterprise:{CHUJINGLING}" }}]) {{ ... on Enterprise {{ renamed: uscc ...F }} }}',
    "edges": "enterprises(first: 3) { totalCount edges { cursor node { ...F } } pageInfo { endCursor } }",
    "page": f'enterprises(search: "{CHUJINGLING}", first: 3) {{ nodes {{ a: uscc ...F }} }}',
    "asOf": " ".join(
        f'y{n}: enterprise(uscc: "{code}", asOf: "202{n}-06-30") {{ ...F }}' for n, code in enumerate(CODES, 1)
    ),
}
SWAPPED: Mapping[str, tuple[str, str]] = {
    "enterprise": ("Enterprise", f'node(id: "Enterprise:{CHUJINGLING}") {{ ... on Enterprise {{ ... }} }}'),
    "managers": ("TechnologyManager", "zones: technologyManagers(first: 3) { edges: nodes { ... } }"),
    "ranking": ("RankingEntry", f'me: ranking(edition: "{EDITION}", first: 5) {{ edges: nodes {{ ... }} }}'),
}
"""Questions whose answers go by the names of other fields."""
_POLICY = (
    "timeoutSeconds concurrent waiting retries retryShare calls together breakerShare breakerOf breakerLeast "
    "breakerSeconds ejectionFailures ejectionSeconds"
)
OFFERS: Mapping[str, str] = {
    "policies": "policies(first: 2) { totalCount pageInfo { startCursor } edges { node { ... } } nodes { ... } }",
    "loanProducts": "loanProducts(first: 2) { edges { cursor node { ... } } nodes { ... } }",
    "funds": "funds(first: 2) { totalCount edges { node { ... } } nodes { ... } }",
    "technologyManagers": "technologyManagers(first: 3) { totalCount edges { cursor node { ... } } nodes { ... } }",
    "networks": "networks { ... }",
    "zones": "zones { ... }",
    "sources": "sources { ... }",
    "schemes": "schemes { ... }",
    "fund": 'fund(id: "nssf-zhongguancun") { ... }',
    "zone": 'zone(id: "east-lake") { ... }',
    "source": f'source(id: "sw-income-tax") {{ dataObjections {{ id state }} policy {{ {_POLICY} }} ... }}',
    "scheme": 'scheme(id: "national-18-demo") { ... }',
    "policy": 'policy(id: "demo-rd-subsidy") { ... }',
    "policyFacts": "policyFacts { ... }",
    "benefitsPaid": "benefitsPaid(first: 5) { totalCount edges { cursor } nodes { ... } }",
    "editions": "editions { ... }",
    "edition": f'edition(id: "{EDITION}") {{ ... }}',
    "ranking": f'ranking(edition: "{EDITION}", first: 5) {{ totalCount edges {{ cursor }} nodes {{ ... }} }}',
    "portfolio": f'portfolio(usccs: ["{ZHONGJIALI}", "{CHUJINGLING}"], since: "2022-01-01") {{ nodes {{ ... }} }}',
    "identifierLinks": f'identifierLinks(of: "{CHUJINGLING}") {{ ... }}',
    "loanProduct": 'loanProduct(id: "boc-points-loan") { ... }',
}


_SCORE = "total rank stage { id } indicators { points value missing }"
_SIMULATION = f"change before {{ {_SCORE} }} after {{ {_SCORE} }} moved {{ change before {{ value }} }}"
TOLD = {"simulateScore": f"simulateScore(changes: []) {{ {_SIMULATION} }}"}
"""What is asked of fields that need arguments, or would tell the same again."""
SCHEME = frozenset(("Scheme", "Indicator", "IndicatorGroup", "SchemeList", "Stage"))
ELSEWHERE: Mapping[str, frozenset[str]] = {
    "Enterprise": SCHEME
    | {
        "BudgetPool",
        "Edition",
        "Entitlement",
        "LoanApplication",
        "LoanProduct",
        "Policy",
        "Source",
        "TechnologyManager",
        "TechnologyManagerNetwork",
        "Zone",
        "ZonePolicy",
    },
    "Zone": frozenset(("ZonePolicy", "BudgetPool", "Entitlement")),
    "BenefitPaid": SCHEME | {"Enterprise", "Policy"},
    "Edition": SCHEME | {"Enterprise", "Zone", "Source"},
    "RankingEntry": SCHEME | {"Enterprise"},
    "PortfolioEntry": SCHEME | {"Edition", "Enterprise"},
    "DataObjection": frozenset(("Source",)),
}
"""What is asked for by its identifier only below others; a root field of its own, or the enterprise, tells the rest."""
_CHANGED = 'simulateScore(scheme: "national-18-demo", live: true, changes: [{ input: "rd", value: "1e9" }])'
LIVE = f'live: score(scheme: "national-18-demo", live: true) {{ {_SCORE} }} if: {_CHANGED} {{ change }}'


def everything(type_name: str, above: tuple[str, ...] = ()) -> str:
    """All fields of a type, and of the types below it that are not above it."""
    parts = fields(type_name, above, everything)
    return " ".join([*parts, LIVE] if type_name == "Enterprise" else parts)


def swapped(type_name: str, above: tuple[str, ...] = ()) -> str:
    """The same, each field by the name of another."""
    return " ".join(_swapped(type_name, above))


def _swapped(type_name: str, above: tuple[str, ...]) -> list[str]:
    pairs = zip(fields(type_name, above, swapped), fields(type_name, above, everything), strict=True)
    parts = [part if part.count(":") < ALIASES else plain for part, plain in pairs]
    names = [re.split(r"[ (]", part, maxsplit=1)[0] for part in parts]
    return [f"{other}: {part}" for other, part in zip([*names[1:], names[0]], parts, strict=True)]


def fields(type_name: str, above: tuple[str, ...], below: Callable[[str, tuple[str, ...]], str]) -> list[str]:
    """Each field of a type with what `below` gives of its own type."""
    type_ = SCHEMA.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    parts: list[str] = []
    for name, field in type_.fields.items():
        target = get_named_type(field.type)
        if f"{type_name}.{name}" in VOLATILE | APART | ONCE:
            continue
        if is_leaf_type(target):
            parts.append(name)
        elif any(target.name in ELSEWHERE.get(one, ()) for one in (*above, type_name)):
            parts.append(f"{name} {{ id }}")
        elif target.name not in (*above, type_name):
            parts.append(TOLD.get(name) or f"{name} {{ {below(target.name, (*above, type_name))} }}")
    return parts


def swaps(name: str) -> Iterator[tuple[str, str]]:
    """Questions that together ask all fields of a type by each other's names, none with too many aliases."""
    type_name, root = SWAPPED[name]
    taken: list[str] = []
    for part in (*_swapped(type_name, ()), None):
        if taken and (part is None or " ".join((*taken, part)).count(":") > ALIASES):
            text = root.replace("{ ... }", f"{{ {' '.join(taken)} }}")
            yield f"swapped {name} from {taken[0].partition(':')[0]}", f"{{ {text} }}"
            taken = []
        if part is not None:
            taken.append(part)


def filled(root: str, text: str) -> str:
    """Write all fields of what a root field leads to where the text has an ellipsis."""
    assert SCHEMA.query_type is not None
    target = get_named_type(SCHEMA.query_type.fields[root].type).name.removesuffix("Connection")
    return text.replace("...", everything(target))


QUESTIONS = {
    **{way: f"{{ {text} }} fragment F on Enterprise {{ {everything('Enterprise')} }}" for way, text in WAYS.items()},
    **{root: f"{{ {filled(root, text)} }}" for root, text in OFFERS.items()},
}
SWAPS = {way: text for name in SWAPPED for way, text in swaps(name)}
