"""Claims about signatures that outside witnesses and every kind of key put to the test."""

from __future__ import annotations

from random import Random
from string import ascii_letters, digits

from conformance.cases import accepted, case, check, equal, fail, for_each
from conformance.contracts.adapter import Adapter, Credentials
from conformance.contracts.world import World
from conformance.errors import AdapterError, Beyond
from conformance.model.capabilities import Capability
from conformance.model.orders import Kind, MarginMode, OrderRequest, Side, TimeInForce
from conformance.model.wire import RoundTrip
from conformance.suites.staging import order_of, quote, rest

MESSAGES = 1_000
"""Enough for every character of base64 to stand at every place of a signature."""
STAMP_MS_MAX = 1_000
"""How far a timestamp may be from its arrival where nothing delays a request."""
_ID_LENGTH_MAX = 32
_TIMES = (
    (Capability.IOC, TimeInForce.IOC),
    (Capability.FOK, TimeInForce.FOK),
    (Capability.POST_ONLY, TimeInForce.POST_ONLY),
)


async def _orders(adapter: Adapter, world: World) -> None:
    """Make the calls about orders that the adapter offers, in more than one form each."""
    offered = adapter.capabilities
    for side in Side:
        await _placed(adapter, world, side)
        await _handled(adapter, world, side)
    if Capability.REDUCE_ONLY in offered:
        await adapter.place(order_of(world, Side.SELL, reduce_only=True))
    if Capability.BATCH in offered:
        await adapter.place_batch([world.request(lots=lots) for lots in range(3)])
    for symbol in world.symbols[:3]:
        await adapter.open_orders(symbol)
        if Capability.CANCEL_ALL in offered:
            await adapter.cancel_all(symbol)


async def _placed(adapter: Adapter, world: World, side: Side) -> None:
    """Place orders of every kind."""
    for lots in range(3):
        await adapter.place(world.request(side, lots=lots, ticks_away=150 + 7 * lots))
    for capability, time_in_force in _TIMES:
        if capability in adapter.capabilities:
            await adapter.place(order_of(world, side, time_in_force=time_in_force))
    if Capability.MARKET in adapter.capabilities:
        quote(world, side)
        await adapter.place(order_of(world, side, kind=Kind.MARKET))


async def _handled(adapter: Adapter, world: World, side: Side) -> None:
    """Ask for orders, change and cancel them, by either of their names."""
    order = await rest(adapter, world, side=side)
    await adapter.order(world.symbol, client_id=order.client_id)
    await adapter.order(world.symbol, venue_id=order.venue_id)
    if Capability.AMEND in adapter.capabilities:
        price, quantity = world.price(250, side), world.quantity(2)
        await adapter.amend(world.symbol, client_id=order.client_id, price=price, quantity=quantity)
    await adapter.cancel(world.symbol, client_id=order.client_id)
    other = await rest(adapter, world, side=side)
    await adapter.cancel(world.symbol, venue_id=other.venue_id)


async def _account(adapter: Adapter, world: World) -> None:
    """Make the calls about the account that the adapter offers."""
    offered = adapter.capabilities
    if Capability.BALANCES in offered:
        await adapter.balances()
    if Capability.POSITIONS in offered:
        await adapter.positions()
    if Capability.FUNDING in offered:
        await adapter.payments(world.symbol, since_ms=world.now() - 3_600_000)
    quiet = world.symbols[1]
    if Capability.LEVERAGE in offered:
        for leverage in (3, 7):
            await adapter.set_leverage(quiet, leverage)
    if Capability.MARGIN_MODE in offered:
        for mode in (MarginMode.ISOLATED, MarginMode.CROSS):
            await adapter.set_margin_mode(quiet, mode)


def _signed(world: World) -> list[RoundTrip]:
    return [call for call in world.wire.calls() if call.reading.signed]


@case("SIG-01", level=1, needs=[Capability.PLACE, Capability.QUERY], source="OIDF, CX", oracle=True)
async def every_witness_signs_the_same(adapter: Adapter, world: World) -> None:
    """Text and signature of every private call are, byte for byte, those of the official SDKs."""
    await _account(adapter, world)
    await _orders(adapter, world)
    signed = _signed(world)
    check(signed, "private calls are signed", expected="at least one signed call")
    witnesses = set()
    for call in signed:
        for word in world.oracle.testify(call.request, world.credentials):
            witnesses.add(word.witness)
            check(
                word.agrees,
                f"text and signature of {call.reading.operation} are those of {word.witness}",
                expected=word.said,
                observed=word.seen,
            )
    if not witnesses:
        raise Beyond("no witness of signatures is known for this venue")


@case("SIG-09", level=1, needs=[Capability.PLACE, Capability.QUERY], source="CX", started=False)
async def every_timestamp_is_in_the_venue_s_unit(adapter: Adapter, world: World) -> None:
    """Every signed call carries the time of its sending in the unit and form of the venue."""
    trouble: AdapterError | None = None
    try:
        await adapter.start()
        order = await rest(adapter, world)
        accepted(await adapter.open_orders(world.symbol), "a query of the resting orders")
        accepted(await adapter.cancel(world.symbol, client_id=order.client_id), "a cancel")
        await world.quiet(65 * 60_000)
    except AdapterError as error:
        trouble = error
    signed = _signed(world)
    check(signed, "private calls are signed", expected="at least one signed call", observed=trouble)
    wrong = [
        f"{call.reading.operation}: {call.reading.timestamp_ms} at {call.received_ms}"
        for call in signed
        if call.reading.timestamp_ms is None
        or abs(call.received_ms - call.reading.timestamp_ms) > STAMP_MS_MAX
    ]
    equal(wrong, [], f"every timestamp is within {STAMP_MS_MAX} ms of its arrival")
    if trouble is not None:
        raise trouble


@case("SIG-11", level=2, needs=[Capability.PLACE, Capability.QUERY], source="I07")
@for_each(kind=["ed25519", "hmac", "rsa"])
async def no_message_fails_with_any_kind_of_key(adapter: Adapter, world: World, kind: str) -> None:
    """Every one of a thousand random messages verifies, whatever the kind of key."""
    del adapter
    credentials = world.enrol(kind)
    chance = Random(f"{world.seed} {kind}")  # noqa: S311 - repeatable, not secret
    since = world.wire.mark()
    sibling = await _started(world, credentials)
    for _ in range(MESSAGES):
        length = chance.randint(1, _ID_LENGTH_MAX)
        client_id = "".join(chance.choices(ascii_letters + digits + "-_", k=length))
        await sibling.order(world.symbol, client_id=client_id)
        _no_failure(world, since)
    order: OrderRequest = world.request()
    accepted(await sibling.place(order), f"a legal order signed by a key of the kind {kind}")
    accepted(await sibling.cancel(world.symbol, client_id=order.client_id or ""), "a cancel")
    _no_failure(world, since)


async def _started(world: World, credentials: Credentials) -> Adapter:
    try:
        return await world.sibling(credentials)
    except AdapterError as error:
        fail(
            f"an adapter with a key of the kind {credentials.kind} starts",
            expected="a start",
            observed=error,
        )


def _no_failure(world: World, since: int) -> None:
    last = world.wire.calls(since=since)[-1:]
    bad = [call for call in last if call.reading.signature_valid is False]
    check(
        not bad,
        "no signature fails sporadically",
        expected="every signature verifies",
        observed=[f"{call.reading.operation} {call.reading.client_id}" for call in bad],
    )
