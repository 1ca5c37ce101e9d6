"""Mutation: what can be done through the graph."""

from __future__ import annotations

from datetime import date

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.consent import ConsentPayload, GrantConsentInput
from schema.data_objections import AdvanceDataObjectionInput, DataObjectionPayload, ObjectToDatumInput
from schema.declaring import answered, declared
from schema.edition_work import CorrectEditionInput, EditionPayload, RunEditionInput
from schema.entitlements import (
    AdvanceEntitlementInput,
    ConfirmEntitlementInput,
    EntitlementPayload,
    EntitlementRunPayload,
    EntitlementsPayload,
    MatchEntitlementsInput,
)
from schema.financing import AdvanceDemandInput, FinancingDemandPayload, PublishDemandInput
from schema.introductions import AdvanceIntroductionInput, IntroductionPayload, RequestIntroductionInput
from schema.lending import AdvanceLoanInput, ApplyForLoanInput, LoanApplicationPayload, RecordLoanMovementInput
from schema.listings import (
    AdvanceLoanProductInput,
    DraftLoanProductInput,
    EditLoanProductInput,
    LoanListingPayload,
)
from schema.objection import FileObjectionInput, ObjectionPayload
from schema.policies import BudgetPoolPayload, ZonePolicyPayload
from schema.policy_inputs import (
    AdvancePolicyInput,
    ChangeBudgetPoolInput,
    DraftPolicyInput,
    EditPolicyInput,
    OpenBudgetPoolInput,
)
from schema.portfolio import PortfolioListPayload, SetPortfolioListInput
from schema.pre_credit import OfferPreCreditInput, PreCreditBatchPayload, WithdrawPreCreditInput

ID = strawberry.ID


