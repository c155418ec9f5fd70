"""Drive the exchange core alone through millions of events and watch its ledger and its memory.

``python -m loadtests.churn --events 10000000``. Everything that trades, waits, trails, expires and
is liquidated takes part; one seed replays one run. Fails when the ledger of any asset does not
sum to zero, when positions do not net to nothing, when a book crosses or when memory grows.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from random import Random
from typing import NamedTuple

from conformance.exchange import Engine
from conformance.model.commands import (
    Bracket,
    CancelAll,
    CancelAllConditional,
    Command,
    Deposit,
    Exit,
    PlaceConditional,
    PlaceOrder,
    SetCountdown,
    SetMark,
)
from conformance.model.events import CommandRefused
from conformance.model.instruments import Listing, Tier
from conformance.model.money import ATOMS_PER_UNIT
from conformance.model.orders import Gauge, Kind, PositionSide, Side, TimeInForce

ASSET = "USDT"
SYMBOLS = ("AAAUSDT", "BBBUSDT")
ACCOUNTS = tuple(f"trader-{number}" for number in range(8))
WALLET = 10_000 * ATOMS_PER_UNIT
"""What an account has at first, and is brought back to when it is poor."""
PRICE_MIN, PRICE_MAX = 500, 2_000
CHECK_EVERY = 20_000
"""Commands between two looks at ledger, positions and books."""
WARM_SHARE = 0.5
WARM_EVENTS = 2_000_000
"""After so many, whatever the exchange retains up to a bound is retained up to it."""
GROWTH_OBJECTS_MAX = 20_000
"""Living objects that the second half of a run may add: rings still filling, nothing else."""


class Churned(NamedTuple):
    """What a run has found."""

    commands: int
    events: int
    refused: int
    seconds: float
    growth: int | None
    """Living objects at the end beyond those at half time; None: too short a run to judge."""

    @property
    def sound(self) -> bool:
        """True unless memory grows; everything else stops a run at once."""
        return self.growth is None or self.growth <= GROWTH_OBJECTS_MAX


def listing(symbol: str) -> Listing:
    """Return a symbol with round numbers."""
    one = Decimal(1)
    return Listing(
        symbol=symbol,
        base=symbol.removesuffix(ASSET),
        quote=ASSET,
        margin_asset=ASSET,
        tick=one,
        step=Decimal("0.001"),
        min_quantity=Decimal("0.001"),
        max_quantity=Decimal(1_000),
        min_notional=one,
        market_max_lots=100_000,
        min_lots=1,
        max_lots=1_000_000,
        band_up=Decimal("1.1"),
        band_down=Decimal("0.9"),
        max_open_orders=50,
        maker_rate=Decimal("0.0002"),
        taker_rate=Decimal("0.0005"),
        tiers=(Tier(Decimal(0), Decimal(10_000_000), 50, Decimal("0.01"), Decimal(0)),),
        initial_price=Decimal(1_000),
        market_take_bound=Decimal("0.05"),
        liquidation_rate=Decimal("0.005"),
    )


class Crowd:
    """Random traders; every choice comes from one seed."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self.now = 1_000
        self._engine = engine
        self._random = Random(seed)  # noqa: S311 - replayed, not secret
        self._ids = 0
        self._prices = dict.fromkeys(SYMBOLS, 1_000)
        kinds: dict[Callable[[str, str], Command], int] = {
            self._order: 60,
            self._mark: 12,
            self._waiting: 12,
            self._entry: 6,
            self._clear: 4,
            self._forget: 2,
            self._countdown: 2,
            self._refill: 2,
        }
        self._kinds, self._weights = list(kinds), list(kinds.values())

    def next(self) -> Command:
        """Return the next command."""
        self.now += self._random.randrange(3)
        (kind,) = self._random.choices(self._kinds, self._weights)
        return kind(self._random.choice(ACCOUNTS), self._random.choice(SYMBOLS))

    def _name(self) -> str:
        self._ids += 1
        return f"n{self._ids}"

    def _side(self) -> Side:
        return self._random.choice((Side.BUY, Side.SELL))

    def _near(self, symbol: str) -> int:
        return self._prices[symbol] + self._random.randint(-8, 8)

    def _order(self, account: str, symbol: str, bracket: Bracket | None = None) -> PlaceOrder:
        random = self._random
        market = bracket is None and random.random() < 0.2
        return PlaceOrder(
            account,
            symbol,
            self._side(),
            Kind.MARKET if market else Kind.LIMIT,
            random.randint(2, 400),
            None if market else self._near(symbol),
            self._name(),
            random.choice((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.GTD)),
            random.random() < 0.2,
            expire_at=self.now + random.randint(1, 2_000),
            bracket=bracket,
        )

    def _entry(self, account: str, symbol: str) -> PlaceOrder:
        order = self._order(account, symbol, Bracket())
        price, sign = self._near(symbol), order.side.sign
        exits = Bracket(Exit(price + 20 * sign), Exit(price - 20 * sign, gauge=Gauge.MARK))
        return order._replace(price=price, bracket=exits)

    def _waiting(self, account: str, symbol: str) -> PlaceConditional:
        random = self._random
        trails = random.random() < 0.3
        return PlaceConditional(
            account,
            symbol,
            self._side(),
            Kind.TRAILING_STOP if trails else random.choice((Kind.STOP_MARKET, Kind.STOP_LIMIT)),
            random.randint(2, 200),
            self._name(),
            trigger=None if trails else self._near(symbol),
            price=self._near(symbol),
            gauge=random.choice((Gauge.LAST, Gauge.MARK)),
            reduce_only=random.random() < 0.5,
            callback_ppm=random.randint(1_000, 20_000) if trails else 0,
        )

    def _mark(self, account: str, symbol: str) -> SetMark:
        del account
        moved = self._prices[symbol] + self._random.randint(-10, 10)
        self._prices[symbol] = min(PRICE_MAX, max(PRICE_MIN, moved))
        return SetMark(symbol, self._prices[symbol] * ATOMS_PER_UNIT)

    def _clear(self, account: str, symbol: str) -> CancelAll:
        return CancelAll(account, symbol)

    def _forget(self, account: str, symbol: str) -> CancelAllConditional:
        return CancelAllConditional(account, symbol)

    def _countdown(self, account: str, symbol: str) -> SetCountdown:
        return SetCountdown(account, symbol, self.now + 500)

    def _refill(self, account: str, symbol: str) -> Deposit:
        del symbol
        held = int(self._engine.balance(account, ASSET).available * ATOMS_PER_UNIT)
        return Deposit(account, ASSET, max(0, WALLET - held))


