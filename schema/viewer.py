"""Viewer: who asks, as the hub knows it, and what it may see."""

from __future__ import annotations

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.connection import Connection
from schema.cost import costing, listed, paged, sliced
from schema.declaring import answered, declared
from schema.enums import LoanState, Purpose, Role
from schema.financing import FinancingDemand
from schema.lending import LoanApplication
from schema.listings import LoanListing
from schema.portfolio import PortfolioList
from schema.pre_credit import PreCreditBatch
from schema.scalars import Uscc


@strawberry.type(
    description="What a reader may see of a group of fields.", directives=[*data(DataGroup.PUBLIC), *costing(0)]
)
class GroupRight:
    """What a reader may see of a group of fields."""

    group: DataGroup
    verdict: str = strawberry.field(
        description="ALLOW, MASK, or the error code that stands in the place of the group's fields."
    )
    own: str = strawberry.field(description="The same, of what is the reader's own.")


@strawberry.type(description="Who asks, as the hub knows it.", directives=[*data(DataGroup.PUBLIC), *costing(0)])
class Viewer:
    """Who asks."""

    subject: str
    organisation: str | None = strawberry.field(description="Whom it asks for; enterprises consent to organisations.")
    client: str | None = strawberry.field(description="The registered program through which it asks.")
    roles: list[Role]
    purposes: list[Purpose] = strawberry.field(description="Purposes that its client may ask for.")
    purpose: Purpose | None = strawberry.field(description="The purpose of this request, if it may have it.")
    enterprise: Uscc | None = strawberry.field(description="The enterprise that it is.")
    zones: list[strawberry.ID] = strawberry.field(description="Zones that it is an officer of.")
    networks: list[strawberry.ID] = strawberry.field(description="Networks of technology managers that it stands for.")
    funds: list[strawberry.ID] = strawberry.field(description="Funds that it stands for.")
    scopes: list[DataGroup] | None = strawberry.field(
        description="Groups that its token or key is limited to; null where it is not."
    )
    rights: list[GroupRight] = strawberry.field(
        description="What it may see, asking for this purpose.", directives=listed(15)
    )

    @declared(
        "Standing financing demands 融资需求 that it may see, the newest first: as a lender those of the enterprises "
        "that have agreed.",
        [*data(DataGroup.DEMANDS), *costing(10), *paged(20, backwards=False)],
    )
    def financing_demands(self, first: int = 20, after: str | None = None) -> Connection[FinancingDemand] | None:
        """Standing financing demands that it may see."""
        answered()

    @declared(
        "Loan applications 贷款申请 that it is a party to, the newest first.",
        [*data(DataGroup.APPLICATIONS), *costing(10), *paged(20, backwards=False)],
    )
    def loan_applications(
        self, first: int = 20, after: str | None = None, state: list[LoanState] | None = None
    ) -> Connection[LoanApplication] | None:
        """Loan applications that it is a party to."""
        answered()

    @declared(
        "What it holds out as a lender 预授信, the newest first.",
        [*data(DataGroup.LENDING), *sliced("first")],
    )
    def pre_credit_batches(self, first: int = 20) -> list[PreCreditBatch] | None:
        """What it holds out as a lender."""
        answered()

    @declared("Lists of its organisation 关注名单, by name.", [*data(DataGroup.PORTFOLIO), *listed(5)])
    def portfolio_lists(self) -> list[PortfolioList] | None:
        """Lists of its organisation."""
        answered()

    @declared(
        "Loan products of its organisation, drafts included 自主上架, the newest first.",
        [*data(DataGroup.LISTINGS), *sliced("first")],
    )
    def loan_listings(self, first: int = 20) -> list[LoanListing] | None:
        """Loan products of its organisation."""
        answered()
