"""What orders, books, requests and categories say about themselves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.instruments import Instrument
from conformance.model.orders import Book, Kind, Order, Side, Status
from conformance.model.outcomes import Accepted, NotSent, Outcome, OutcomeUnknown, Rejected
from conformance.model.wire import WireRequest


def test_sides_are_opposites() -> None:
    assert Side.BUY.opposite is Side.SELL
    assert Side.SELL.opposite is Side.BUY
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)


def test_a_status_is_terminal_or_live_but_never_both() -> None:
    assert {status for status in Status if status.terminal} == {
        Status.FILLED,
        Status.CANCELLED,
        Status.EXPIRED,
        Status.REJECTED,
    }
    assert {status for status in Status if status.live} == {Status.OPEN, Status.PARTIALLY_FILLED}


def test_what_remains_of_an_order_is_what_was_not_executed() -> None:
    order = Order(
        symbol="BTCUSDT",
        client_id="a",
        side=Side.BUY,
        kind=Kind.LIMIT,
        quantity=Decimal("0.010"),
        filled=Decimal("0.004"),
        status=Status.PARTIALLY_FILLED,
    )
    assert order.remaining == Decimal("0.006")


@pytest.mark.parametrize(
    ("bid", "ask", "crossed"), [("99", "100", False), ("100", "100", True), ("101", "100", True)]
)
def test_a_book_is_crossed_when_the_best_bid_reaches_the_best_ask(
    bid: str, ask: str, crossed: bool
) -> None:
    level = Decimal(1)
    book = Book(symbol="X", bids=((Decimal(bid), level),), asks=((Decimal(ask), level),))
    assert book.crossed is crossed


def test_a_book_with_an_empty_side_is_not_crossed() -> None:
    assert not Book(symbol="X", bids=((Decimal(1), Decimal(1)),)).crossed


def test_only_an_unknown_or_unfound_order_leaves_doubt() -> None:
    assert {category for category in Category if not category.definite} == {
        Category.UNKNOWN,
        Category.NOT_FOUND,
    }


def test_a_request_finds_its_header_by_lower_case_name() -> None:
    headers = (("host", "a"), ("x-key", "first"), ("x-key", "second"))
    request = WireRequest("GET", "/", b"", headers, b"")
    assert request.header("x-key") == "first"
    assert request.header("absent") is None


def test_an_instrument_knows_its_grids() -> None:
    instrument = Instrument(
        symbol="BTCUSDT",
        base="BTC",
        quote="USDT",
        margin_asset="USDT",
        tick=Decimal("0.10"),
        step=Decimal("0.001"),
        min_quantity=Decimal("0.001"),
        max_quantity=Decimal(1000),
        min_notional=Decimal(50),
    )
    assert instrument.prices.units(Decimal("60000.1")) == 600_001
    assert instrument.quantities.units(Decimal("0.0005")) is None


def test_an_outcome_says_exactly_one_of_four_things() -> None:
    outcomes: list[Outcome[int]] = [
        Accepted(1),
        Rejected(Category.STATE, "-1", "no"),
        OutcomeUnknown("the answer was lost"),
        NotSent("the budget is used up"),
    ]
    assert len({type(outcome) for outcome in outcomes}) == 4
    assert Accepted(1) == Accepted(1)
    assert Accepted(1) != Accepted(2)


def test_a_capability_is_written_as_adapters_declare_it() -> None:
    assert Capability("place") is Capability.PLACE
    assert all(each.value == each.name.lower().replace("_", "-") for each in Capability)
