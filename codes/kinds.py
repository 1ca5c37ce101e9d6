"""The closed lists of the graph: each member has its name in the graph as value, and the Chinese term."""

from __future__ import annotations

from enum import Enum


class Listed(Enum):
    """A closed list whose members carry their Chinese term."""

    term: str

    def __new__(cls, name: str, term: str = "") -> Listed:
        """Make a member of its name and term."""
        member = object.__new__(cls)
        member._value_ = name
        member.term = term
        return member


class IdentifierKind(Listed):
    """By what another system knows an enterprise 标识种类."""

    ORGANISATION_CODE = "ORGANISATION_CODE", "组织机构代码"
    REGISTRATION_NUMBER = "REGISTRATION_NUMBER", "注册号"
    TAXPAYER_NUMBER = "TAXPAYER_NUMBER", "纳税人识别号"
    FORMER_CODE = "FORMER_CODE", "原代码"
    NAME = "NAME", "名称"


class RegistrationStatus(Listed):
    """Registration status of an enterprise 登记状态."""

    ACTIVE = "ACTIVE", "存续"
    MOVED_OUT = "MOVED_OUT", "迁出"
    SUSPENDED = "SUSPENDED", "停业"
    LIQUIDATING = "LIQUIDATING", "清算"
    REVOKED_NOT_DEREGISTERED = "REVOKED_NOT_DEREGISTERED", "吊销未注销"
    DEREGISTERED = "DEREGISTERED", "注销"
    CANCELLED = "CANCELLED", "撤销"
    UNKNOWN = "UNKNOWN", "其他"


class QualificationKind(Listed):
    """Qualification of an enterprise 资质: a dated fact, not a tag."""

    HIGH_TECH = "HIGH_TECH", "高新技术企业"
    TECHNOLOGY_SME = "TECHNOLOGY_SME", "科技型中小企业"
    INNOVATIVE_SME = "INNOVATIVE_SME", "创新型中小企业"
    SPECIALISED_SME = "SPECIALISED_SME", "专精特新中小企业"
    LITTLE_GIANT = "LITTLE_GIANT", "专精特新小巨人"
    GAZELLE = "GAZELLE", "瞪羚企业"
    UNICORN = "UNICORN", "独角兽企业"
    HIGH_GROWTH = "HIGH_GROWTH", "高成长性科技型企业"
    YINGSHANHONG = "YINGSHANHONG", "映山红企业"  # a listing reserve, not an innovation title
    TECHNOLOGY_INNOVATION_DEMONSTRATION = "TECHNOLOGY_INNOVATION_DEMONSTRATION", "国家技术创新示范企业"
    IP_ADVANTAGE = "IP_ADVANTAGE", "国家知识产权优势企业"
    IP_DEMONSTRATION = "IP_DEMONSTRATION", "国家知识产权示范企业"


class Level(Listed):
    """Level of government 级别."""

    NATIONAL = "NATIONAL", "国家级"
    PROVINCIAL = "PROVINCIAL", "省级"
    MUNICIPAL = "MUNICIPAL", "市级"
    DISTRICT = "DISTRICT", "区级"


class StandardLevel(Listed):
    """Level of a standard 标准级别."""

    INTERNATIONAL = "INTERNATIONAL", "国际标准"
    NATIONAL = "NATIONAL", "国家标准"
    INDUSTRY = "INDUSTRY", "行业标准"
    LOCAL = "LOCAL", "地方标准"
    GROUP = "GROUP", "团体标准"
    ENTERPRISE = "ENTERPRISE", "企业标准"


class PatentKind(Listed):
    """Kind of patent 专利类型."""

    INVENTION = "INVENTION", "发明"
    UTILITY_MODEL = "UTILITY_MODEL", "实用新型"
    DESIGN = "DESIGN", "外观设计"


class PatentStatus(Listed):
    """Legal state of a patent 专利法律状态."""

    PENDING = "PENDING", "审查中"
    GRANTED = "GRANTED", "授权"
    LAPSED = "LAPSED", "失效"
    REJECTED = "REJECTED", "驳回"


class RiskKind(Listed):
    """Kind of risk flag 风险标识."""

    ABNORMAL_OPERATION = "ABNORMAL_OPERATION", "经营异常名录"
    SERIOUS_VIOLATION = "SERIOUS_VIOLATION", "严重违法失信名单"
    PENALTY = "PENALTY", "行政处罚"
    TAX_ARREARS = "TAX_ARREARS", "欠税"
    TAX_NON_NORMAL = "TAX_NON_NORMAL", "税务非正常户"
    DISHONEST_DEBTOR = "DISHONEST_DEBTOR", "失信被执行人"


class TaxCreditGrade(Listed):
    """Grade of tax credit 纳税信用等级; M is for those of whom there is too little to grade yet."""

    A = "A", "A级"
    B = "B", "B级"
    M = "M", "M级"
    C = "C", "C级"
    D = "D", "D级"


class EnvironmentalGrade(Listed):
    """Grade of environmental credit 环境信用等级, best first, in the colours that bureaus publish it by."""

    GREEN = "GREEN", "绿牌"
    BLUE = "BLUE", "蓝牌"
    YELLOW = "YELLOW", "黄牌"
    RED = "RED", "红牌"
    BLACK = "BLACK", "黑牌"


class InstitutionKind(Listed):
    """Kind of institution a technology manager belongs to 机构类型."""

    UNIVERSITY = "UNIVERSITY", "高校"
    RESEARCH_INSTITUTE = "RESEARCH_INSTITUTE", "科研院所"
    ENTERPRISE = "ENTERPRISE", "企业"
    MEDICAL = "MEDICAL", "医疗机构"
    INVESTOR_OR_INCUBATOR = "INVESTOR_OR_INCUBATOR", "投资与孵化机构"
    TRANSFER_AGENCY = "TRANSFER_AGENCY", "技术转移机构"
    OVERSEAS = "OVERSEAS", "海外"


class SuggestionReasonKind(Listed):
    """Why a technology manager is suggested 推荐理由."""

    INDUSTRY = "INDUSTRY", "行业"
    FIELD = "FIELD", "领域"
    REGION = "REGION", "地区"


class ManagerGrade(Listed):
    """Grade of a technology manager 技术经理人等级, T/CASTEM 1007-2022."""

    JUNIOR = "JUNIOR", "初级"
    MIDDLE = "MIDDLE", "中级"
    SENIOR = "SENIOR", "高级"


class GuaranteeKind(Listed):
    """How a loan is secured 担保方式."""

    CREDIT = "CREDIT", "信用"
    MORTGAGE = "MORTGAGE", "抵押"
    PLEDGE = "PLEDGE", "质押"
    IP_PLEDGE = "IP_PLEDGE", "知识产权质押"
    SURETY = "SURETY", "保证"
    GUARANTEE_COMPANY = "GUARANTEE_COMPANY", "融资担保"


class Sharing(Listed):
    """Sharing class of a source 共享属性, State Council Order 809."""

    UNCONDITIONAL = "UNCONDITIONAL", "无条件共享"
    CONDITIONAL = "CONDITIONAL", "有条件共享"
    NEVER = "NEVER", "不予共享"


class SourceState(Listed):
    """How a source is doing 运行状况."""

    WELL = "WELL", "正常"
    AILING = "AILING", "异常"
    DOWN = "DOWN", "中断"
    UNKNOWN = "UNKNOWN", "未知"


class BreakerState(Listed):
    """Whether a source is asked 熔断状态."""

    CLOSED = "CLOSED", "闭合"
    OPEN = "OPEN", "断开"
    HALF_OPEN = "HALF_OPEN", "半开"
