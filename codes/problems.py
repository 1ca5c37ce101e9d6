"""What a caller may mend: told as data, beside errors that are exceptional."""

from __future__ import annotations

import msgspec

from codes.kinds import Listed


class ProblemCode(Listed):
    """What is wrong with a change that somebody asked for 办理问题."""

    INVALID = "INVALID", "输入有误"
    NOT_FOUND = "NOT_FOUND", "未找到"
    NOT_ALLOWED = "NOT_ALLOWED", "当前状态或身份不允许"
    STALE_VERSION = "STALE_VERSION", "版本已变更"


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong, and where in the arguments it is."""

    code: ProblemCode
    message: str
    field: tuple[str, ...]


class Problems(Exception):
    """A change is not made, for reasons that its caller may mend."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.message for problem in problems))
