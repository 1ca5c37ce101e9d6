"""The closed lists of access: data groups and levels, roles, decisions, purposes."""

from __future__ import annotations

from collections.abc import Mapping

from codes.kinds import Listed


class DataGroup(Listed):
    """Group of fields that are given or withheld together 数据分组."""

    PUBLIC = "PUBLIC", "公开信息"
    REGISTRATION = "REGISTRATION", "登记信息"
    PEOPLE = "PEOPLE", "人员信息"
    FILINGS = "FILINGS", "财务申报"
    INTELLECTUAL_PROPERTY = "INTELLECTUAL_PROPERTY", "知识产权"
    WORKFORCE = "WORKFORCE", "参保人员"
    CONTRACTS = "CONTRACTS", "技术合同"
    ACHIEVEMENTS = "ACHIEVEMENTS", "科技成果"
    QUALIFICATIONS = "QUALIFICATIONS", "资质"
    INVESTMENTS = "INVESTMENTS", "股权融资"
    RISK = "RISK", "风险标识"
    CREDIT = "CREDIT", "信用评价"
    MANAGERS = "MANAGERS", "技术经理人"
    OPERATIONS = "OPERATIONS", "运行状态"
    UNPUBLISHED = "UNPUBLISHED", "未公示信息"
    CONSENTS = "CONSENTS", "授权"
    ACCESS_LOG = "ACCESS_LOG", "访问记录"
    SCORE = "SCORE", "积分评价"
    RANKING = "RANKING", "榜单"
    INDICATORS = "INDICATORS", "指标数值"
    INTRODUCTIONS = "INTRODUCTIONS", "对接申请"
    DEMANDS = "DEMANDS", "融资需求"
    APPLICATIONS = "APPLICATIONS", "贷款申请"
    LENDING = "LENDING", "授信情况"
    ZONE_LENDING = "ZONE_LENDING", "园区授信汇总"
    PORTFOLIO = "PORTFOLIO", "关注名单"
    LISTINGS = "LISTINGS", "产品上架"
    POLICY_WORK = "POLICY_WORK", "政策管理"
    ENTITLEMENTS = "ENTITLEMENTS", "免申即享"
    ACCOUNTS = "ACCOUNTS", "收款账户"
    DATA_OBJECTIONS = "DATA_OBJECTIONS", "数据异议"


class Role(Listed):
    """What a reader is to the hub 角色."""

    ANONYMOUS = "ANONYMOUS", "访客"
    PORTAL = "PORTAL", "门户"
    ENTERPRISE = "ENTERPRISE", "企业"
    BANK = "BANK", "银行"
    GUARANTEE = "GUARANTEE", "担保机构"
    OFFICER = "OFFICER", "园区管理人员"
    PARTNER = "PARTNER", "合作机构"
    DEPARTMENT = "DEPARTMENT", "数据提供部门"
    OPERATOR = "OPERATOR", "运维人员"
    AUDITOR = "AUDITOR", "审计人员"
    SECURITY = "SECURITY", "安全管理员"


APART = frozenset((Role.OPERATOR, Role.AUDITOR, Role.SECURITY))
"""Roles of the people who look after a hub 三员: nobody has two of them, so that none can cover up what it did."""


class Decision(Listed):
    """What is decided of a group of fields for a reader 访问决定."""

    ALLOW = "ALLOW", "允许"
    MASK = "MASK", "脱敏"
    PURPOSE = "PURPOSE", "须声明目的"
    CONSENT = "CONSENT", "须企业授权"
    DENY = "DENY", "拒绝"


class Purpose(Listed):
    """Registered purpose of a question 查询目的."""

    PRE_LOAN = "PRE_LOAN", "贷前调查"
    MONITORING = "MONITORING", "贷后监测"
    GUARANTEE = "GUARANTEE", "担保审查"
    POLICY = "POLICY", "政策兑现"
    MATCHING = "MATCHING", "供需对接"
    INVESTMENT = "INVESTMENT", "投资评估"
    OBJECTION = "OBJECTION", "异议处理"


class Mask(Listed):
    """How a value is shown to readers who may not see all of it 脱敏方式."""

    NAME = "NAME", "姓名"
    PHONE = "PHONE", "电话"
    EMAIL = "EMAIL", "电子邮箱"
    IDENTITY_NUMBER = "IDENTITY_NUMBER", "证件号码"
    AMOUNT = "AMOUNT", "金额"
    ACCOUNT = "ACCOUNT", "银行账号"


LEVELS: Mapping[DataGroup, int] = {
    DataGroup.PUBLIC: 1,
    DataGroup.REGISTRATION: 1,
    DataGroup.QUALIFICATIONS: 1,
    DataGroup.ACHIEVEMENTS: 1,
    DataGroup.INTELLECTUAL_PROPERTY: 1,
    DataGroup.RANKING: 1,
    DataGroup.INVESTMENTS: 2,
    DataGroup.RISK: 2,
    DataGroup.MANAGERS: 2,
    DataGroup.OPERATIONS: 2,
    DataGroup.PEOPLE: 3,
    DataGroup.FILINGS: 3,
    DataGroup.UNPUBLISHED: 3,
    DataGroup.WORKFORCE: 3,
    DataGroup.CONTRACTS: 3,
    DataGroup.CREDIT: 3,
    DataGroup.CONSENTS: 3,
    DataGroup.ACCESS_LOG: 3,
    DataGroup.SCORE: 3,
    DataGroup.INDICATORS: 3,
    DataGroup.INTRODUCTIONS: 3,
    DataGroup.DEMANDS: 3,
    DataGroup.APPLICATIONS: 3,
    DataGroup.LENDING: 3,
    DataGroup.ZONE_LENDING: 3,
    DataGroup.PORTFOLIO: 3,
    DataGroup.LISTINGS: 3,
    DataGroup.POLICY_WORK: 3,
    DataGroup.ENTITLEMENTS: 3,
    DataGroup.ACCOUNTS: 4,
    DataGroup.DATA_OBJECTIONS: 3,
}
"""Data security level of a group's fields, 1 (public) to 5, unless a field says otherwise.

The scale is that of JR/T 0197-2020; which group has which level is the hub's own choice.
"""

SENSITIVE = 3
"""From this level on a reader has to sign in, and every look is recorded."""
