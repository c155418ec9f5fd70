"""Claims about positions as they open, close, flip and survive a restart."""

from __future__ import annotations

from decimal import Decimal

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Kind, Position, PositionSide, Side
from conformance.model.wire import Operation
from conformance.suites.staging import CROSSING_TICKS, empty_purse, hold, order_of, quote
from conformance.suites.witness import legs, settle

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_PATHS = {
    "flat-to-long": (0, 2),
    "flat-to-short": (0, -2),
    "long-to-flat": (2, 0),
    "long-to-less": (3, 1),
    "long-to-short": (2, -1),
    "short-to-flat": (-2, 0),
    "short-to-more": (-1, -3),
    "short-to-long": (-1, 2),
}
_PRECISION = Decimal("0.00000001")
_LEVERAGE = 7
_NEARLY = Decimal("0.001")
_DEPOSIT = 1_234
_LAG_MS = 5_000


async def _go(adapter: Adapter, world: World, change: int, kind: Kind, ticks: int) -> None:
    """Trade at the others' price, so many ticks behind the reference."""
    side, multiple = (Side.BUY if change > 0 else Side.SELL), abs(change)
    price = world.price(ticks, side.opposite)
    world.market.rest(side.opposite, price, world.quantity() * multiple)
    request = order_of(world, side, multiple, ticks_away=CROSSING_TICKS, kind=kind)
    accepted(await adapter.place(request), "a legal order")
    await settle(adapter, world)


@case("POS-05", level=1, needs=[*_NEEDS, Capability.MARKET], source="LN")
@for_each(path=sorted(_PATHS), kind=[Kind.LIMIT, Kind.MARKET])
async def a_position_follows_every_trade(
    adapter: Adapter, world: World, path: str, kind: Kind
) -> None:
    """Opening, adding, reducing, closing and flipping leave the ledger's quantity and entry."""
    start, target = _PATHS[path]
    if start:
        await _go(adapter, world, start, kind, ticks=10)
    await _go(adapter, world, target - start, kind, ticks=17)
    key = (world.symbol, PositionSide.NET)
    expected = {key: world.quantity() * target} if target else {}
    equal(legs(world.truth.positions()), expected, "the venue holds what was asked for")
    equal(legs(adapter.held()), expected, "the adapter holds what the venue does")
    if target:
        equal(
            [leg.entry_price for leg in adapter.held() if leg.quantity],
            [leg.entry_price for leg in world.truth.positions()],
            "the entry price equals the ledger's",
        )


def _leg(positions: list[Position], symbol: str) -> Position | None:
    return next((leg for leg in positions if leg.symbol == symbol and leg.quantity), None)


@case("POS-07", level=2, needs=[Capability.PLACE, Capability.POSITIONS], source="CX")
@for_each(side=[Side.BUY, Side.SELL])
async def unrealised_profit_follows_the_mark(adapter: Adapter, world: World, side: Side) -> None:
    """After the mark moved the unrealised profit equals the ledger's to eight decimals."""
    world.market.set_leverage(_LEVERAGE)
    await hold(adapter, world, side, 3)
    empty_purse(world)
    for ticks in (-120, 0, 77):
        world.market.mark(world.price(ticks, Side.SELL))
        asked = accepted(await adapter.positions(), "asking for the positions")
        mine = _leg(list(asked), world.symbol)
        theirs = _leg(list(world.truth.positions()), world.symbol)
        check(mine and theirs, "an open position is reported", expected=theirs, observed=mine)
        if not mine or not theirs:
            return
        check(
            abs(mine.unrealised - theirs.unrealised) <= _PRECISION
            and abs(mine.mark_price - theirs.mark_price) <= _PRECISION,
            "mark price and unrealised profit equal the ledger's",
            expected=(theirs.mark_price, theirs.unrealised),
            observed=(mine.mark_price, mine.unrealised),
        )
        equal(
            (mine.quantity, mine.entry_price),
            (theirs.quantity, theirs.entry_price),
            "a moving mark changes neither quantity nor entry price",
        )
        _terms_told(mine, theirs)


def _terms_told(mine: Position, theirs: Position) -> None:
    """Judge what an adapter need not tell, but must not invent."""
    check(
        mine.leverage in (None, theirs.leverage),
        "the leverage of a position, where it is told, is the one in force",
        expected=theirs.leverage,
        observed=mine.leverage,
    )
    check(
        mine.margin_mode is theirs.margin_mode,
        "a position in cross margin is not told to be isolated",
        expected=theirs.margin_mode,
        observed=mine.margin_mode,
    )
    price, truth = mine.liquidation_price, theirs.liquidation_price
    check(
        price is None or (truth is not None and abs(price - truth) <= truth * _NEARLY),
        "the price of liquidation, where it is told, is about the ledger's",
        expected=truth,
        observed=price,
    )


@case(
    "POS-13", level=2, needs=[Capability.PLACE, Capability.BALANCES], source="CX, ccxt/ccxt#17831"
)
@for_each(side=[Side.BUY, Side.SELL])
async def money_is_told_as_the_ledger_has_it(adapter: Adapter, world: World, side: Side) -> None:
    """Through deposits, orders, positions and losses, money booked and money free are exact."""
    await _money_told(adapter, world, "in the beginning")
    world.market.deposit(Decimal(_DEPOSIT))
    await _money_told(adapter, world, "after a deposit")
    accepted(await adapter.place(order_of(world, side, 3)), "a resting limit order")
    await _money_told(adapter, world, "while an order rests")
    await hold(adapter, world, side, 5)
    await _money_told(adapter, world, "while a position is held")
    world.market.mark(world.price(120, side))
    await _money_told(adapter, world, "while a position loses")


