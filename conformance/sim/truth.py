"""What really is, read from the exchange core; implements the Truth contract."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from conformance.contracts.core import Core
from conformance.contracts.dialect import Names
from conformance.errors import Beyond
from conformance.model.funding import Funding
from conformance.model.ids import AccountId, Symbol
from conformance.model.instruments import Listing
from conformance.model.money import from_atoms
from conformance.model.orders import (
    ZERO,
    Balance,
    Book,
    Fill,
    MarginMode,
    Order,
    Position,
    PositionSide,
)
from conformance.model.records import FillRecord, Level, OrderRecord, PositionRecord


class Truth:
    """The testee's account and the books, in the words of the contracts."""

    def __init__(self, core: Core, account: AccountId, symbol: Symbol, names: Names) -> None:
        self.foreign: set[str] = set()
        """Client ids that were not the testee's doing."""
        self._core = core
        self._account = account
        self._symbol = symbol
        self._names = names

    def order(self, client_id: str) -> Order | None:
        """Return the newest order of the account with this client id."""
        found = [order for order in self.orders() if order.client_id == client_id]
        return found[-1] if found else None

    def orders(self) -> Sequence[Order]:
        """Return all orders of the account, oldest first."""
        records = [
            record
            for symbol in self._core.listings
            for record in self._core.orders(self._account, symbol)
        ]
        records.sort(key=lambda record: (record.created_ms, record.order_id))
        return [self._order(record) for record in records]

    def open_orders(self) -> Sequence[Order]:
        """Return the resting ones."""
        return [self._order(record) for record in self._core.open_orders(self._account)]

    def fills(self) -> Sequence[Fill]:
        """Return all executions of the account, oldest first."""
        return [self._fill(record) for record in self._core.fills(self._account)]

    def positions(self) -> Sequence[Position]:
        """Return the open legs."""
        return [
            self._position(record) for record in self._core.positions(self._account) if record.lots
        ]

    def balances(self) -> Sequence[Balance]:
        """Return the account's money."""
        return [
            Balance(asset=record.asset, wallet=record.wallet, available=record.available)
            for record in self._core.balances(self._account)
        ]

    def book(self, symbol: Symbol, levels: int = 1000) -> Book:
        """Return the best levels."""
        symbol = symbol or self._symbol
        listing = self._core.listings[symbol]
        depth = self._core.depth(symbol, levels)
        return Book(
            symbol=symbol,
            bids=_levels(listing, depth.bids),
            asks=_levels(listing, depth.asks),
            valid=True,
        )

    def leverage(self, symbol: Symbol) -> int:
        """Return the leverage in force."""
        return self._core.leverage(self._account, symbol or self._symbol)

    def margin_mode(self, symbol: Symbol) -> MarginMode:
        """Return the margin mode in force."""
        return self._core.margin_mode(self._account, symbol or self._symbol)

    def hedge(self) -> bool:
        """Say whether the account is in hedge mode."""
        return self._core.hedge(self._account)

    def funding(self, symbol: Symbol) -> Funding:
        """Return what the next funding of a perpetual will be; raise Beyond before it was set."""
        terms = self._core.funding(symbol or self._symbol)
        if terms.next_ms is None:
            raise Beyond(f"{symbol or self._symbol} charges no funding yet")
        return Funding(
            symbol=symbol or self._symbol,
            rate=from_atoms(terms.rate),
            interval_h=terms.interval_h,
            next_ms=terms.next_ms,
        )

    def ledger_sum(self, asset: str) -> Decimal:
        """Return the sum over the whole ledger: zero."""
        return from_atoms(self._core.ledger_sum(asset))

    def _order(self, record: OrderRecord) -> Order:
        listing = self._core.listings[record.symbol]
        filled = listing.quantities.value(record.filled)
        return Order(
            symbol=record.symbol,
            client_id=record.client_id,
            side=record.side,
            kind=record.kind,
            quantity=listing.quantities.value(record.quantity),
            status=record.status,
            venue_id=self._names.order_id(record),
            price=None if record.price is None else listing.prices.value(record.price),
            filled=filled,
            average_price=from_atoms(record.cost) / filled if filled else ZERO,
            time_in_force=record.time_in_force,
            reduce_only=record.reduce_only,
            position_side=record.position_side,
            own=record.client_id not in self.foreign,
            updated_ms=record.updated_ms,
        )

    def _fill(self, record: FillRecord) -> Fill:
        listing = self._core.listings[record.symbol]
        return Fill(
            symbol=record.symbol,
            trade_id=self._names.trade_id(record),
            client_id=record.client_id,
            side=record.side,
            price=listing.prices.value(record.price),
            quantity=listing.quantities.value(record.quantity),
            fee=from_atoms(record.fee),
            fee_asset=listing.margin_asset,
            realised=from_atoms(record.realised),
            maker=record.maker,
            position_side=PositionSide(record.position_side),
            at_ms=record.at,
        )

    def _position(self, record: PositionRecord) -> Position:
        listing = self._core.listings[record.symbol]
        return Position(
            symbol=record.symbol,
            quantity=listing.quantities.value(record.lots),
            entry_price=record.entry_price,
            position_side=record.position_side,
            mark_price=record.mark_price,
            unrealised=record.unrealised,
            margin_mode=record.margin_mode,
            leverage=record.leverage,
            liquidation_price=record.liquidation_price or None,
        )


def _levels(listing: Listing, levels: Sequence[Level]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple(
        (listing.prices.value(level.price), listing.quantities.value(level.quantity))
        for level in levels
    )
