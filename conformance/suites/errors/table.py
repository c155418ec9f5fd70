"""Claims about the documented refusals."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import accepted, case, check, equal, fail, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.dialect import ErrorRow
from conformance.contracts.world import World
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.orders import Order, Side, Status
from conformance.model.outcomes import Accepted, NotSent, Outcome, OutcomeUnknown, Rejected
from conformance.model.wire import Condition, Operation
from conformance.suites.staging import empty_purse, rest
from conformance.suites.witness import known, sent

_NEEDS = [Capability.PLACE, Capability.QUERY]
_HEIR_MS = 1_500
"""An heir does not know what was spent before it: limits of a second are waited out."""
_SCARRED = (
    Category.AUTH,
    Category.BANNED,
    Category.CLOCK,
    Category.MAINTENANCE,
    Category.STREAM_KEY,
    Category.THROTTLED,
    Category.UNKNOWN,
)
"""After these an adapter rightly behaves differently: judge the next row with a new one."""
_RESOLVABLE = (Category.UNKNOWN, Category.RETRY, Category.CLOCK, Category.ALREADY)
"""After these an adapter may get to success by itself."""


def _fits(row: ErrorRow, outcome: Outcome[Order], operation: Operation) -> bool:
    """Return True when the outcome is of the class that the table gives the row."""
    category = Category(row.category)
    if isinstance(outcome, Accepted):
        found = category is Category.NOT_FOUND and operation is not Operation.PLACE
        return found or category in _RESOLVABLE
    if category is Category.UNKNOWN:
        changes = operation is not Operation.QUERY_ORDER
        return isinstance(outcome, OutcomeUnknown) or (not changes and _says(outcome, category))
    if category is Category.NOT_FOUND and isinstance(outcome, OutcomeUnknown):
        return True
    return _says(outcome, category)


def _says(outcome: Outcome[Order], category: Category) -> bool:
    return isinstance(outcome, Rejected) and outcome.category is category


async def _provoke(
    adapter: Adapter, world: World, row: ErrorRow, operation: Operation, target: Order | None
) -> Outcome[Order]:
    """Let one call be answered with the row; what may have happened did happen."""
    executed = row.category == Category.UNKNOWN and operation is not Operation.QUERY_ORDER
    world.faults.answer_code(operation, row.code, executed=executed, times=1)
    if operation is Operation.PLACE or target is None:
        return await adapter.place(world.request())
    if operation is Operation.CANCEL:
        return await adapter.cancel(world.symbol, client_id=target.client_id)
    return await adapter.order(world.symbol, client_id=target.client_id)


def _concerns(row: ErrorRow, operation: Operation) -> bool:
    return operation in row.operations if row.operations else True


@case("ERR-01", level=1, needs=_NEEDS, source="JP, NT", stimulus=True)
@for_each(operation=[Operation.PLACE, Operation.CANCEL, Operation.QUERY_ORDER])
async def every_documented_code_has_its_class(
    adapter: Adapter, world: World, operation: Operation
) -> None:
    """Each documented code leads to the outcome class that the venue's table gives it."""
    world.market.deposit(world.reference_price() * 100)
    deviations, target = [], None
    rows = [row for row in world.errors if _concerns(row, operation)]
    for row in rows:
        if operation is not Operation.PLACE and (target is None or not _alive(world, target)):
            target = await rest(adapter, world)
        outcome = await _provoke(adapter, world, row, operation, target)
        if not _fits(row, outcome, operation):
            deviations.append(f"{row.code} is {row.category}, the adapter says {outcome}")
        if Category(row.category) in _SCARRED:
            adapter, target = await world.restart(adapter), None
            await world.quiet(_HEIR_MS)
        if operation is Operation.PLACE:
            for order in world.truth.open_orders():
                world.market.cancel(order.client_id)
    check(
        not deviations,
        f"every documented refusal of {operation} is understood as the venue means it",
        expected=f"the class of the table, for all {len(rows)} codes",
        observed="; ".join(deviations),
    )


def _alive(world: World, target: Order) -> bool:
    truth = world.truth.order(target.client_id)
    return bool(truth and truth.status.live)


