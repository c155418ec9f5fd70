"""Claims about frames that nobody asked for."""

from __future__ import annotations

from conformance.cases import accepted, case, check, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.faults import Planned
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Side, Status
from conformance.model.wire import Operation, Topic, WireReply
from conformance.suites.staging import hit, rest
from conformance.suites.witness import book_settles, settle, status

_NEEDS = [Capability.PLACE, Capability.BOOK, Capability.USER_STREAM]
_FOREIGN = {
    "unknown-event": b'{"e":"wordFromTomorrow","data":{"x":[null,1e-7,18446744073709551615]}}',
    "empty-object": b"{}",
    "array": b"[]",
    "null": b"null",
    "number": b"9007199254740993.0000001",
}
_BROKEN = {
    "not-json": b"upstream connect error or disconnect/reset before headers",
    "truncated": b'{"data":{"bids":[["1.0","2',
    "huge": b'"' + b"x" * 8_000_000 + b'"',
}
_FORMS = ("binary", "cut-short")
"""A whole message that is no text, and half a message with the end of its stream behind it."""
_ANSWERS = (
    Operation.PLACE,
    Operation.CANCEL,
    Operation.QUERY_ORDER,
    Operation.OPEN_ORDERS,
    Operation.FILL_HISTORY,
    Operation.POSITIONS,
    Operation.BOOK,
)


def _with_news(payload: bytes) -> bytes:
    """Add members that no client can know to the outermost object."""
    head, brace, tail = payload.rpartition(b"}")
    if not brace:
        return payload
    comma = b"" if head.endswith(b"{") else b","
    news = b'"zNews":{"deep":[null,true,1e-7,18446744073709551615]},"zNull":null,"zText":""'
    return head + comma + news + brace + tail


def _answer_with_news(reply: WireReply) -> WireReply:
    return reply._replace(body=_with_news(reply.body))


async def _lives_on(adapter: Adapter, world: World) -> None:
    """Judge that orders still arrive by stream and the book follows the venue."""
    order = await rest(adapter, world, ticks_away=1)
    hit(world, Side.BUY)
    await world.until(
        lambda: status(adapter, order.client_id) is Status.FILLED,
        within_ms=30_000,
        what="after an odd frame fills still arrive",
    )
    world.market.rest(Side.SELL, world.price(7, Side.SELL), world.quantity(3))
    await book_settles(adapter, world, within_ms=30_000)
    await settle(adapter, world)


@case("MKT-13", level=2, needs=_NEEDS, source="NT fixtures", stimulus=True)
@for_each(oddity=["extra-fields", "extra-answer-fields", *sorted(_FOREIGN)])
async def unknown_content_is_tolerated(adapter: Adapter, world: World, oddity: str) -> None:
    """Fields, events and numbers that are new to the adapter neither crash nor distort it."""
    await adapter.watch_book(world.symbol)
    await book_settles(adapter, world)
    if oddity == "extra-answer-fields":
        await _reads_on(adapter, world)
        return
    if oddity == "extra-fields":
        struck = world.faults.rewrite_push(Topic.BOOK, _with_news, times=3)
        world.faults.rewrite_push(Topic.ORDERS, _with_news, times=6)
    else:
        struck = world.faults.replace_push(Topic.BOOK, _FOREIGN[oddity], times=1)
    world.market.rest(Side.BUY, world.price(30, Side.BUY), world.quantity(2))
    await world.until(lambda: struck.delivered, what="the venue pushes a change of the book")
    await _lives_on(adapter, world)


async def _reads_on(adapter: Adapter, world: World) -> None:
    """Let answers hold members that no client can know, once all was answered without them."""
    await _ask_everything(adapter, world)
    for operation in _ANSWERS:
        world.faults.rewrite_answer(operation, _answer_with_news, times=20).optional()
    await _ask_everything(adapter, world)
    await _lives_on(adapter, world)


async def _ask_everything(adapter: Adapter, world: World) -> None:
    order = await rest(adapter, world)
    if Capability.QUERY in adapter.capabilities:
        accepted(await adapter.open_orders(world.symbol), "a question for the resting orders")
        found = await adapter.order(world.symbol, client_id=order.client_id)
        accepted(found, "a question for one order")
    if Capability.POSITIONS in adapter.capabilities:
        accepted(await adapter.positions(), "a question for the positions")
    cancelled = await adapter.cancel(world.symbol, client_id=order.client_id)
    accepted(cancelled, "a cancel")


@case("MKT-14", level=3, needs=_NEEDS, source="AB", stimulus=True)
@for_each(frame=[*sorted(_BROKEN), *_FORMS], on=[Topic.BOOK, Topic.ORDERS])
async def a_broken_frame_harms_one_stream_at_most(
    adapter: Adapter, world: World, frame: str, on: Topic
) -> None:
    """A frame that is no message costs at most its own connection; everything else lives on."""
    await adapter.watch_book(world.symbol)
    await book_settles(adapter, world)
    private = on is Topic.ORDERS
    before = len(world.wire.streams(private=not private))
    struck = _spoil(world, frame, on)
    if private:
        await adapter.place(world.request(ticks_away=400))
    else:
        world.market.rest(Side.BUY, world.price(30, Side.BUY), world.quantity(2))
    await world.until(lambda: struck.delivered, what=f"the venue pushes a frame about {on}")
    await _lives_on(adapter, world)
    accepted(await adapter.place(world.request(Side.SELL)), "an order after a broken frame")
    check(
        len(world.wire.streams(private=not private)) - before <= 1,
        "a broken frame does not make another stream flap",
        expected="at most one new connection of the other kind",
        observed=len(world.wire.streams(private=not private)) - before,
    )


def _spoil(world: World, frame: str, on: Topic) -> Planned:
    if frame == "binary":
        return world.faults.binary_push(on, times=1)
    if frame == "cut-short":
        return world.faults.truncate_push(on, times=1)
    return world.faults.replace_push(on, _BROKEN[frame], times=1)
