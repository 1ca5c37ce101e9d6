"""From an operation to its answer, with what it took from the sources."""

from __future__ import annotations

import asyncio
import math
import re
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from functools import cached_property
from time import perf_counter_ns as moment
from typing import Any

import strawberry
import structlog
from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution import execute
from msgspec.structs import replace

from auth.limits import DONE
from auth.principal import Principal
from auth.rules import MOST_KEYS, Rulebook
from codes.access import Role
from connectors.session import Freshness, Session
from resolvers.access import Access, access
from resolvers.audience import AUDIENCE_HEADER, Audiences, role_of
from resolvers.auditing import AuditUnavailable
from resolvers.binding import Graph, bind
from resolvers.caller import Reader
from resolvers.execution.arguments import Unliftable
from resolvers.execution.assembly import Assembly
from resolvers.execution.cost import Bill
from resolvers.execution.documents import Document, Documents
from resolvers.execution.encoding import encoded
from resolvers.execution.errors import DOCUMENT_NOT_TRUSTED, FORBIDDEN, OPERATION_FAILURE, formatted
from resolvers.execution.explain import Explanation, explanation
from resolvers.execution.literals import DOCUMENTS_OWN, Literals
from resolvers.execution.operation import NOTHING, Answer, Operation, Renewed
from resolvers.execution.prepared import Binding, Prepared
from resolvers.execution.preview import Preview, Previews, is_wanted, scopes
from resolvers.execution.refusing import REFUSALS, refusal, request_error
from resolvers.execution.run import Run, Timing
from resolvers.execution.showing import Outcome, as_shown, codes_of, previewed
from resolvers.execution.signature import Signature, signature
from resolvers.execution.slow import Observed, SlowLog
from resolvers.execution.stock import StockContext, attach
from resolvers.execution.streams import Streams
from resolvers.execution.texts import Texts
from resolvers.execution.variables import Unacceptable, Variables, too_long
from resolvers.guarding import Guarding
from resolvers.request import BadInput, Hub, Request
from resolvers.trail import Wishes, audited, recording, wishes
from schema.graph import sdl
from schema.holdings import holdings

_log = structlog.get_logger()

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*(\d{1,9})\s*(?:,|$)")
_NOT_TRUSTED = "Your client asks only what was registered for it; send the hash of that as documentId, and no query."
_NO_INTROSPECTION = "Your roles may not read the schema, neither by introspection nor at /schema.graphql."


