"""Query: where every question starts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.connection import DEFAULT_PAGE, Connection
from schema.cost import costing, listed, paged, sized, sliced
from schema.declaring import answered, declared
from schema.edition import Edition, RankingEntry, Within
from schema.enterprise import Enterprise
from schema.entitlements import BenefitPaid
from schema.federation import Entity, Representation, Service
from schema.identifiers import IdentifierLink
from schema.inputs import (
    EnterpriseFilter,
    EnterpriseOrder,
    FundFilter,
    LoanProductFilter,
    PolicyFilter,
    TechnologyManagerFilter,
)
from schema.network import TechnologyManager, TechnologyManagerNetwork
from schema.node import Node
from schema.offers import Fund, LoanProduct, Policy
from schema.policies import PolicyFact
from schema.portfolio import PortfolioEntry
from schema.scalars import Uscc
from schema.scheme import Scheme
from schema.score_changes import ScoreChanges
from schema.source import Source
from schema.viewer import Viewer
from schema.zone import Zone

ID = strawberry.ID

_SearchingRegistration = Annotated[str | None, strawberry.argument(directives=data(DataGroup.REGISTRATION))]
_AmongPublic = Annotated[ID | None, strawberry.argument(directives=data(DataGroup.PUBLIC))]
_SearchingPublic = Annotated[str | None, strawberry.argument(directives=data(DataGroup.PUBLIC))]
_SearchingManagers = Annotated[str | None, strawberry.argument(directives=data(DataGroup.MANAGERS))]

_SearchingOperations = Annotated[str, strawberry.argument(directives=data(DataGroup.OPERATIONS))]

_LISTING = [*costing(10), *paged(DEFAULT_PAGE)]
"""A connection is looked up in the directory, or made of a whole collection."""


@strawberry.type(description="Where every question starts.", directives=data(DataGroup.PUBLIC))
class Query:
    """Where every question starts."""

    zones: list[Zone] | None = strawberry.field(description="Development zones 园区.", directives=listed(20))
    networks: list[TechnologyManagerNetwork] | None = strawberry.field(
        description="Technology managers' networks.", directives=listed(5)
    )
    sources: list[Source] = strawberry.field(description="Source systems 数据源.", directives=listed(10))
    policy_facts: list[PolicyFact] = strawberry.field(
        description="Facts over which conditions of policies are stated.", directives=listed(25)
    )
    schemes: list[Scheme] = strawberry.field(description="Schemes 评价方案, all versions.", directives=listed(10))

    @declared(
        "The enterprise with this code; with `asOf`, as it was known on that day. Sources that keep no "
        "history answer nothing then, rather than today's value."
    )
    def enterprise(self, uscc: Uscc, as_of: date | None = None) -> Enterprise | None:
        """The enterprise with this code."""
        answered()

    @declared("The enterprises with these codes, in the same order; null for an unknown code.", sliced("usccs"))
    def enterprises_by_uscc(self, usccs: list[Uscc]) -> list[Enterprise | None] | None:
        """The enterprises with these codes."""
        answered()

    # A page's cursors and its count tell of its members: whoever may not see those is not given the page.
    @declared(
        "Enterprises found by part of the name or a former name, pinyin initials or the start of the code.",
        [*data(DataGroup.REGISTRATION), *_LISTING],
    )
    def enterprises(
        self,
        search: _SearchingRegistration = None,
        filter: EnterpriseFilter | None = None,
        order_by: EnterpriseOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Enterprise] | None:
        """Enterprises found in the hub's directory."""
        answered()

    @declared("Policies 政策, newest first.", _LISTING)
    def policies(
        self,
        search: _SearchingPublic = None,
        filter: PolicyFilter | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Policy] | None:
        """Policies, newest first."""
        answered()

    @declared(
        "Benefits of policies that were paid 惠企资金公示, the newest first; of a zone or a policy, or all.", _LISTING
    )
    def benefits_paid(
        self,
        zone: _AmongPublic = None,
        policy: _AmongPublic = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[BenefitPaid] | None:
        """Benefits of policies that were paid, the newest first."""
        answered()

    @declared("The policy with this id.")
    def policy(self, id: ID) -> Policy | None:
        """The policy with this id."""
        answered()

    @declared("Loan products 贷款产品, by lender and name.", _LISTING)
    def loan_products(
        self,
        search: _SearchingPublic = None,
        filter: LoanProductFilter | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[LoanProduct] | None:
        """Loan products, by lender and name."""
        answered()

    @declared("The loan product with this id.")
    def loan_product(self, id: ID) -> LoanProduct | None:
        """The loan product with this id."""
        answered()

    @declared(
        "What has changed since a day of many enterprises, by their codes or by a list of the own organisation's "
        "(`setPortfolioList`); in pages by code. A part of one that fails or is withheld costs nothing else.",
        [*costing(10), *paged(DEFAULT_PAGE, backwards=False)],
    )
    def portfolio(
        self,
        since: date,
        usccs: list[Uscc] | None = None,
        list: str | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[PortfolioEntry] | None:
        """What has changed of many enterprises since a day."""
        answered()

    @declared("Funds 基金, by name.", _LISTING)
    def funds(
        self,
        search: _SearchingPublic = None,
        filter: FundFilter | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Fund] | None:
        """Funds, by name."""
        answered()

    @declared("The fund with this id.")
    def fund(self, id: ID) -> Fund | None:
        """The fund with this id."""
        answered()

    @declared(
        "Technology managers 技术经理人, by institution; a search looks into that too.",
        [*data(DataGroup.MANAGERS), *_LISTING],
    )
    def technology_managers(
        self,
        search: _SearchingManagers = None,
        filter: TechnologyManagerFilter | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[TechnologyManager] | None:
        """Technology managers, by institution."""
        answered()

    @declared("The zone with this id.")
    def zone(self, id: ID) -> Zone | None:
        """The zone with this id."""
        answered()

    @declared("The source with this id.")
    def source(self, id: ID) -> Source | None:
        """The source with this id."""
        answered()

    @declared(
        "The scheme with this id or code; without `version`, and where the id names none, the version that came into "
        "force last."
    )
    def scheme(self, id: ID, version: str | None = None) -> Scheme | None:
        """The scheme with this id."""
        answered()

    @declared(
        "Editions of scores 评价批次, the newest first; drafts are shown to officers of their zone only.", listed(20)
    )
    def editions(self, zone: _AmongPublic = None, scheme: _AmongPublic = None) -> list[Edition] | None:
        """Editions of scores, the newest first."""
        answered()

    @declared("The edition with this id or code.")
    def edition(self, id: ID) -> Edition | None:
        """The edition with this id or code."""
        answered()

    @declared(
        "Who is on the lists of an edition 榜单, best first: of one list, or of a stage. With `all`, everyone who is "
        "ranked, for those who may see the zone's scores.",
        [*data(DataGroup.RANKING), *_LISTING],
    )
    def ranking(
        self,
        edition: ID,
        stage: Within = None,
        list: Within = None,
        all: bool = False,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[RankingEntry] | None:
        """Who is on the lists of an edition, best first."""
        answered()

    @declared(
        "What changed between two editions, and by which indicators: of the enterprises with these codes, otherwise of "
        "all whose scores the reader may see. With bounds only who fell so far; any of them suffices.",
        [*data(DataGroup.PUBLIC), *costing(20), *sized("first", 100, "changes")],
    )
    def score_changes(
        self,
        edition: ID,
        since: ID | None = None,
        drop_at_least: Decimal | None = None,
        drop_percent_at_least: Decimal | None = None,
        rank_drop_at_least: int | None = None,
        usccs: list[Uscc] | None = None,
        first: int = 100,
    ) -> ScoreChanges | None:
        """What changed between two editions, and by which indicators."""
        answered()

    @declared(
        "The key map 标识映射: the links of an enterprise's credit code, or those of an identifier, the surest first, "
        "behind the link `after`; with `withdrawn` also those that count no longer.",
        [*data(DataGroup.OPERATIONS), *costing(5), *sliced("first")],
    )
    def identifier_links(
        self, of: _SearchingOperations, first: int = 20, after: ID | None = None, withdrawn: bool = False
    ) -> list[IdentifierLink] | None:
        """The links of the key map."""
        answered()

    @declared("Who asks, as the hub knows it, and what it may see.")
    def me(self) -> Viewer:
        """Who asks."""
        answered()

    @declared("The thing with this identity.")
    def node(self, id: ID) -> Node | None:
        """The thing with this identity."""
        answered()

    @declared("The things with these identities, in the same order; null for an unknown one.", sliced("ids"))
    def nodes(self, ids: list[ID]) -> list[Node | None]:
        """The things with these identities."""
        answered()

    @declared("What a gateway is told of the hub as a subgraph, for those who may read the schema.", name="_service")
    def service_of_federation(self) -> Service:
        """What a gateway is told of the hub as a subgraph."""
        answered()

    @declared(
        "The things that other subgraphs refer to, in the same order; null for an unknown one.",
        sliced("representations"),
        name="_entities",
    )
    def entities_of_federation(self, representations: list[Representation]) -> list[Entity | None]:
        """The things that other subgraphs refer to."""
        answered()
