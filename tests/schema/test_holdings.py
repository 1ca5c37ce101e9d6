"""What a schema's fields hold: everything is classified, and what may be withheld costs no more than itself."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import GraphQLInputObjectType, get_named_type
from strawberry.schema.config import StrawberryConfig

from codes.access import DataGroup, Mask
from schema.access import data
from schema.graph import build_schema
from schema.holdings import NullWouldSpread, Unclassified, holdings
from schema.scalars import SCALARS

SCHEMA = build_schema()
PAGING = {"first", "after", "last", "before"}
KEYS = {"id", "ids", "uscc", "usccs", "representations"}
"""Arguments that name what is asked for: decided by whose it is."""
WITHIN = {"asOf", "years", "Enterprise.qualifications validOn", "IntellectualProperty.patents first",
          "IntellectualProperty.patents kind", "Enterprise.score scheme", "Enterprise.score edition",
          "Enterprise.score live", "Enterprise.score period", "Enterprise.simulateScore period",
          "Enterprise.scoreHistory scheme", "Enterprise.simulateScore scheme",
          "Enterprise.simulateScore edition", "Enterprise.simulateScore live", "Query.scheme version",
          "Query.portfolio list", "Query.portfolio since", "Enterprise.expiries within",
          "PortfolioEntry.expiries within",
          "Query.ranking edition", "Query.ranking all", "Edition.ranking all", "Query.scoreChanges edition",
          "Query.scoreChanges since", "Query.scoreChanges dropAtLeast", "Query.scoreChanges dropPercentAtLeast",
          "Query.scoreChanges rankDropAtLeast", "TechnologyManagerNetwork.introductions state",
          "Zone.ladder month", "Zone.policyWork state", "Zone.unpaidEntitlements days", "Zone.entitlementFigures by",
          "Policy.entitlements state", "ZonePolicy.dryRun edition", "Viewer.loanApplications state",
          "Enterprise.loanProductMatches amount",
          "Enterprise.loanProductMatches termMonths",
          "Zone.movedOut since", "Query.identifierLinks withdrawn", "Enterprise.dataObjections state",
          "Source.dataObjections state",
          "Subscription.editionProgress edition", "Subscription.sourceHealthChanged source",
          "Subscription.policyPublished zone"}  # fmt: skip
"""Arguments that choose among what the field itself holds, or its day."""


def test_every_argument_says_what_it_is_compared_with() -> None:
    compared = holdings(SCHEMA).compared
    found: dict[str, set[str]] = {}
    for name in ("Query", *holdings(SCHEMA).fields):
        type_: Any = SCHEMA._schema.type_map[name]
        if name == "Mutation":
            continue
        for field_name, field in type_.fields.items():
            coordinate = f"{name}.{field_name}"
            said = {of.partition(".")[0] for of in compared.get(coordinate, {})}
            for argument, declared in field.args.items():
                snake = "order_by" if argument == "orderBy" else argument
                if snake in said:
                    target = get_named_type(declared.type)
                    if isinstance(target, GraphQLInputObjectType):
                        inner = {of for of in compared[coordinate] if of.startswith(f"{snake}.")}
                        assert len(inner) == len(target.fields), f"{coordinate}({argument}) is told in part"
                elif argument not in PAGING | KEYS | WITHIN and f"{coordinate} {argument}" not in WITHIN:
                    found.setdefault(coordinate, set()).add(argument)
    assert found == {}


def test_what_is_compared_holds_what_the_fields_hold() -> None:
    known = holdings(SCHEMA).compared["Query.enterprises"]
    assert known["search"].group is DataGroup.REGISTRATION
    assert known["filter.qualification"].group is DataGroup.QUALIFICATIONS
    assert known["order_by.field"].group is DataGroup.REGISTRATION
    assert {held.group for held in holdings(SCHEMA).compared["Query.technologyManagers"].values()} == {
        DataGroup.MANAGERS
    }


def schema_of(**fields: Any) -> strawberry.Schema:
    """A schema whose query has one enterprise with these fields; `sure`: the enterprise may not be null."""
    sure = fields.pop("sure", False)
    kinds = {name: kind for name, (kind, _) in fields.items()}
    values = {name: strawberry.field(directives=directives, default=None) for name, (_, directives) in fields.items()}
    thing = strawberry.type(
        type("Thing", (), {"__annotations__": kinds, **values}), directives=data(DataGroup.REGISTRATION)
    )
    inner: Any = thing if sure else thing | None
    root = {
        "__annotations__": {"thing": inner, "day": str | None},
        "thing": strawberry.field(default=None),
        "day": None,
    }
    query = strawberry.type(type("Query", (), root), directives=data(DataGroup.PUBLIC))
    return strawberry.Schema(query, config=StrawberryConfig(scalar_map=SCALARS))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"name": (str, data(DataGroup.PEOPLE)), "code": (str, ())},
            r"Thing\.name may be withheld as PEOPLE ",
        ),
        ({"name": (str, ()), "sure": True}, r"Query\.thing may be withheld as REGISTRATION"),
        ({"amount": (int, data(DataGroup.REGISTRATION, Mask.AMOUNT))}, r"Thing\.amount is an amount"),
        ({"names": (list[str] | None, data(DataGroup.REGISTRATION, Mask.NAME))}, r"Thing\.names cannot be masked"),
        ({"age": (int | None, data(DataGroup.REGISTRATION, Mask.NAME))}, r"Thing\.age cannot be masked"),
    ],
)
def test_a_schema_in_which_a_null_would_spread_is_refused(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(NullWouldSpread, match=problem):
        holdings(schema_of(**fields))


def test_a_schema_in_which_only_what_is_withheld_is_lost_is_taken() -> None:
    one = holdings(schema_of(name=(str | None, data(DataGroup.PEOPLE)), code=(str, ())))
    assert one.fields["Thing"]["name"].group is DataGroup.PEOPLE
    other = holdings(schema_of(amount=(int | None, data(DataGroup.REGISTRATION, Mask.AMOUNT)), code=(str, ())))
    assert other.fields["Thing"]["amount"].mask is Mask.AMOUNT


def test_a_type_that_says_nothing_is_refused() -> None:
    @strawberry.type
    class Query:
        name: str | None

    with pytest.raises(Unclassified, match=r"Query\.name"):
        holdings(strawberry.Schema(Query))