@strawberry.type(description="What can be done through the graph.", directives=data(DataGroup.PUBLIC))
class Mutation:
    """What can be done through the graph."""

    @declared("Let an organisation see groups of the own enterprise's fields; only for readers who are an enterprise.")
    def grant_consent(self, input: GrantConsentInput, idempotency_key: str | None = None) -> ConsentPayload | None:
        """Let an organisation see groups of the own enterprise's fields."""
        answered()

    @declared("Withdraw a consent of the own enterprise, in effect within a second.")
    def revoke_consent(self, id: ID, idempotency_key: str | None = None) -> ConsentPayload | None:
        """Withdraw a consent of the own enterprise."""
        answered()

    @declared(
        "Run an edition of scores 评价批次 of up to 1,000 enterprises, as a draft; only for officers of the zone. "
        "If it takes longer than a request may, the same again goes on with it.",
    )
    def run_edition(self, input: RunEditionInput, idempotency_key: str | None = None) -> EditionPayload | None:
        """Run an edition of scores, as a draft."""
        answered()

    @declared(
        "Put a draft up for public notice 公示, to be objected to; or let a notice run longer. Only for officers of "
        "the zone."
    )
    def open_notice(
        self, edition: ID, until: date, first: date | None = None, idempotency_key: str | None = None
    ) -> EditionPayload | None:
        """Put a draft up for public notice."""
        answered()

    @declared("Make an edition final once its notice is over; only for officers of the zone.")
    def publish_edition(self, edition: ID, idempotency_key: str | None = None) -> EditionPayload | None:
        """Make an edition final once its notice is over."""
        answered()

    @declared("Run a correction of a published edition, as a draft; only for officers of the zone.")
    def correct_edition(self, input: CorrectEditionInput, idempotency_key: str | None = None) -> EditionPayload | None:
        """Run a correction of a published edition, as a draft."""
        answered()

    @declared("Object to the own score in an edition under notice 提出异议; only for readers who are an enterprise.")
    def file_objection(self, input: FileObjectionInput, idempotency_key: str | None = None) -> ObjectionPayload | None:
        """Object to the own score in an edition under notice."""
        answered()

    @declared("Decide an objection 异议处理; only for officers of the edition's zone.")
    def decide_objection(
        self, id: ID, accepted: bool, text: str, idempotency_key: str | None = None
    ) -> ObjectionPayload | None:
        """Decide an objection."""
        answered()

    @declared(
        "Ask a technology manager's network for an introduction; for the enterprise itself and officers of its zone."
    )
    def request_introduction(self, input: RequestIntroductionInput, idempotency_key: str) -> IntroductionPayload | None:
        """Ask for an introduction."""
        answered()

    @declared("Do the next step of an introduction request; its `allowedActions` say which there are.")
    def advance_introduction(self, input: AdvanceIntroductionInput, idempotency_key: str) -> IntroductionPayload | None:
        """Do the next step of an introduction request."""
        answered()

    @declared("Publish a financing demand 融资需求 of the own enterprise; lenders see it by its consent.")
    def publish_demand(self, input: PublishDemandInput, idempotency_key: str) -> FinancingDemandPayload | None:
        """Publish a financing demand."""
        answered()

    @declared("Revise or close a financing demand of the own enterprise.")
    def advance_demand(self, input: AdvanceDemandInput, idempotency_key: str) -> FinancingDemandPayload | None:
        """Revise or close a financing demand."""
        answered()

    @declared("Apply for a loan product with a financing demand of the own enterprise.")
    def apply_for_loan(self, input: ApplyForLoanInput, idempotency_key: str) -> LoanApplicationPayload | None:
        """Apply for a loan product."""
        answered()

    @declared("Do the next step of a loan application; its `allowedActions` say which there are.")
    def advance_loan(self, input: AdvanceLoanInput, idempotency_key: str) -> LoanApplicationPayload | None:
        """Do the next step of a loan application."""
        answered()

    @declared("Tell what was drawn from a line or repaid; for its lender. Never more than the line is drawn in all.")
    def record_loan_movement(
        self, input: RecordLoanMovementInput, idempotency_key: str
    ) -> LoanApplicationPayload | None:
        """Tell what was drawn or repaid."""
        answered()

    @declared(
        "Hold a line out to the enterprises of an edition 预授信 whose scores the lender may see by their consent; it "
        "binds nobody."
    )
    def offer_pre_credit(self, input: OfferPreCreditInput, idempotency_key: str) -> PreCreditBatchPayload | None:
        """Hold a line out to the enterprises of an edition."""
        answered()

    @declared("Withdraw what was held out to all enterprises of a batch.")
    def withdraw_pre_credit(self, input: WithdrawPreCreditInput, idempotency_key: str) -> PreCreditBatchPayload | None:
        """Withdraw what was held out."""
        answered()

    @declared("Say who is on a list of the own organisation's, for `portfolio`.")
    def set_portfolio_list(self, input: SetPortfolioListInput, idempotency_key: str) -> PortfolioListPayload | None:
        """Say who is on a list."""
        answered()

    @declared("Draft a policy of a zone 政策草案; only for its officers.")
    def draft_policy(self, input: DraftPolicyInput, idempotency_key: str) -> ZonePolicyPayload | None:
        """Draft a policy of a zone."""
        answered()

    @declared("Change a draft, or draft the next version of a published policy; only for officers of its zone.")
    def edit_policy(self, input: EditPolicyInput, idempotency_key: str) -> ZonePolicyPayload | None:
        """Change a draft, or draft the next version of a published policy."""
        answered()

    @declared("Publish what is drafted of a policy 发布政策, as its next version; only for officers of its zone.")
    def publish_policy(self, input: AdvancePolicyInput, idempotency_key: str) -> ZonePolicyPayload | None:
        """Publish what is drafted of a policy."""
        answered()

    @declared("Withdraw a policy for good 撤销政策; only for officers of its zone.")
    def withdraw_policy(self, input: AdvancePolicyInput, idempotency_key: str) -> ZonePolicyPayload | None:
        """Withdraw a policy for good."""
        answered()

    @declared("Open a budget pool of a zone 设立资金池; only for its officers.")
    def open_budget_pool(self, input: OpenBudgetPoolInput, idempotency_key: str) -> BudgetPoolPayload | None:
        """Open a budget pool of a zone."""
        answered()

    @declared("Change what a budget pool holds; only for officers of its zone.")
    def change_budget_pool(self, input: ChangeBudgetPoolInput, idempotency_key: str) -> BudgetPoolPayload | None:
        """Change what a budget pool holds."""
        answered()

    @declared("Draft a loan product of the own organisation 产品草稿; only for lenders.")
    def draft_loan_product(self, input: DraftLoanProductInput, idempotency_key: str) -> LoanListingPayload | None:
        """Draft a loan product."""
        answered()

    @declared("Change a draft, or say anew what a listed product is: a new version, at once. Only for its lender.")
    def edit_loan_product(self, input: EditLoanProductInput, idempotency_key: str) -> LoanListingPayload | None:
        """Say anew what a loan product is."""
        answered()

    @declared("List a drafted loan product 上架; only for its lender.")
    def list_loan_product(self, input: AdvanceLoanProductInput, idempotency_key: str) -> LoanListingPayload | None:
        """List a drafted loan product."""
        answered()

    @declared("Withdraw a loan product for good 下架; only for its lender. Applications for it go on.")
    def withdraw_loan_product(self, input: AdvanceLoanProductInput, idempotency_key: str) -> LoanListingPayload | None:
        """Withdraw a loan product for good."""
        answered()

    @declared(
        "Hold a published policy to the enterprises of its zone, and make an entitlement for each that is eligible and "
        "has none 系统比对; only for officers of the zone."
    )
    def match_entitlements(self, input: MatchEntitlementsInput, idempotency_key: str) -> EntitlementRunPayload | None:
        """Hold a published policy to the enterprises of its zone."""
        answered()

    @declared(
        "Want a benefit and say where to pay it 意愿确认; only for the enterprise itself. Exclusions, caps and the "
        "budget pool are checked now."
    )
    def confirm_entitlement(self, input: ConfirmEntitlementInput, idempotency_key: str) -> EntitlementPayload | None:
        """Want a benefit and say where to pay it."""
        answered()

    @declared("Do the next step of an entitlement; its `allowedActions` say which there are.")
    def advance_entitlement(self, input: AdvanceEntitlementInput, idempotency_key: str) -> EntitlementPayload | None:
        """Do the next step of an entitlement."""
        answered()

    @declared(
        "Do the next step of up to 200 entitlements, such as to approve, to pay or to archive them. Each is a change "
        "of its own: what one is refused costs none of the others.",
    )
    def advance_entitlements(
        self, items: list[AdvanceEntitlementInput], idempotency_key: str
    ) -> EntitlementsPayload | None:
        """Do the next step of several entitlements."""
        answered()

    @declared("Object to a datum that a source has of the own enterprise 提出数据异议; its owner answers.")
    def object_to_datum(self, input: ObjectToDatumInput, idempotency_key: str) -> DataObjectionPayload | None:
        """Object to a datum."""
        answered()

    @declared("Do the next step of an objection to a datum; its `allowedActions` say which there are.")
    def advance_data_objection(
        self, input: AdvanceDataObjectionInput, idempotency_key: str
    ) -> DataObjectionPayload | None:
        """Do the next step of an objection to a datum."""
        answered()