@case("ERR-02", level=1, needs=[Capability.BATCH, Capability.REDUCE_ONLY], source="CX")
@for_each(bad=["first", "all"])
async def an_error_inside_a_success_is_an_error(adapter: Adapter, world: World, bad: str) -> None:
    """An answer of success that carries refusals inside is not taken for success."""
    requests = [world.request(Side.BUY, ticks_away=200 + n) for n in range(3)]
    for number, request in enumerate(requests):
        if bad == "all" or number == 0:
            requests[number] = replace(request, reduce_only=True)
    outcomes = await adapter.place_batch(requests)
    equal(len(outcomes), len(requests), "a batch returns one outcome for each order")
    for request, outcome in zip(requests, outcomes, strict=True):
        if request.reduce_only:
            check(
                isinstance(outcome, Rejected | NotSent),
                "a refusal inside a successful answer is a refusal",
                expected="Rejected",
                observed=outcome,
            )
        else:
            accepted(outcome, "a good order beside a bad one")
    live = {order.client_id for order in world.truth.open_orders()}
    equal(
        live,
        {request.client_id for request in requests if not request.reduce_only},
        "exactly the good orders live at the venue",
    )


@case("ERR-03", level=1, needs=_NEEDS, source="NT", stimulus=True)
async def code_and_text_of_a_refusal_are_kept(adapter: Adapter, world: World) -> None:
    """A refusal keeps the venue's own code and text, whatever the status of the answer."""
    definite = {Category.REQUEST, Category.STATE, Category.AUTH, Category.NOT_FOUND}
    by_status = {
        row.status: row
        for row in reversed(world.errors)
        if Category(row.category) in definite and _concerns(row, Operation.QUERY_ORDER)
    }
    for status in sorted(by_status):
        row = by_status[status]
        world.faults.answer_code(Operation.QUERY_ORDER, row.code, times=1)
        outcome = await adapter.order(world.symbol, client_id=world.client_id())
        if not isinstance(outcome, Rejected):
            fail("a documented refusal is a refusal", expected=row, observed=outcome)
        equal(outcome.code, row.code, "the venue's code is kept")
        check(
            outcome.text.strip() and (row.text in outcome.text or outcome.text in row.text),
            "the venue's text is kept",
            expected=row.text,
            observed=outcome.text,
        )
        adapter = await world.restart(adapter)


@case("ERR-08", level=1, needs=[Capability.PLACE], source="GCT")
async def no_money_is_a_plain_refusal(adapter: Adapter, world: World) -> None:
    """An order without the margin for it is refused once, leaves nothing and is not repeated."""
    empty_purse(world)
    request = world.request()
    outcome = await adapter.place(request)
    check(
        isinstance(outcome, NotSent)
        or (isinstance(outcome, Rejected) and outcome.category is Category.STATE),
        "an order without margin is a definite refusal",
        expected="Rejected(state)",
        observed=outcome,
    )
    await world.quiet(120_000)
    client_id = request.client_id or ""
    check(
        len(sent(world, client_id)) <= 1,
        "an order without margin is not tried again",
        expected="at most one request",
        observed=len(sent(world, client_id)),
    )
    word = known(adapter, client_id) if Capability.USER_STREAM in adapter.capabilities else None
    check(
        word is None or word.status is Status.REJECTED,
        "a refused order is not believed to live",
        expected="rejected, or forgotten",
        observed=word,
    )
    world.market.deposit(world.reference_price() * 10)
    accepted(await adapter.place(world.request()), "an order after money came in")


@case("ERR-09", level=1, needs=_NEEDS, source="CME", stimulus=True)
@for_each(trouble=["bad-key", "no-permission", "revoked"])
async def a_refused_key_stops_trading(adapter: Adapter, world: World, trouble: str) -> None:
    """A key that the venue refuses stops trading at once, instead of being tried again."""
    if trouble == "revoked":
        world.faults.revoke_key()
    else:
        condition = Condition.BAD_KEY if trouble == "bad-key" else Condition.NO_PERMISSION
        world.faults.answer(Operation.PLACE, condition, times=1_000)
    outcomes: list[object] = []
    for _ in range(6):
        try:
            outcomes.append(await adapter.place(world.request()))
        except AdapterError as error:
            outcomes.append(error)
        await world.quiet(10_000)
    first = outcomes[0]
    check(
        isinstance(first, AdapterError)
        or (isinstance(first, Rejected) and first.category is Category.AUTH),
        "a refused key is understood as a matter of authorisation",
        expected="Rejected(auth)",
        observed=first,
    )
    check(
        len(world.wire.calls(Operation.PLACE)) <= 2,
        "after a refused key no further order is sent",
        expected="at most one retry",
        observed=f"{len(world.wire.calls(Operation.PLACE))} requests",
    )
    check(
        adapter.health in (Health.HALTED, Health.STOPPED),
        "an adapter with a refused key says that it is halted",
        expected="halted",
        observed=adapter.health,
    )
