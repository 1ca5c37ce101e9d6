"""Enterprise 企业: the noun that everything else hangs on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup, Mask
from schema.access import data
from schema.audit import AccessRecord
from schema.connection import Connection
from schema.consent import Consent
from schema.cost import costing, listed, paged, sized, sliced
from schema.credit import CreditEvaluation, EnvironmentalCredit, TaxCredit
from schema.credit_summary import CreditSummary
from schema.data_objections import DataObjection
from schema.declaring import answered, declared
from schema.enums import DataObjectionState, RegistrationStatus
from schema.expiries import Expiries
from schema.filing import Filing
from schema.financing import FinancingDemand
from schema.innovation import (
    Award,
    IntellectualProperty,
    MainProduct,
    Platform,
    Project,
    Standard,
    TechnologyContracts,
)
from schema.introductions import Introduction
from schema.ladder import LadderPosition
from schema.lending import LoanApplication
from schema.matching import FundMatch, LoanProductMatch
from schema.node import Node, Sourced
from schema.payments import HousingFund, SocialInsurance, TaxPayment, Utilities
from schema.place import District, Industry
from schema.policies import PolicyMatch
from schema.scalars import Uscc
from schema.score import Score, Simulation
from schema.score_changes import IndicatorChange, ScorePoint
from schema.standing import Capital, Investment, IpPledge, Qualification, RiskFlag, Talent, Workforce
from schema.suggestions import ManagerSuggestion
from schema.zone import Zone

if TYPE_CHECKING:
    from schema.entitlements import Entitlement

_LIVE = 30
"""A live score reads some thirty records of an enterprise, from ten to twenty collections."""


@strawberry.type(
    description="Enterprise 企业. Its own fields come from the company registry; each facet comes from the source that "
    "owns it, and a source that does not answer costs its own facet only.",
    directives=data(DataGroup.REGISTRATION),
)
class Enterprise(Node, Sourced):
    """Enterprise."""

    uscc: Uscc = strawberry.field(description="Unified social credit code 统一社会信用代码.")
    name: str | None = strawberry.field(description="Registered name 企业名称.")
    name_en: str | None
    former_names: list[str] | None = strawberry.field(description="曾用名.")
    status: RegistrationStatus | None = strawberry.field(description="Registration status 登记状态.")
    status_text: str | None = strawberry.field(description="The registry's own words for it.")
    legal_representative: str | None = strawberry.field(
        description="法定代表人.", directives=data(DataGroup.PEOPLE, Mask.NAME)
    )
    registered_capital: Decimal | None = strawberry.field(description="Registered capital 注册资本, CNY yuan.")
    founded_on: date | None = strawberry.field(description="Date of establishment 成立日期.")
    founded_text: str | None = strawberry.field(description="The registry's own words for it, perhaps only a year.")
    address: str | None = strawberry.field(description="Registered address 住所.")
    district: District | None = strawberry.field(
        description="Where it is now 所在区划; the digits inside its code say where it was first registered."
    )
    industry: Industry | None = strawberry.field(description="行业.")
    zone: Zone | None = strawberry.field(description="The zone on whose roster it is 所属园区.")
    intellectual_property: IntellectualProperty | None = strawberry.field(description="知识产权.")
    workforce: Workforce | None = strawberry.field(description="参保人员.")
    technology_contracts: TechnologyContracts | None = strawberry.field(description="技术合同.")
    awards: list[Award] | None = strawberry.field(description="科技奖励.", directives=listed(2))
    platforms: list[Platform] | None = strawberry.field(description="研发平台.", directives=listed(2))
    projects: list[Project] | None = strawberry.field(description="科技计划项目.", directives=listed(2))
    main_products: list[MainProduct] | None = strawberry.field(
        description="Main products 主导产品.", directives=listed(1)
    )
    standards: list[Standard] | None = strawberry.field(
        description="Standards 标准 that it has taken part in drafting.", directives=listed(2)
    )
    talents: list[Talent] | None = strawberry.field(
        description="Titles 人才称号 that people on its staff hold.", directives=listed(2)
    )
    capital: Capital | None = strawberry.field(description="Capital 出资 of its owners.")
    investments: list[Investment] | None = strawberry.field(description="股权融资.", directives=listed(2))
    ip_pledges: list[IpPledge] | None = strawberry.field(
        description="Pledges of intellectual property 知识产权质押, standing and released.", directives=listed(1)
    )
    credit_summary: CreditSummary | None = strawberry.field(
        description="What was lent to it 授信概况: what sources tell of, and what went through the hub."
    )

    @declared(
        "What of it runs out within so many days 到期预警: qualifications, credits, consents. From 30 days before it "
        "is urgent."
    )
    def expiries(self, within: int = 180) -> Expiries | None:
        """What of it runs out before long."""
        answered()

    ladder: LadderPosition | None = strawberry.field(
        description="Where it stands on the cultivation ladder 梯度培育库; null where its zone publishes none.",
        directives=data(DataGroup.QUALIFICATIONS),
    )
    flags: list[RiskFlag] | None = strawberry.field(
        description="Risk flags 风险标识, standing and lifted.", directives=listed(1)
    )

    @declared("Yearly filings 年度申报, newest first.", sliced("years"))
    def filings(self, years: int = 3) -> list[Filing] | None:
        """Yearly filings, newest first."""
        answered()

    @declared("Tax paid 实缴税额, newest year first.", sliced("years"))
    def tax_payments(self, years: int = 3) -> list[TaxPayment] | None:
        """Tax paid, newest year first."""
        answered()

    @declared("Social insurance paid 社保缴费, newest year first.", sliced("years"))
    def social_insurance(self, years: int = 3) -> list[SocialInsurance] | None:
        """Social insurance paid, newest year first."""
        answered()

    @declared("Water and gas paid 水费、气费, newest year first.", sliced("years"))
    def utilities(self, years: int = 3) -> list[Utilities] | None:
        """Water and gas paid, newest year first."""
        answered()

    @declared("Housing fund 住房公积金, newest year first.", sliced("years"))
    def housing_fund(self, years: int = 3) -> list[HousingFund] | None:
        """Housing fund, newest year first."""
        answered()

    @declared("Tax credit 纳税信用, newest year first.", sliced("years"))
    def tax_credit(self, years: int = 3) -> list[TaxCredit] | None:
        """Tax credit, newest year first."""
        answered()

    @declared("Environmental credit 环境信用, newest year first.", sliced("years"))
    def environmental_credit(self, years: int = 3) -> list[EnvironmentalCredit] | None:
        """Environmental credit, newest year first."""
        answered()

    @declared("Public credit evaluations 公共信用综合评价, newest year first.", sliced("years"))
    def credit_evaluations(self, years: int = 3) -> list[CreditEvaluation] | None:
        """Public credit evaluations, newest year first."""
        answered()

    @declared("Consents 授权 that it has given, newest first, those withdrawn and ended included.", listed(5))
    def consents(self) -> list[Consent] | None:
        """Consents that it has given."""
        answered()

    @declared(
        "Who looked at fields of it of level 3 and above, or was refused them 访问记录; the newest first.",
        [*data(DataGroup.ACCESS_LOG), *paged(20, backwards=False)],
    )
    def access_log(self, first: int = 20, after: str | None = None) -> Connection[AccessRecord] | None:
        """Who looked at it."""
        answered()

    @declared(
        "Score 积分评价: as last published, or of `edition`; with `live`, computed now from the sources by `scheme`, "
        "and provisional: of `period`, such as 2022 or 2023-04, without it of the last year that was delivered."
    )
    def score(
        self,
        scheme: strawberry.ID | None = None,
        edition: strawberry.ID | None = None,
        live: Annotated[bool, strawberry.argument(directives=costing(_LIVE))] = False,
        period: str | None = None,
    ) -> Score | None:
        """Score, as last published or computed now."""
        answered()

    @declared("Scores in published editions, the newest first, of one scheme or of all.", sized("last", 8))
    def score_history(self, last: int = 8, scheme: strawberry.ID | None = None) -> list[ScorePoint] | None:
        """Scores in published editions, the newest first."""
        answered()

    @declared(
        "What its score would be with some inputs or values changed, everyone else staying as in the edition: the last "
        "published one, if none is named; with `live`, of its live score by `scheme` and `period`.",
        [*data(DataGroup.INDICATORS), *costing(20)],
    )
    def simulate_score(
        self,
        changes: list[IndicatorChange],
        scheme: strawberry.ID | None = None,
        edition: strawberry.ID | None = None,
        live: Annotated[bool, strawberry.argument(directives=costing(_LIVE))] = False,
        period: str | None = None,
    ) -> Simulation | None:
        """What its score would be with some inputs changed."""
        answered()

    @declared("Financing demands 融资需求 that it has published, newest first.", listed(2))
    def financing_demands(self) -> list[FinancingDemand] | None:
        """Financing demands that it has published."""
        answered()

    @declared("Its loan applications 贷款申请, newest first; for itself. Lenders find theirs under `me`.", listed(3))
    def loan_applications(self) -> list[LoanApplication] | None:
        """Its loan applications."""
        answered()

    @declared("Qualifications 资质; with `validOn`, those that were valid on that day.", listed(3))
    def qualifications(self, valid_on: date | None = None) -> list[Qualification] | None:
        """Qualifications."""
        answered()

    @declared(
        "Technology managers 技术经理人 suggested for it by industry and field, those with most reasons first.",
        [*data(DataGroup.MANAGERS), *costing(10), *sliced("first")],
    )
    def technology_managers(self, first: int = 5) -> list[ManagerSuggestion] | None:
        """Technology managers suggested for it."""
        answered()

    disputed: list[str] | None = strawberry.field(
        description="Fields of its registration that it disputes: not answered yet, or found wrong and yet to be "
        "corrected 异议."
    )

    @declared("Its objections to data that sources have of it 数据异议, newest first.", sliced("first"))
    def data_objections(
        self, first: int = 20, state: list[DataObjectionState] | None = None
    ) -> list[DataObjection] | None:
        """Its objections to data that sources have of it."""
        answered()

    @declared("Requests to be introduced to technology managers 对接申请, newest first.", listed(3))
    def introductions(self) -> list[Introduction] | None:
        """Requests to be introduced to technology managers."""
        answered()

    @declared(
        "Funds 基金, each held to the stages, regions and fields that it says it invests in; the fitting ones first.",
        [*costing(10), *sliced("first")],
    )
    def fund_matches(self, first: int = 10) -> list[FundMatch] | None:
        """Funds, each held to what it says it invests in."""
        answered()

    @declared(
        "Policies 政策 in force, each condition held to what the reader may see of the enterprise; the fitting ones "
        "first, those whose conditions are text only last.",
        [*costing(20), *sliced("first")],
    )
    def policy_matches(self, first: int = 10) -> list[PolicyMatch] | None:
        """Policies in force, each condition held to what the reader may see."""
        answered()

    @declared(
        "Loan products 贷款产品 on offer, each held to what it asks by what the reader may see; with `amount` and "
        "`termMonths` also to what is sought. The fitting ones first.",
        [*costing(40), *sliced("first")],
    )
    def loan_product_matches(
        self, first: int = 10, amount: Decimal | None = None, term_months: int | None = None
    ) -> list[LoanProductMatch] | None:
        """Loan products on offer, each held to what it asks."""
        answered()

    @declared(
        "Benefits of policies that come to it without application 免申即享, newest first.",
        [*data(DataGroup.ENTITLEMENTS), *listed(5)],
    )
    def entitlements(self) -> list[Annotated[Entitlement, strawberry.lazy("schema.entitlements")]] | None:
        """Benefits of policies that come to it without application."""
        answered()