class Engine:
    """Answers operations over one schema."""

    def __init__(
        self,
        schema: strawberry.Schema,
        graph: Graph,
        hub: Hub,
        *,
        request_seconds: float = 8.0,
        compiled: bool = True,
        explains: bool = False,
        cost_limit: int = 100_000,
        most_keys: int = MOST_KEYS,
        rules: Rulebook | None = None,
        slow_seconds: float | None = None,
    ) -> None:
        """Bind the schema to its resolvers; raise BindingError where they disagree.

        By `rules` readers see what they may; without, everybody sees everything that is published. Raise Unclassified
        or NullWouldSpread for a schema that rules cannot be applied to.

        With `compiled` off, every operation goes the reference's way: object by object, by graphql-core. With
        `explains`, whoever asks for `extensions.plan` is told what was done; without, operators are. No request may
        cost more units than `cost_limit`, nor hold a list of more than `most_keys` members, unless rules allow it.
        Operations that take longer than `slow_seconds` are logged.
        """
        self._explains = explains
        self._cost_limit = cost_limit
        self._most_keys = most_keys
        self.hub = hub
        self._rules = rules
        answers = bind(schema, graph)
        attach(schema, graph, answers)
        self._schema = schema._schema
        self._declared = schema
        guarding = Guarding(graph, holdings(schema), hub.sources.shared) if rules else None
        self._binding = Binding(schema, graph, answers, guarding)
        self._previews = Previews(hub, rules, guarding, cost_limit)
        self.documents = Documents(self._binding)
        self._audiences = Audiences(schema, rules)
        self._streams = Streams(self)
        self._request_seconds = request_seconds
        self._compiled = compiled
        self.texts = Texts()
        self._slow = SlowLog(slow_seconds)
        self.at_work = 0
        """How many operations are being answered."""

    async def answer(self, operation: Operation, happening: Any = NOTHING, reader: Access | None = None) -> Answer:
        """Return the answer of an operation; of a subscription, what it asks of something that has happened.

        `reader` is what is known of its reader's access already.
        """
        observed = Observed(moment())
        self.at_work += 1
        try:
            reader = reader or access(self._rules, operation.principal, operation.headers)
            wished = wishes(operation, self.hub.auditor)
            answer = await self._answer(operation, reader, wished, happening, observed)
        except REFUSALS as error:
            answer = refusal(error, operation, True)
        finally:
            self.at_work -= 1
        took = observed.done(bool(operation.principal.organisation), not answer.request_error, answer.errors)
        if took > self._slow.beyond:
            self._slow.note(observed)
        return replace(answer, timing=observed.timing()) if self._tells(operation) else answer

    def answers(self, operation: Operation, renewed: Renewed) -> AsyncGenerator[Answer, None]:
        """Give the answers of an operation as they come: a subscription's, of each event that is the reader's business.

        Before each event `renewed` gives the operation as its reader may ask it then. A request error ends them.
        """
        return self._streams.answers(operation, renewed)

    async def _answer(
        self,
        operation: Operation,
        reader: Access,
        wished: Wishes,
        happening: Any,
        observed: Observed,
    ) -> Answer:
        try:
            if operation.untrusted:
                reader.refused("document", DOCUMENT_NOT_TRUSTED)
                await audited(self.hub.auditor, operation, reader, wished)
                return request_error([GraphQLError(_NOT_TRUSTED)], DOCUMENT_NOT_TRUSTED, operation.query)
            document, literals = self.documents.get(operation.query)
            prepared = document.prepared(operation.name)
            observed.name = prepared.name
            observed.document = moment()
            if prepared.introspects and not _may_introspect(reader):
                reader.refused("__schema", FORBIDDEN)
                await audited(self.hub.auditor, operation, reader, wished)
                return request_error([GraphQLError(_NO_INTROSPECTION)], FORBIDDEN, operation.query)
            if prepared.introspects and (audience := operation.headers.get(AUDIENCE_HEADER)):
                return await self._introspected(operation, document, prepared, audience)
            if refused := _refused_kind(prepared.operation, operation, happening):
                return refused
            try:
                found = await self._found(operation, reader, wished, document, prepared, literals, happening, observed)
            except Unliftable:
                document = self.documents.alone(operation.query)
                prepared = document.prepared(operation.name)
                found = await self._found(
                    operation, reader, wished, document, prepared, DOCUMENTS_OWN, happening, observed
                )
        except REFUSALS as error:
            return refusal(error, operation, _may_introspect(reader))
        if isinstance(found, Preview):
            return Answer(encoded(previewed(found)), request_error=False)
        if prepared.deprecated and self.hub.usage:
            self.hub.usage.note(operation.principal.client, prepared.deprecated)
        observed.cost, observed.usage, observed.explanation = found.cost, found.request.session.usage, found.slow
        self.hub.sources.count(observed.usage)
        shown = as_shown(found, operation.query)
        receipt = wished.receipt
        body = b"" if receipt else encoded(shown)  # before the record is waited for, while what is encoded is at hand
        observed.encode = moment()
        if reader.noted is not None or receipt:
            await audited(
                self.hub.auditor, operation, reader, wished, found.request.session.usage, shown if receipt else None
            )
            observed.record = moment()
        return Answer(encoded(shown) if receipt else body, request_error=False, errors=codes_of(shown))

    async def _introspected(
        self, operation: Operation, document: Document, prepared: Prepared, audience: str
    ) -> Answer:
        """Answer an introspection as the readers of a role see the schema."""
        told = await asyncio.to_thread(
            self._audiences.introspected, audience, document.node, prepared.operation, operation.variables
        )
        shown: dict[str, Any] = {"data": told.data}
        if told.errors:
            shown["errors"] = [formatted(error, operation.query, DOCUMENTS_OWN) for error in told.errors]
        return Answer(encoded(shown), request_error=False)

    @cached_property
    def sdl(self) -> str:
        """The schema as text."""
        return sdl(self._declared)

    def text(self, audience: str) -> str:
        """Return the schema as text, cut to what a role can see if one is named; raise BadInput for none."""
        return self._audiences.text(role_of(audience)) if audience else self.sdl

    def succeed(self, before: Engine) -> None:
        """Take the place of another engine also for those who listen to it, from the next event on."""
        self._streams = before._streams
        self._streams.engine = self

    def prepare(self, operation: Operation, reader: Access) -> tuple[Prepared, Variables]:
        """Return an operation and its variables, checked by all that a reader's question is checked by.

        Raises any of REFUSALS.
        """
        document = self.documents.alone(operation.query)
        prepared = document.prepared(operation.name)
        variables = self._checked(operation, reader, document, prepared)
        prepared.price(variables).check(self._cost_limit, variables, DOCUMENTS_OWN)
        return prepared, variables

    def compile(self, text: str, principal: Principal) -> None:
        """Plan a document's one operation as a reader will ask it, for any of its purposes; raise Refused."""
        prepared = self.documents.get(text)[0].prepared(None)
        if prepared.detour is None:
            for purpose in (None, *principal.purposes):
                rights = self._rules.rights(principal, purpose) if self._rules else None
                plan = prepared.plan(Variables({}, prepared.variables, {}), rights)
                deque(scopes([plan.root]), maxlen=0)

    def signature(self, text: str) -> Signature:
        """Return what a valid document with one operation takes and gives."""
        return signature(self._schema, text)

    def reader(self, operation: Operation) -> tuple[Access, Request]:
        """Return what a reader may see, and a request of its own; raises any of REFUSALS."""
        reader = access(self._rules, operation.principal, operation.headers)
        return reader, self._request(operation, freshness(operation), reader)

    def _request(self, operation: Operation, limits: Freshness | None, reader: Access) -> Request:
        caller = Reader(operation, reader) if self.hub.sources.personal else None
        return Request(self.hub, Session.lasting(self._request_seconds, limits, caller=caller), reader)

    def explained(self, text: str, variables: Mapping[str, Any], name: str | None = None) -> Explanation:
        """Return what would be done for a query; raise Refused or Unacceptable if nothing would."""
        document = self.documents.alone(text)
        prepared = document.prepared(name)
        given = prepared.variables.coerced(variables)
        price, bill = prepared.price(given), Bill(given, DOCUMENTS_OWN)
        if prepared.detour:
            return Explanation(f"reference: {prepared.detour}", price.units(bill))
        return explanation(prepared.plan(given).root, self.hub.sources, price, bill)

    async def _found(
        self,
        operation: Operation,
        reader: Access,
        wished: Wishes,
        document: Document,
        prepared: Prepared,
        literals: Literals,
        happening: Any,
        observed: Observed,
    ) -> Outcome | Preview:
        detour = prepared.detour if self._compiled else "switched off"
        if detour and literals.lifted:
            raise Unliftable
        variables = self._checked(operation, reader, document, prepared)
        plan = None if detour else prepared.plan(variables, reader.rights)
        if plan and literals.lifted:
            plan.check(variables, literals)
        limits = freshness(operation)
        price = prepared.price(variables)
        if is_wanted(operation.headers):
            return await self._previews.of(plan, detour, price, Bill(variables, literals), reader)
        cost = price.check(self._cost_limit, variables, literals)
        if operation.spend and (paying := operation.spend(cost)) is not DONE:
            await paying
        request = self._request(operation, limits, reader)
        happened = None if happening is NOTHING else happening
        observed.plan = moment()
        if plan is None:
            if operation.before_waiting:
                operation.before_waiting()
            if self.hub.auditor:
                request.record = recording(self.hub.auditor, operation, request, wished)
            found = await self._by_reference(operation, document, request, str(detour), cost, happened)
            observed.run = moment()
            return found
        tells_plan = bool(operation.extensions.get("plan")) and self._tells(operation)
        timings: list[Timing] | None = [] if tells_plan or self._slow.beyond < math.inf else None
        run = Run(plan, request, variables, literals, operation.before_waiting, timings)
        level, waiting = run.begin(happened)
        if waiting:
            await run.rest(waiting)
        observed.run = moment()
        # What a receipt is given for has to be read once more, and so is not to be text.
        assembly = Assembly(request, None if wished.receipt else self.texts)
        (data,) = assembly.objects(level)
        observed.assemble = moment()
        told, is_slow = None, observed.assemble - observed.began > self._slow.beyond and self._slow.is_due
        if timings is not None and (tells_plan or is_slow):
            told = explanation(plan.root, self.hub.sources, price, Bill(variables, literals), timings)
        shown, slow = told if tells_plan else None, told if is_slow else None
        return Outcome(data, assembly.errors, request, literals, "compiled", cost, shown, slow)

    def _checked(self, operation: Operation, reader: Access, document: Document, prepared: Prepared) -> Variables:
        """Return the variables; raise BadInput or Unacceptable for a list that is too long, or a wrong value."""
        most = max(self._most_keys, reader.keys)
        if document.longest_list > most:
            raise BadInput(too_long("The document", document.longest_list, most))
        prepared.variables.check_lists(operation.variables, most)
        return prepared.variables.coerced(operation.variables)

    def _tells(self, operation: Operation) -> bool:
        """Say whether a reader is told how its answer was made."""
        roles = operation.principal.roles
        return self._explains or (bool(roles) and Role.OPERATOR in roles)

    async def _by_reference(
        self, operation: Operation, document: Document, request: Request, detour: str, cost: int, happened: Any
    ) -> Outcome:
        _log.debug("operation.by_reference", because=detour)
        context = StockContext(request, self._binding.answers(request.access.rights))
        try:
            outcome = execute(
                self._schema,
                document.node,
                root_value=happened,
                context_value=context,
                variable_values=dict(operation.variables),
                operation_name=operation.name,
            )
            result = outcome if isinstance(outcome, ExecutionResult) else await outcome
        finally:
            context.cancel()
        for error in result.errors or ():
            if isinstance(error.original_error, AuditUnavailable):
                raise error.original_error
        if result.data is None and result.errors and all(error.path is None for error in result.errors):
            raise Unacceptable(list(result.errors))
        return Outcome(result.data, result.errors or (), request, DOCUMENTS_OWN, f"reference: {detour}", cost)


