"""The one map from the fields of the schema to what answers them."""

from __future__ import annotations

from connectors.catalogue import COLLECTIONS
from resolvers import (
    access_log,
    amount,
    consent,
    credit_summary,
    data_objections,
    demands,
    departures,
    directory,
    edition,
    edition_work,
    enterprise,
    entitlements,
    expiries,
    federation,
    funds,
    identifiers,
    introductions,
    ladder,
    listings,
    live,
    loans,
    managers,
    node,
    objection,
    offers,
    policies,
    policy_matching,
    policy_trial,
    portfolio,
    portfolio_lists,
    pre_credits,
    product_matches,
    ranking,
    scheme,
    score,
    score_changes,
    viewer,
)
from resolvers.access import Owner
from resolvers.binding import OF_ENTERPRISE, OF_PARTIES, Batch, Graph, Owned, Part
from resolvers.edition import ShownEdition
from resolvers.enterprise import district_of
from resolvers.enterprise_key import EnterpriseKey
from resolvers.pages import total_count
from resolvers.request import Request
from resolvers.source import all_sources, source, source_part
from schema.scheme import Scheme
from schema.source import Source

_RECORDS = {
    "Filing": "filings",
    "Patent": "patents",
    "IntellectualProperty": "intellectual_property",
    "TechnologyContracts": "technology_contracts",
    "Award": "awards",
    "Platform": "platforms",
    "Project": "projects",
    "Qualification": "qualifications",
    "Workforce": "workforce",
    "Investment": "investments",
    "RiskFlag": "risk_flags",
    "MainProduct": "main_products",
    "Standard": "standards",
    "Talent": "talents",
    "Capital": "capital",
    "IpPledge": "ip_pledges",
    "TaxPayment": "tax_payments",
    "SocialInsurance": "social_insurance",
    "Utilities": "utilities",
    "HousingFund": "housing_fund",
    "TaxCredit": "tax_credit",
    "EnvironmentalCredit": "environmental_credit",
    "CreditEvaluation": "credit_evaluations",
    "Credit": "credits",
    "Zone": "zones",
    "ZoneCredit": "zone_credits",
    "FundInvestment": "fund_investments",
    "ZoneFigure": "zone_figures",
    "Policy": "policies",
    "LoanProduct": "loan_products",
    "Fund": "funds",
    "MemberCount": "network_member_counts",
    "TechnologyManagerNetwork": "networks",
    "TechnologyManager": "technology_managers",
}

_FLOWS = ("FinancingDemand", "LoanApplication", "PreCreditBatch", "PortfolioList", "LoanListing")
"""Things of the finance supermarket that are changed by mutations only."""

_CONNECTIONS = (
    "Enterprise",
    "Policy",
    "LoanProduct",
    "Fund",
    "TechnologyManager",
    "AccessRecord",
    "RankingEntry",
    "PortfolioEntry",
    "BenefitPaid",
)
_OWN_PAGES = ("FinancingDemand", "LoanApplication")
"""What a reader finds of its own under `me`, in pages."""


_THINGS = ("Introduction", "ZonePolicy", "BudgetPool", "Entitlement", "EntitlementRun", "DataObjection")
"""What is changed by mutations only, and has an identity."""

_OF_PARTIES = (
    "Introduction",
    "IntroductionPayload",
    "ZonePolicy",
    "ZonePolicyPayload",
    "BudgetPool",
    "BudgetPoolPayload",
    "PolicyContent",
    "PolicyRisk",
)


def _identity(type_name: str) -> Part:
    def read(_request: Request, local: str) -> str:
        return f"{type_name}:{local}"

    return Part(("id",), read)


