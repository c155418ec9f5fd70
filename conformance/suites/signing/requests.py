"""Claims about the signature of every private call."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random
from urllib.parse import urlsplit

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.orders import Side
from conformance.model.outcomes import Accepted, Rejected
from conformance.model.wire import Condition, Operation, WireReply
from conformance.suites.staging import order_of, rest
from conformance.suites.witness import sent

PUBLIC = (
    Operation.PING,
    Operation.TIME,
    Operation.INSTRUMENTS,
    Operation.BOOK,
    Operation.TRADES,
    Operation.TICKER,
    Operation.CANDLES,
    Operation.FUNDING,
)
_NAMING = (Operation.PLACE, Operation.QUERY_ORDER, Operation.CANCEL)
"""Calls in which an order is called by its client id."""
_TEXTS = {
    "space": "a b",
    "plus": "a+b",
    "at": "a@b",
    "percent": "a%b",
    "encoded": "a%20b",
    "slash": "a/b",
    "colon": "a:b",
    "ampersand": "a&b=c",
    "accent": "ordré",
    "emoji": "o\N{ROCKET}",
    "tilde": "~a",
    "quotes": 'it\'s "(a)"',
    "marks": "a!b*c?d#e",
    "brackets": "[a]{b}<c>",
    "chinese": "币安人生",
    "signature": "a&signature=b",
}
_AWKWARD = "aZ0-_.~!*'()%+/@&=#?\"\\,:;[]{}<>|^`$ é币\N{ROCKET}"
_ELSEWHERE = "/elsewhere"
_GENERATED = 20
"""Random texts beside those above."""


def _all_verify(world: World, since: int = 0) -> None:
    bad = [
        f"{call.request.method} {call.reading.operation}"
        for call in world.wire.calls(since=since)
        if call.reading.signature_valid is False
    ]
    check(
        not bad,
        "every signature verifies over the very bytes that were sent",
        expected="no request with a wrong signature",
        observed=bad,
    )


@case("SIG-02", level=1, needs=[Capability.PLACE, Capability.QUERY], source="I05")
@for_each(text=[*sorted(_TEXTS), "generated"])
async def reserved_characters_verify_or_stay_home(
    adapter: Adapter, world: World, text: str
) -> None:
    """A free text with reserved characters is signed as it is sent, or refused locally."""
    if text in _TEXTS:
        await _say(adapter, world, _TEXTS[text])
        return
    chance = Random(world.seed)  # noqa: S311 - repeatable, not secret
    for _ in range(_GENERATED):
        await _say(adapter, world, "".join(chance.choices(_AWKWARD, k=chance.randint(1, 20))))


async def _say(adapter: Adapter, world: World, text: str) -> None:
    """Use a text wherever a trader is free to choose one."""
    request = replace(world.request(), client_id=text)
    since = world.wire.mark()
    outcome = await adapter.place(request)
    await adapter.order(world.symbol, client_id=text)
    await adapter.cancel(world.symbol, client_id=text)
    if Capability.BATCH in adapter.capabilities:
        await adapter.place_batch([request, replace(world.request(), client_id=f"x{text}")])
    _all_verify(world, since)
    read = {call.reading.client_id for call in world.wire.calls(*_NAMING, since=since)}
    check(
        read <= {text},
        "a client order id with reserved characters reaches the venue unchanged",
        expected=text,
        observed=read,
    )
    if isinstance(outcome, Accepted):
        check(
            world.truth.order(text),
            "an accepted order exists at the venue under its own client id",
            expected=text,
            observed=[order.client_id for order in world.truth.orders()],
        )


@case("SIG-03", level=1, needs=[Capability.PLACE, Capability.QUERY], source="I07")
async def every_method_is_signed_over_what_it_sends(adapter: Adapter, world: World) -> None:
    """Private calls of every method carry a signature that the venue verifies."""
    for side in (Side.BUY, Side.SELL):
        order = await rest(adapter, world, side=side)
        found = await adapter.order(world.symbol, client_id=order.client_id)
        resting = await adapter.open_orders(world.symbol)
        gone = await adapter.cancel(world.symbol, client_id=order.client_id)
        _all_verify(world)
        accepted(found, "a query by id")
        accepted(resting, "a query of the resting orders")
        accepted(gone, "a cancel")
    verified = {
        call.request.method
        for call in world.wire.calls(Operation.PLACE, Operation.CANCEL, Operation.OPEN_ORDERS)
        if call.reading.signature_valid
    }
    check(
        verified,
        "private calls are signed",
        expected="valid signatures on placing, cancelling and querying",
        observed=verified,
    )


@case("SIG-04", level=1, needs=[Capability.BALANCES, Capability.POSITIONS], source="CX")
async def calls_without_parameters_verify(adapter: Adapter, world: World) -> None:
    """Private calls that have no parameter of their own are signed right and accepted."""
    since = world.wire.mark()
    balances, positions = await adapter.balances(), await adapter.positions()
    _all_verify(world, since)
    accepted(balances, "asking for the balances")
    accepted(positions, "asking for the positions")
    refused = [call.reading.code for call in world.wire.calls(since=since) if call.reading.code]
    equal(refused, [], "a private call without parameters is not refused")


@case("SIG-05", level=1, needs=[Capability.PLACE], source="I06")
@for_each(side=[Side.BUY, Side.SELL])
async def decimals_are_sent_as_signed(adapter: Adapter, world: World, side: Side) -> None:
    """The decimals of an order are sent in the very bytes that were signed."""
    for step in range(12):
        request = world.request(side, ticks_away=150 + 7 * step, lots=step)
        outcome = await adapter.place(request)
        _all_verify(world)
        order = accepted(outcome, f"a legal order of {request.quantity} at {request.price}")
        truth = world.truth.order(order.client_id)
        check(truth, "an accepted order exists at the venue", expected=request.client_id)
        equal(
            (truth.quantity, truth.price) if truth else None,
            (request.quantity, request.price),
            "quantity and price reach the venue exactly as asked",
        )


@case("SIG-06", level=2, needs=[Capability.BATCH], source="I06")
async def batches_are_sent_as_signed(adapter: Adapter, world: World) -> None:
    """A batch of nested orders is sent in the very bytes that were signed."""
    requests = [world.request(Side.BUY, ticks_away=150 + 9 * n, lots=n) for n in range(4)]
    outcomes = await adapter.place_batch(requests)
    _all_verify(world)
    equal(len(outcomes), len(requests), "a batch returns one outcome for each order")
    for request, outcome in zip(requests, outcomes, strict=True):
        order = accepted(outcome, f"a legal order of {request.quantity} in a batch")
        truth = world.truth.order(order.client_id)
        equal(
            (truth.quantity, truth.price) if truth else None,
            (request.quantity, request.price),
            "quantity and price of a batch order reach the venue exactly as asked",
        )


@case("SIG-08", level=1, needs=[Capability.PLACE, Capability.QUERY], source="CX headers gap")
async def every_private_call_carries_the_key(adapter: Adapter, world: World) -> None:
    """Every private call, the upkeep of the user stream included, carries the key."""
    order = await rest(adapter, world)
    accepted(await adapter.open_orders(world.symbol), "a query of the resting orders")
    accepted(await adapter.cancel(world.symbol, client_id=order.client_id), "a cancel")
    await world.quiet(65 * 60_000)
    bare = [
        str(call.reading.operation)
        for call in world.wire.calls()
        if call.reading.operation not in (*PUBLIC, Operation.OTHER) and not call.reading.key_sent
    ]
    equal(bare, [], "no private call is sent without its key")


@case(
    "SIG-12", level=2, needs=[Capability.PLACE, Capability.CLOCK_SYNC], source="I04", stimulus=True
)
async def a_retry_is_signed_anew(adapter: Adapter, world: World) -> None:
    """After a refusal for time the retry carries a new timestamp and a new signature."""
    world.faults.step_clock(70_000)
    request = world.request()
    outcome = await adapter.place(request)
    calls = sent(world, request.client_id or "")
    stamps = [call.reading.timestamp_ms for call in calls]
    payloads = [(call.request.query, call.request.body, call.request.headers) for call in calls]
    check(
        len(set(stamps)) == len(stamps) and len(set(payloads)) == len(payloads),
        "a retry never re-sends the old timestamp and signature",
        expected="different timestamps and bytes",
        observed=stamps,
    )
    accepted(outcome, "an order re-signed with the venue's time")


@case("SIG-13", level=3, needs=[Capability.PLACE], source="CME", stimulus=True)
@for_each(call=["cancel", "place"], trouble=["byte-flipped", "refused"])
async def a_bad_signature_is_final(adapter: Adapter, world: World, call: str, trouble: str) -> None:
    """A request refused for its signature is a definite refusal and is not hammered."""
    request = world.request()
    client_id = request.client_id or ""
    operation = Operation.PLACE if call == "place" else Operation.CANCEL
    if call == "cancel":
        accepted(await adapter.place(request), "a legal resting limit order")
    since = world.wire.mark()
    if trouble == "refused":
        world.faults.answer(operation, Condition.BAD_SIGNATURE, times=50)
    else:
        world.faults.corrupt_request(operation, times=50)
    if call == "place":
        outcome = await adapter.place(request)
    else:
        outcome = await adapter.cancel(world.symbol, client_id=client_id)
    await world.quiet(60_000)
    check(
        isinstance(outcome, Rejected) and outcome.category in (Category.AUTH, Category.REQUEST),
        "a wrong signature is a definite refusal of class auth or request",
        expected="Rejected(auth)",
        observed=outcome,
    )
    asked = len(world.wire.calls(operation, since=since))
    check(
        asked <= 2,
        "a request refused for its signature is retried at most once",
        expected="at most 2 requests",
        observed=asked,
    )
    left = [order.client_id for order in world.truth.open_orders()]
    equal(
        left,
        [] if call == "place" else [client_id],
        "a request whose signature is refused changes nothing at the venue",
    )


@case("SIG-14", level=4, needs=[Capability.INSTRUMENTS], source="ST ignored_auth")
async def public_calls_carry_no_secret(adapter: Adapter, world: World) -> None:
    """Public calls transmit neither key nor signature, and neither follows a redirection."""
    accepted(await adapter.instruments(), "asking for the instruments")
    if Capability.BOOK in adapter.capabilities:
        await adapter.watch_book(world.symbol)
    await world.quiet(60_000)
    public = world.wire.calls(*PUBLIC)
    check(public, "public data is asked for", expected="at least one public call")
    leaks = [
        str(call.reading.operation)
        for call in public
        if call.reading.key_sent or call.reading.signed
    ]
    equal(leaks, [], "no public call carries a key or a signature")
    credentials = world.credentials
    needles = [
        part.encode()
        for part in (credentials.key, credentials.secret, credentials.passphrase)
        if part
    ]
    naked = [
        stream.path
        for stream in world.wire.streams(private=False)
        if any(needle in (stream.path + stream.query).encode() for needle in needles)
    ]
    equal(naked, [], "no public stream carries a key or a secret in its address")
    if Capability.PLACE in adapter.capabilities:
        await _led_astray(adapter, world)


async def _led_astray(adapter: Adapter, world: World) -> None:
    """Answer an order by a redirection to another host."""
    elsewhere = urlsplit(world.endpoints.rest)._replace(path=_ELSEWHERE)
    elsewhere = elsewhere._replace(netloc=f"localhost:{elsewhere.port}")
    for status in (301, 302, 307, 308):
        reply = WireReply(status, b"", (("location", elsewhere.geturl()),))
        world.faults.answer_with(Operation.PLACE, reply)
        await adapter.place(world.request())
    secrets = (world.credentials.key, world.credentials.passphrase)
    shown = [
        call.request.method
        for call in world.wire.calls()
        if call.request.path == _ELSEWHERE
        and (
            call.reading.signed
            or any(value in secrets for _, value in call.request.headers if value)
            or b"signature" in call.request.query + call.request.body
        )
    ]
    equal(shown, [], "no key and no signature follows a redirection to another host")


@case("SIG-07", level=2, needs=[Capability.QUERY], source="CX")
async def queries_of_any_length_verify(adapter: Adapter, world: World) -> None:
    """Queries with one, two or no narrowing parameter are signed as transmitted."""
    request = order_of(world, Side.BUY)
    placed = accepted(await adapter.place(request), "a legal resting limit order")
    since = world.wire.mark()
    by_client = await adapter.order(world.symbol, client_id=placed.client_id)
    by_venue = await adapter.order(world.symbol, venue_id=placed.venue_id)
    resting = await adapter.open_orders(world.symbol)
    _all_verify(world, since)
    price: Decimal | None = request.price
    for outcome in (by_client, by_venue):
        found = accepted(outcome, "a query of one order")
        equal(found.price, price, "a query returns the order that was asked for")
    equal(
        [order.client_id for order in accepted(resting, "a query of the resting orders")],
        [placed.client_id],
        "a query of the resting orders returns exactly them",
    )
