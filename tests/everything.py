"""Questions that ask everything of everything: every field of every type, by every way to it."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_leaf_type

from schema.graph import build_schema
from tests.consenting import EDITION, ZHONGJIALI
from tests.world import CHUJINGLING

SCHEMA = build_schema()._schema
VOLATILE = frozenset(("lastSuccessAt", "newestAsOf", "late", "unreadableValues", "unmatchedRecords", "lastFailure"))

APART = frozenset(("Enterprise.accessLog", "Enterprise.fundMatches", "LadderStep.requirements", "Zone.movedOut"))
"""A log grows by being read, and matches are decided fact by fact: tests of their own hold them to the rules."""
ONCE = frozenset(("Source.dataObjections",))
"""Asked of a source that is asked for itself only: below every record it would be too much."""

CODES = (CHUJINGLING, ZHONGJIALI)
WAYS: Mapping[str, str] = {
    "enterprise": " ".join(f'e{n}: enterprise(uscc: "{code}") {{ ...F }}' for n, code in enumerate(CODES)),
    "enterprisesByUscc": f'enterprisesByUscc(usccs: ["{ZHONGJIALI}", "{CHUJINGLING}"]) {{ ...F }}',
    "node": f'node(id: "Enterprise:{CHUJINGLING}") {{ id ... on Enterprise {{ renamed: name ...F }} }}',
    "nodes": f'nodes(ids: ["Enterprise:{ZHONGJIALI}", "Enterprise:{CHUJINGLING}"]) {{ ... on Node {{ ...F }} }}',
    "edges": "enterprises(first: 3) { totalCount edges { cursor node { ...F } } pageInfo { endCursor } }",
    "page": f'enterprises(search: "{CHUJINGLING}", first: 3) {{ nodes {{ a: uscc ...F }} }}',
}
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
    "source": 'source(id: "sw-income-tax") { dataObjections { id state } ... }',
    "scheme": 'scheme(id: "national-18-demo") { ... }',
    "policy": 'policy(id: "demo-rd-subsidy") { ... }',
    "editions": "editions { ... }",
    "edition": f'edition(id: "{EDITION}") {{ ... }}',
    "ranking": f'ranking(edition: "{EDITION}", first: 5) {{ totalCount edges {{ cursor }} nodes {{ ... }} }}',
    "loanProduct": 'loanProduct(id: "boc-points-loan") { ... }',
}


_SCORE = "total rank stage { id } indicators { points value missing }"
_SIMULATION = f"change before {{ {_SCORE} }} after {{ {_SCORE} }} moved {{ change before {{ value }} }}"
TOLD = {"simulateScore": f"simulateScore(changes: []) {{ {_SIMULATION} }}"}
"""What is asked of fields that need arguments, or would tell the same again."""
SCHEME = frozenset(("Scheme", "Indicator", "IndicatorGroup", "SchemeList", "Stage"))
ELSEWHERE: Mapping[str, frozenset[str]] = {
    "Enterprise": SCHEME | {"Edition", "TechnologyManager", "TechnologyManagerNetwork"},
    "Edition": SCHEME | {"Enterprise", "Zone", "Source"},
    "RankingEntry": SCHEME | {"Enterprise"},
    "DataObjection": frozenset(("Source",)),
}
"""What is asked for by its identifier only below others; a root field of its own, or the enterprise, tells the rest."""
_CHANGED = 'simulateScore(scheme: "national-18-demo", live: true, changes: [{ input: "rd", value: "1e9" }])'
LIVE = f'live: score(scheme: "national-18-demo", live: true) {{ {_SCORE} }} if: {_CHANGED} {{ change }}'


def everything(type_name: str, above: tuple[str, ...] = ()) -> str:
    """All fields of a type, and of the types below it that are not above it."""
    type_ = SCHEMA.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    parts: list[str] = []
    for name, field in type_.fields.items():
        target = get_named_type(field.type)
        if (name in VOLATILE and type_name == "Source") or f"{type_name}.{name}" in APART | ONCE:
            continue
        if is_leaf_type(target):
            parts.append(name)
        elif any(target.name in ELSEWHERE.get(one, ()) for one in (*above, type_name)):
            parts.append(f"{name} {{ id }}")
        elif target.name not in (*above, type_name):
            parts.append(TOLD.get(name) or f"{name} {{ {everything(target.name, (*above, type_name))} }}")
    return " ".join([*parts, LIVE] if type_name == "Enterprise" else parts)


def filled(root: str, text: str) -> str:
    """Write all fields of what a root field leads to where the text has an ellipsis."""
    assert SCHEMA.query_type is not None
    target = get_named_type(SCHEMA.query_type.fields[root].type).name.removesuffix("Connection")
    return text.replace("...", everything(target))


QUESTIONS = {
    **{way: f"{{ {text} }} fragment F on Enterprise {{ {everything('Enterprise')} }}" for way, text in WAYS.items()},
    **{root: f"{{ {filled(root, text)} }}" for root, text in OFFERS.items()},
}
