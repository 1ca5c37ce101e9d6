"""Registration status 登记状态 from the free text that registries write."""

from __future__ import annotations

import unicodedata

from codes.kinds import RegistrationStatus as Status

_TEXTS: dict[Status, tuple[str, ...]] = {
    Status.ACTIVE: ("开业", "在业", "在营", "在册", "正常", "存续", "登记成立", "筹建", "个体转企业"),
    Status.MOVED_OUT: ("迁出", "迁移异地"),
    Status.SUSPENDED: ("停业", "歇业"),
    Status.LIQUIDATING: ("清算", "清算中"),
    Status.REVOKED_NOT_DEREGISTERED: ("吊销", "已吊销", "吊销,未注销", "吊销未注销"),
    Status.DEREGISTERED: ("注销", "已注销", "吊销,已注销"),
    Status.CANCELLED: ("撤销", "已撤销"),
    Status.UNKNOWN: ("其他",),
}
_STATUS = {text: status for status, texts in _TEXTS.items() for text in texts}


def parse(text: str) -> Status | None:
    """Return the status that a registry's text means, brackets and widths aside; None if it is not known."""
    plain = unicodedata.normalize("NFKC", text).replace("、", ",").replace(" ", "").strip()
    return _STATUS.get(plain) or _STATUS.get(plain.partition("(")[0])
