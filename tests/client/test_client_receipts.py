"""Commands that are only taken in: what comes of them is told by the stream, or asked for."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from conformance import virtual
from conformance.client.orders import Orders
from conformance.client.receipts import Receipts
from conformance.client.settings import Settings
from conformance.contracts.client import Execution, Receipt
from conformance.model.orders import Fill, Kind, Order, OrderRequest, PositionSide, Side, Status
from conformance.model.outcomes import Accepted, OutcomeUnknown

RECEIPT = Receipt("a", "uuid-1")
REQUEST = OrderRequest(
    symbol="BTCUSDT",
    side=Side.BUY,
    quantity=Decimal(3),
    price=Decimal(100),
    client_id="a",
    position_side=PositionSide.LONG,
)
STATED = Order(
    symbol="BTCUSDT",
    client_id="a",
    venue_id="uuid-1",
    side=Side.BUY,
    kind=Kind.LIMIT,
    quantity=Decimal(3),
    price=Decimal(100),
    status=Status.OPEN,
    position_side=PositionSide.LONG,
    updated_ms=10,
)
FILL = Fill(
    symbol="BTCUSDT",
    trade_id="t1",
    client_id="",
    side=Side.BUY,
    price=Decimal(100),
    quantity=Decimal(1),
    at_ms=20,
)


class Venue:
    """A half and a courier in one: answers a question about an order as it is told to."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = 0

    def order(self, symbol, *, client_id, venue_id):
        return symbol, client_id, venue_id

    async def send(self, call):
        assert call == ("BTCUSDT", "a", "uuid-1")
        self.asked += 1
        return self.answers.pop(0)


def learnt(*answers, told=None, sign=lambda _: True):
    """Return what is learnt after an order was taken in, and how often the venue was asked."""

    async def main():
        orders, venue = Orders(Settings()), Venue(*answers)
        orders.intend(REQUEST)
        receipts = Receipts(venue, venue, orders, Settings())
        waiting = asyncio.ensure_future(receipts.told("BTCUSDT", RECEIPT, sign))
        await asyncio.sleep(0.1)
        for order in told or ():
            orders.merge(order)
            await asyncio.sleep(0.1)
        return await waiting, venue.asked

    return virtual.run(main)


def test_the_stream_tells_and_nobody_asks():
    assert learnt(told=[STATED]) == (STATED, 0)


def test_where_the_stream_is_mute_the_venue_is_asked():
    assert learnt(Accepted(STATED)) == (STATED, 1)


@pytest.mark.parametrize("answer", [OutcomeUnknown("lost"), Accepted(STATED)])
def test_what_neither_tells_stays_open(answer):
    ended = learnt(answer, told=[STATED], sign=lambda order: order.status.terminal)
    assert ended == (None, 1)


def test_a_state_that_does_not_show_the_command_is_waited_out():
    gone = replace(STATED, status=Status.EXPIRED, reason="would take", updated_ms=11)
    told, asked = learnt(told=[STATED, gone], sign=lambda order: order.status.terminal)
    assert (told.status, asked) == (Status.EXPIRED, 0)


def test_an_execution_is_attributed_as_soon_as_the_receipt_names_the_order():
    orders = Orders(Settings())
    orders.intend(REQUEST)
    counted = orders.count(*Execution(FILL, "uuid-1"))
    assert counted
    orders.bind("BTCUSDT", RECEIPT)
    orders.merge(replace(STATED, status=Status.PARTIALLY_FILLED, filled=Decimal(1), updated_ms=20))
    assert orders.unexplained() == []


def test_an_execution_that_is_told_before_its_order_is_attributed_to_it():
    orders = Orders(Settings())
    orders.count(FILL, "uuid-1")
    filled = replace(STATED, status=Status.PARTIALLY_FILLED, filled=Decimal(1))
    orders.merge(filled)
    assert orders.unexplained() == []
    (known,) = orders.orders()
    assert known.average_price == Decimal(100)


def test_executions_of_orders_that_never_show_up_are_not_kept_for_ever():
    orders = Orders(Settings(strays_kept=1))
    orders.count(FILL, "uuid-1")
    orders.count(replace(FILL, trade_id="t2"), "uuid-2")
    orders.merge(replace(STATED, status=Status.PARTIALLY_FILLED, filled=Decimal(1)))
    assert orders.unexplained() == ["BTCUSDT"]


def test_an_execution_that_names_no_leg_belongs_to_that_of_its_order():
    orders = Orders(Settings())
    orders.intend(REQUEST)
    orders.merge(STATED)
    fill = orders.count(FILL, "uuid-1")
    assert fill is not None
    assert (fill.position_side, fill.client_id) == (PositionSide.LONG, "a")
    assert orders.count(FILL, "uuid-1") is None
