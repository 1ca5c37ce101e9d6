"""Why an operation is not answered at all, as its reader is told."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import GraphQLError
from msgspec.structs import replace

from resolvers.access import UnregisteredPurpose, Withheld
from resolvers.auditing import AuditUnavailable
from resolvers.execution.cost import TooDear
from resolvers.execution.documents import Refused
from resolvers.execution.encoding import encoded
from resolvers.execution.errors import BAD_INPUT, COST_LIMIT, FORBIDDEN, formatted
from resolvers.execution.limits import TooMuch
from resolvers.execution.literals import DOCUMENTS_OWN
from resolvers.execution.operation import Answer, Operation
from resolvers.execution.variables import Unacceptable
from resolvers.request import BadInput
from resolvers.trail import NoReceipt

REFUSALS = (
    Refused, Unacceptable, BadInput, TooMuch, TooDear, UnregisteredPurpose, NoReceipt, AuditUnavailable, Withheld
)  # fmt: skip

_SUGGESTION = " Did you mean "


def refusal(error: Exception, operation: Operation, suggests: bool) -> Answer:
    """Return the answer to an operation that was refused for one of REFUSALS.

    It `suggests` names of the schema only to those who may read that.
    """
    text = operation.query
    if isinstance(error, Refused | Unacceptable):
        errors = error.errors if suggests else [_unsuggestive(one) for one in error.errors]
        return request_error(errors, getattr(error, "code", BAD_INPUT), text)
    if isinstance(error, TooMuch):
        return request_error([GraphQLError(f"The document {error}; ask in several requests.")], COST_LIMIT, text)
    if isinstance(error, TooDear):
        return request_error([_told(error)], COST_LIMIT, text)
    if isinstance(error, AuditUnavailable):
        refused = request_error([GraphQLError(str(error))], error.code, text)
        return replace(refused, retry_after_seconds=error.retry_after_seconds)
    if isinstance(error, Withheld):
        return request_error([GraphQLError(str(error))], error.code, text)
    return request_error([GraphQLError(str(error))], FORBIDDEN if isinstance(error, NoReceipt) else BAD_INPUT, text)


def request_error(errors: Sequence[GraphQLError], code: str, text: str) -> Answer:
    """Return an answer that has no data, only errors of a code."""
    shown = [formatted(error, text, DOCUMENTS_OWN, code) for error in errors]
    codes = frozenset(error["extensions"]["code"] for error in shown)
    return Answer(encoded({"errors": shown}), request_error=True, errors=codes)


def _unsuggestive(error: GraphQLError) -> GraphQLError:
    """Return a document's error without the names that it suggests."""
    said, *suggested = error.message.split(_SUGGESTION)  # a reader's own text in it may say so thousands of times
    message = said + "".join(part.partition("?")[2] for part in suggested)
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path)


def _told(dear: TooDear) -> GraphQLError:
    dearest = [{"path": path, "cost": share} for path, share in dear.dearest]
    return GraphQLError(str(dear), extensions={"cost": dear.cost, "limit": dear.limit, "dearest": dearest})