def churn(events: int, seed: int = 0) -> Churned:
    """Run until ``events`` have happened; raise InvariantBroken or ValueError at a wrong one."""
    engine = Engine([listing(symbol) for symbol in SYMBOLS])
    for account in ACCOUNTS:
        engine.apply(Deposit(account, ASSET, WALLET), 0)
    crowd = Crowd(engine, seed)
    begun = time.perf_counter()
    commands = happened = refused = warm = 0
    while happened < events:
        command = crowd.next()
        told = engine.advance(crowd.now) + engine.apply(command, crowd.now)
        commands += 1
        happened += len(told)
        refused += isinstance(told[-1], CommandRefused) if told else 0
        if not commands % CHECK_EVERY:
            check(engine)
        if not warm and happened >= max(events * WARM_SHARE, WARM_EVENTS):
            warm = living()
    check(engine)
    seconds = time.perf_counter() - begun
    return Churned(commands, happened, refused, seconds, living() - warm if warm else None)


def check(engine: Engine) -> None:
    """Raise unless every ledger sums to zero, positions net to nothing and no book crosses."""
    engine.ledger_sum(ASSET)
    for symbol in SYMBOLS:
        held = [engine.position(name, symbol, PositionSide.NET).lots for name in engine.accounts()]
        if sum(held):
            raise ValueError(f"positions in {symbol} sum to {sum(held)}")
        depth = engine.depth(symbol, 1)
        if depth.bids and depth.asks and depth.bids[0].price >= depth.asks[0].price:
            raise ValueError(f"the book of {symbol} is crossed")


def living() -> int:
    """Return how many objects the collector knows."""
    gc.collect()
    return len(gc.get_objects())


def main(arguments: Sequence[str] | None = None) -> int:
    """Churn, say what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000, help="how many must happen")
    parser.add_argument("--seed", type=int, default=0, help="replays a run")
    chosen = parser.parse_args(arguments)
    found = churn(chosen.events, chosen.seed)
    least = int(WARM_EVENTS / WARM_SHARE)
    memory = (
        f"too short to judge memory: that takes {least} events"
        if found.growth is None
        else f"{found.growth} more living objects than at half time"
    )
    print(
        f"{found.events} events of {found.commands} commands in {found.seconds:.0f} s, "
        f"{found.refused} refused\n"
        f"{memory}\n"
        f"{'sound' if found.sound else 'NOT SOUND'}"
    )
    return 0 if found.sound else 1


if __name__ == "__main__":
    sys.exit(main())
