"""The ledger of orders and fills: statements in any order, twice, late, or never."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.orders import Orders, merged
from conformance.client.settings import Settings
from conformance.model.orders import Fill, Kind, Order, OrderRequest, Side, Status

REQUEST = OrderRequest(
    symbol="BTCUSDT", side=Side.BUY, quantity=Decimal(3), price=Decimal(100), client_id="a"
)
STATED = Order(
    symbol="BTCUSDT",
    client_id="a",
    venue_id="7",
    side=Side.BUY,
    kind=Kind.LIMIT,
    quantity=Decimal(3),
    price=Decimal(100),
    status=Status.OPEN,
    updated_ms=10,
)
LIFE = (
    STATED,
    replace(STATED, status=Status.PARTIALLY_FILLED, filled=Decimal(1), updated_ms=20),
    replace(STATED, status=Status.PARTIALLY_FILLED, filled=Decimal(2), updated_ms=30),
    replace(STATED, status=Status.FILLED, filled=Decimal(3), updated_ms=40),
)


def fill(trade_id="1", symbol="BTCUSDT", client_id="a", quantity=1, price=100, at_ms=20):
    return Fill(
        symbol=symbol,
        trade_id=trade_id,
        client_id=client_id,
        side=Side.BUY,
        price=Decimal(price),
        quantity=Decimal(quantity),
        at_ms=at_ms,
    )


def ledger(**bounds):
    return Orders(Settings(**bounds))


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_end_is_the_same_in_whatever_order_a_life_is_told(order):
    orders = ledger()
    orders.intend(REQUEST)
    for step in order:
        orders.merge(LIFE[step])
    (known,) = orders.orders()
    assert (known.status, known.filled, known.own) == (Status.FILLED, Decimal(3), True)
    told = [update.filled for update in orders.updates()]
    assert told == sorted(told)


@given(st.lists(st.sampled_from(LIFE), min_size=1, max_size=12))
def test_quantities_never_shrink_and_an_end_is_final(life):
    known = replace(STATED, venue_id="", status=Status.PENDING, updated_ms=0)
    for statement in life:
        before, known = known, merged(known, statement)
        assert known.filled >= before.filled
        assert not before.status.terminal or known.status is before.status
    assert known.filled == max(statement.filled for statement in life)


def test_an_older_answer_does_not_bring_back_an_older_price():
    orders = ledger()
    orders.merge(STATED)
    orders.merge(replace(STATED, price=Decimal(101), updated_ms=50))
    assert orders.merge(STATED).price == Decimal(101)


def test_the_answer_to_a_change_counts_whatever_its_clock_says():
    orders = ledger()
    orders.merge(replace(STATED, updated_ms=90_000))
    changed = orders.merge(replace(STATED, price=Decimal(99), updated_ms=1), latest=True)
    assert changed.price == Decimal(99)


def test_a_quantity_trimmed_by_the_venue_is_taken_over():
    orders = ledger()
    orders.intend(REQUEST)
    assert orders.merge(replace(STATED, quantity=Decimal(2))).quantity == Decimal(2)


def test_a_state_we_do_not_know_is_kept_and_later_overtaken():
    orders = ledger()
    orders.merge(STATED)
    odd = replace(STATED, status=Status.UNKNOWN, reason="status TELEPORTED", updated_ms=20)
    assert orders.merge(odd).status is Status.UNKNOWN
    assert orders.merge(STATED).status is Status.UNKNOWN
    assert orders.unfinished()
    assert orders.merge(LIFE[3]).status is Status.FILLED


def test_what_we_concluded_is_overruled_by_what_the_venue_states():
    orders = ledger()
    orders.intend(REQUEST)
    orders.conclude("BTCUSDT", "a", Status.REJECTED, "not placed")
    assert orders.merge(STATED).status is Status.OPEN
    orders.conclude("BTCUSDT", "a", Status.REJECTED, "not placed")
    assert orders.orders()[0].status is Status.OPEN


def test_orders_of_others_are_never_called_our_own():
    orders = ledger()
    assert orders.merge(STATED).own is False
    assert orders.intend(REQUEST) is False


def test_an_id_used_again_is_another_order():
    orders = ledger()
    orders.intend(REQUEST)
    orders.merge(LIFE[3])
    assert orders.intend(REQUEST) is True
    orders.merge(replace(STATED, venue_id="8", updated_ms=60))
    assert [order.status for order in orders.orders()] == [Status.FILLED, Status.OPEN]
    orders.merge(replace(LIFE[3], average_price=Decimal(100)))
    assert orders.orders()[1].status is Status.OPEN


def test_an_order_that_was_never_sent_is_forgotten():
    orders = ledger()
    orders.intend(REQUEST)
    orders.forget("BTCUSDT", "a")
    assert orders.orders() == []
    assert orders.unfinished() == []


def test_a_fill_counts_once_however_it_comes():
    orders = ledger()
    orders.merge(STATED)
    assert orders.count(fill())
    assert not orders.count(fill())
    assert not orders.count(fill(client_id=""), "7")
    assert orders.count(fill(symbol="ETHUSDT"))
    assert len(orders.fills()) == 2


def test_a_fill_from_history_learns_its_client_id():
    orders = ledger()
    orders.merge(STATED)
    orders.count(fill(client_id=""), "7")
    assert orders.fills()[0].client_id == "a"


def test_a_fill_of_an_unknown_order_is_kept():
    orders = ledger()
    assert orders.count(fill(client_id="stranger"))
    assert len(orders.fills()) == 1


def test_the_memory_of_fills_is_bounded_and_still_counts_old_ones_once():
    orders = ledger(fills_kept=10)
    for number in range(50):
        assert orders.count(fill(str(number), at_ms=number))
    for number in range(50):
        assert not orders.count(fill(str(number), at_ms=number))
    assert len(orders.fills()) == 10


def test_the_memory_of_orders_is_bounded_and_drops_only_what_is_over():
    orders = ledger(orders_kept=3)
    orders.merge(replace(STATED, client_id="alive", venue_id="alive"))
    for number in range(9):
        orders.merge(replace(LIFE[3], client_id=f"c{number}", venue_id=str(number)))
    assert len(orders.orders()) == 3
    assert orders.orders()[0].client_id == "alive"


def test_executed_quantity_without_its_fill_is_noticed_until_excused():
    orders = ledger()
    orders.merge(LIFE[1])
    assert orders.unexplained() == ["BTCUSDT"]
    orders.count(fill())
    assert orders.unexplained() == []
    orders.merge(LIFE[2])
    orders.excuse()
    assert orders.unexplained() == []
    orders.merge(LIFE[3])
    assert orders.unexplained() == ["BTCUSDT"]


def test_an_average_price_the_ack_left_out_follows_from_the_fills():
    orders = ledger()
    orders.intend(REQUEST)
    orders.count(fill("1", quantity=1, price=100))
    orders.count(fill("2", quantity=2, price=103))
    assert orders.merge(LIFE[3]).average_price == Decimal(102)