def _may_introspect(reader: Access) -> bool:
    return reader.rights is None or reader.rights.introspection


def freshness(operation: Operation) -> Freshness | None:
    """Return what the reader says of age: `extensions.maxAge` in seconds, or Cache-Control's max-age.

    `extensions.ifOlder` is FLAG (the default: the answer says so) or REFUSE (null, with the reason STALE).
    """
    given = operation.extensions.get("maxAge")
    if_older = operation.extensions.get("ifOlder", "FLAG")
    if if_older not in ("FLAG", "REFUSE"):
        raise BadInput(f"extensions.ifOlder is {if_older!r}; give FLAG or REFUSE.")
    if given is None:
        written = operation.headers.get("cache-control")
        header = _MAX_AGE.search(written) if written else None
        return Freshness(float(header[1]), if_older == "REFUSE") if header else None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < 1e9:
        raise BadInput(f"extensions.maxAge is {str(given)[:40]!r}; give seconds, 0 or more.")
    return Freshness(float(given), if_older == "REFUSE")


def _refused_kind(chosen: OperationDefinitionNode, operation: Operation, happening: Any) -> Answer | None:
    if chosen.operation is OperationType.QUERY:
        return None
    if chosen.operation is OperationType.MUTATION:
        if not operation.read_only:
            return None
        message = "A mutation is not answered by GET."
    elif happening is not NOTHING:
        return None
    else:
        message = (
            "A subscription is not answered by plain HTTP. Accept text/event-stream, or connect by WebSocket "
            "(graphql-transport-ws); docs/live.md says how."
        )
    refused = request_error([GraphQLError(message)], OPERATION_FAILURE, operation.query)
    return Answer(refused.body, request_error=True, kind_refused=True)
