from __future__ import annotations

from types import SimpleNamespace

import pytest

from conformance.exchange.book import Book
from conformance.model.orders import Side


def order(number, lots):
    return SimpleNamespace(order_id=number, quantity=lots, filled=0)


@pytest.fixture
def book():
    return Book()


def test_an_empty_side_has_no_best_and_meets_nobody(book):
    assert book.bids.best() is None
    assert book.asks.best() is None
    assert book.bids.meets(1) is None
    assert book.asks.meets(10**9) is None
    assert book.bids.levels(5) == ()


def test_levels_are_best_first_on_either_side(book):
    for number, price in enumerate((100, 102, 101)):
        book.bids.add(order(number, 1), price)
        book.asks.add(order(number, 2), price + 10)
    assert [level.price for level in book.bids.levels(9)] == [102, 101, 100]
    assert [level.price for level in book.asks.levels(9)] == [110, 111, 112]
    assert [level.price for level in book.asks.levels(1)] == [110]
    assert book.asks.levels(0) == ()


def test_an_order_meets_a_level_at_its_own_price_or_better(book):
    book.asks.add(order(1, 1), 100)
    book.bids.add(order(2, 1), 90)
    assert book.asks.meets(100).price == 100
    assert book.asks.meets(99) is None
    assert book.bids.meets(90).price == 90
    assert book.bids.meets(91) is None


def test_the_first_come_stand_first(book):
    for number in (7, 3, 5):
        book.bids.add(order(number, 1), 100)
    assert list(book.bids.best().orders) == [7, 3, 5]


def test_removing_frees_the_quantity_and_the_level(book):
    first, second = order(1, 3), order(2, 4)
    assert book.bids.add(first, 100) == 3
    assert book.bids.add(second, 100) == 7
    assert book.bids.remove(first, 100) == 4
    assert book.bids.remove(second, 100) == 0
    assert book.bids.best() is None


def test_a_fill_lowers_the_level_and_the_last_one_ends_it(book):
    resting = order(1, 5)
    book.asks.add(resting, 100)
    resting.filled = 2
    book.asks.fill(resting, 100, 2)
    assert book.asks.best().lots == 3
    resting.filled = 5
    book.asks.fill(resting, 100, 3)
    assert book.asks.best() is None


def test_a_filled_order_leaves_the_others_of_its_level(book):
    first, second = order(1, 5), order(2, 1)
    book.asks.add(first, 100)
    book.asks.add(second, 100)
    first.filled = 5
    book.asks.fill(first, 100, 5)
    assert list(book.asks.best().orders) == [2]


def test_what_can_be_met_comes_in_the_order_of_matching(book):
    for number, price in enumerate((101, 100, 102, 100)):
        book.asks.add(order(number, 5), price)
    assert [each.order_id for each in book.asks.within(101)] == [1, 3, 0]
    assert [each.order_id for each in book.asks.within(200)] == [1, 3, 0, 2]
    assert list(book.asks.within(99)) == []


def test_sides_are_told_apart(book):
    assert book.side(Side.BUY) is book.bids
    assert book.side(Side.SELL) is book.asks
    assert book.against(Side.BUY) is book.asks
    assert book.against(Side.SELL) is book.bids