GRAPH = Graph(
    batches={
        "Query.sources": Batch(all_sources),
        "Query.source": Batch(source),
        **{f"{name}Connection.totalCount": Batch(total_count) for name in (*_CONNECTIONS, *_OWN_PAGES)},
        **access_log.BATCHES,
        **consent.BATCHES,
        **demands.BATCHES,
        **credit_summary.BATCHES,
        **data_objections.BATCHES,
        **data_objections.beside(_RECORDS, COLLECTIONS),
        **departures.BATCHES,
        **directory.BATCHES,
        **edition.BATCHES,
        **edition_work.BATCHES,
        **enterprise.BATCHES,
        **entitlements.BATCHES,
        **expiries.BATCHES,
        **federation.BATCHES,
        **funds.BATCHES,
        **identifiers.BATCHES,
        **introductions.BATCHES,
        **ladder.BATCHES,
        **live.BATCHES,
        **listings.BATCHES,
        **loans.BATCHES,
        **managers.BATCHES,
        **node.BATCHES,
        **objection.BATCHES,
        **offers.BATCHES,
        **portfolio.BATCHES,
        **portfolio_lists.BATCHES,
        **pre_credits.BATCHES,
        **policies.BATCHES,
        **policy_matching.BATCHES,
        **product_matches.BATCHES,
        **policy_trial.BATCHES,
        **ranking.BATCHES,
        **scheme.BATCHES,
        **score.BATCHES,
        **score_changes.BATCHES,
        **viewer.BATCHES,
    },
    parts={
        **access_log.PARTS,
        **amount.PARTS,
        **consent.PARTS,
        **data_objections.PARTS,
        **scheme.PARTS,
        **score.PARTS,
        **demands.PARTS,
        **introductions.PARTS,
        **listings.PARTS,
        **loans.PARTS,
        **pre_credits.PARTS,
        **policies.PARTS,
        **entitlements.PARTS,
        **{f"{type_name}.id": _identity(type_name) for type_name in (*node.COLLECTION_OF, *_THINGS, *_FLOWS)},
        **{
            f"{type_name}.source": source_part()
            for type_name in (*_RECORDS, "MatchCondition", "PolicyMatchCondition", "Expiry")
        },
        "Zone.district": Part(("district_code",), district_of),
    },
    groups={"Enterprise": (enterprise.REGISTRATION,)},
    records=_RECORDS,
    owned={
        "Enterprise": OF_ENTERPRISE,
        "Consent": OF_ENTERPRISE,
        **dict.fromkeys(access_log.OWNED, OF_ENTERPRISE),
        **objection.OWNED,
        **ranking.OWNED,
        **score.OWNED,
        **score_changes.OWNED,
        "FinancingDemand": OF_ENTERPRISE,
        **dict.fromkeys(("LoanApplication", "PreCreditBatch", "PortfolioList"), OF_PARTIES),
        **dict.fromkeys((f"{name}Payload" for name in _FLOWS), OF_PARTIES),
        **{f"{name}{kind}": OF_PARTIES for name in _OWN_PAGES for kind in ("Connection", "Edge")},
        "Viewer": OF_PARTIES,
        **dict.fromkeys(("DataObjection", "DataObjectionPayload", "Source", "Subscription"), OF_PARTIES),
        **listings.OWNED,
        **loans.OWNED,
        **credit_summary.OWNED,
        **expiries.OWNED,
        **portfolio.OWNED,
        **pre_credits.OWNED,
        **dict.fromkeys((*_OF_PARTIES, *entitlements.OF_PARTIES, *policy_trial.OF_PARTIES), OF_PARTIES),
        "EntitlementAccount": Owned(Owner.PARTIES, "receivers"),
        "ManagerContact": Owned(Owner.PARTIES, "receivers"),
        "TechnologyManager": Owned(Owner.NETWORK, "network_id"),
        "TechnologyManagerNetwork": Owned(Owner.NETWORK, "id"),
        "MemberCount": Owned(Owner.NETWORK, "network_id"),
        "Fund": Owned(Owner.FUND, "id"),
        "Policy": Owned(Owner.ZONE, "zone_id"),
        "Zone": Owned(Owner.ZONE, "id"),
        "FundInvestment": Owned(Owner.FUND, "fund_id"),
        "ZoneFigure": Owned(Owner.ZONE, "zone_id"),
    },
    types={EnterpriseKey: "Enterprise", ShownEdition: "Edition", Scheme: "Scheme", Source: "Source"},
)