async def _money_told(adapter: Adapter, world: World, when: str) -> None:
    asked = accepted(await adapter.balances(), "asking for the money")
    told = {row.asset: row for row in asked if row.wallet or row.available}
    ledger = {row.asset: row for row in world.truth.balances() if row.wallet or row.available}
    equal(sorted(told), sorted(ledger), f"exactly the assets with money are told {when}")
    for asset, truth in ledger.items():
        mine = told[asset]
        for name, theirs, ours in (
            ("booked", truth.wallet, mine.wallet),
            ("free", truth.available, mine.available),
        ):
            check(
                abs(ours - theirs) <= _PRECISION,
                f"the money that is {name} {when} is the ledger's",
                expected=f"{theirs} {asset}",
                observed=f"{ours} {asset}",
            )


def _traded(world: World, side: Side, symbol: str) -> None:
    """Trade for the account as another client of it would, so that its streams alone tell."""
    quote(world, side, 2, symbol=symbol)
    world.market.foreign(order_of(world, side, 2, ticks_away=CROSSING_TICKS, symbol=symbol))


@case("POS-14", level=1, needs=_NEEDS, source="hummingbot/hummingbot#8216, ccxt/ccxt#21565")
@for_each(told=["live", "after-a-gap"], closed=[0, 1])
async def legs_of_several_symbols_do_not_touch(
    adapter: Adapter, world: World, told: str, closed: int
) -> None:
    """What happens to the leg of one symbol, seen or missed, changes no leg of another."""
    for symbol in world.symbols[:2]:
        _traded(world, Side.BUY, symbol)
        await settle(adapter, world)
    expected = legs(world.truth.positions())
    equal(legs(adapter.held()), expected, "legs of two symbols are held beside each other")
    if told == "after-a-gap":
        world.faults.close_streams(1006)
    gone = world.symbols[closed]
    _traded(world, Side.SELL, gone)
    del expected[gone, PositionSide.NET]
    for _ in range(40):
        left = {key: held for key, held in legs(adapter.held()).items() if key[0] != gone}
        equal(left, expected, "closing the leg of one symbol never touches that of another")
        await world.quiet(50)
    await settle(adapter, world, within_ms=60_000)
    await world.quiet(60_000)
    equal(legs(adapter.held()), expected, "after a leg was closed exactly the other is held")


@case("POS-12", level=3, needs=[*_NEEDS, Capability.POSITIONS], source="CX, I19", stimulus=True)
@for_each(change=["closed", "flipped"])
async def an_older_answer_undoes_no_event(adapter: Adapter, world: World, change: str) -> None:
    """What the stream told of a leg stands against an answer that shows the leg as it was."""
    await _go(adapter, world, -2, Kind.LIMIT, ticks=10)
    await world.quiet(_LAG_MS)
    lag = world.faults.lag_reads(_LAG_MS)
    await _go(adapter, world, 2 if change == "closed" else 3, Kind.LIMIT, ticks=10)
    expected = legs(world.truth.positions())
    await adapter.positions()
    for _ in range(20):
        equal(legs(adapter.held()), expected, "an older answer does not undo what the stream told")
        await world.quiet(50)
    lag.withdraw()
    await settle(adapter, world, within_ms=60_000)


@case(
    "POS-10",
    level=2,
    needs=[*_NEEDS, Capability.HEDGE_MODE],
    source="NT E86-87, I35",
    started=False,
)
@for_each(held=["long", "short", "both"])
async def a_restart_adopts_what_is_held(adapter: Adapter, world: World, held: str) -> None:
    """After a restart the positions are adopted with their entry, and nothing is traded."""
    hedge = held == "both"
    if hedge:
        world.market.set_hedge_mode(hedge=True)
    await adapter.start()
    for side, leg in ((Side.BUY, PositionSide.LONG), (Side.SELL, PositionSide.SHORT)):
        if held in ("both", leg):
            position_side = leg if hedge else PositionSide.NET
            await hold(adapter, world, side, 2, position_side=position_side)
    before = world.wire.mark()
    heir = await world.restart(adapter)
    await world.until(
        lambda: legs(heir.held()) == legs(world.truth.positions()),
        within_ms=30_000,
        what="after a restart the positions held at the venue are adopted",
    )
    entries = {(leg.symbol, leg.position_side): leg.entry_price for leg in heir.held()}
    for truth in world.truth.positions():
        equal(
            entries.get((truth.symbol, truth.position_side)),
            truth.entry_price,
            "an adopted position has the ledger's entry price",
        )
    await world.quiet(120_000)
    equal(
        len(world.wire.calls(Operation.PLACE, Operation.PLACE_BATCH, since=before)),
        0,
        "a restarted adapter does not trade by itself",
    )
    side, leg = (
        (Side.SELL, PositionSide.LONG) if held != "short" else (Side.BUY, PositionSide.SHORT)
    )
    await hold(heir, world, side, 1, position_side=leg if hedge else PositionSide.NET)
    await world.until(
        lambda: legs(heir.held()) == legs(world.truth.positions()),
        what="an adopted position shrinks with the next trade",
    )
