"""The people of a story: their money, their quotes, their trades."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from conformance.contracts.core import Core
from conformance.errors import WorldError
from conformance.gateway.ground import least_lots
from conformance.model.commands import (
    CancelAll,
    Command,
    Deposit,
    PlaceConditional,
    PlaceOrder,
    SetLeverage,
)
from conformance.model.ids import AccountId, Lots, Ticks
from conformance.model.instruments import Listing, Phase
from conformance.model.money import ATOM, from_atoms, to_atoms
from conformance.model.orders import Kind, Side, TimeInForce
from conformance.scenarios.actors import TESTEE, Holder, Maker
from conformance.sim.market import FUNDS

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a story is played: an exchange, one symbol of it, and the door for commands.

    ``submit`` raises WorldError when the exchange refuses.
    """

    core: Core
    listing: Listing
    submit: Callable[[Command], None]


class Cast:
    """Acts for everybody in a story; ``scale`` turns its prices into those of the venue."""

    def __init__(self, stage: Stage, scale: Decimal, *, fair: Decimal) -> None:
        self.stage = stage
        self.fair = fair
        """The price round which makers quote."""
        self.depth = Decimal(1)
        """Share of their size that makers show."""
        self._scale = scale
        self._quoting: dict[str, Maker] = {}
        self._orders = 0

    def real(self, price: Decimal) -> Decimal:
        """Return a price of the story as one of the venue."""
        return price * self._scale

    def ticks(self, price: Decimal) -> Ticks:
        """Return a price of the story in ticks of the venue."""
        return max(1, self.stage.listing.prices.floor(self.real(price)))

    def lots(self, clips: int) -> Lots:
        """Return a number of clips in lots, as the mark price stands."""
        listing = self.stage.listing
        return clips * least_lots(listing, from_atoms(self.stage.core.mark(listing.symbol)))

    def account(self, name: str) -> AccountId:
        """Return the account of a person, with plenty of money and room for any position."""
        account = name if name == TESTEE else f"story:{name}"
        if account not in self.stage.core.accounts():
            self._found(account, FUNDS, leverage=1)
        return account

    def take(self, name: str, side: Side, clips: int) -> None:
        """Send a market order."""
        self._place(self.account(name), side, self.lots(clips), None)

    def rest(self, name: str, side: Side, clips: int, price: Decimal, how: TimeInForce) -> None:
        """Send a limit order."""
        self._place(self.account(name), side, self.lots(clips), self.ticks(price), how)

    def cancel(self, name: str) -> None:
        """Take all resting orders of a person out."""
        self._cancel(self.account(name))

    def enter(self, actor: Holder) -> None:
        """Take a position with money for just so much, and protect it as the story says."""
        listing, lots = self.stage.listing, self.lots(actor.size)
        leverage = min(actor.leverage, listing.tiers[0].max_leverage)
        account = f"story:{actor.name}"
        self._found(account, self._stake(lots, leverage, actor.cushion), leverage=leverage)
        self._place(account, actor.side, lots, None)
        leaving = actor.side.opposite
        if actor.stop is not None:
            self.stage.submit(
                PlaceConditional(
                    account,
                    listing.symbol,
                    leaving,
                    Kind.STOP_MARKET,
                    0,
                    self._client_id(),
                    trigger=self.ticks(actor.stop),
                    gauge=actor.gauge,
                    close_position=True,
                )
            )
        if actor.trail is not None:
            self.stage.submit(
                PlaceConditional(
                    account,
                    listing.symbol,
                    leaving,
                    Kind.TRAILING_STOP,
                    lots,
                    self._client_id(),
                    gauge=actor.gauge,
                    reduce_only=True,
                    callback_ppm=int(actor.trail * MILLION),
                )
            )

    def requote(self, actor: Maker) -> None:
        """Let a maker quote anew."""
        self._quoting[actor.name] = actor
        self._cancel(self.account(actor.name))
        for side in (Side.BUY, Side.SELL):
            self._ladder(actor, side)

    def withdraw_quotes(self) -> None:
        """Cancel the quotes of all makers."""
        for name in self._quoting:
            self._cancel(self.account(name))

    def quote(self, side: Side) -> None:
        """Let all makers quote one side."""
        if self.stage.core.phase(self.stage.listing.symbol) is Phase.TRADING:
            for actor in self._quoting.values():
                self._ladder(actor, side)

    def dismiss(self, actor: Maker) -> None:
        """Let a maker go."""
        if self._quoting.pop(actor.name, None) is not None:
            self._cancel(self.account(actor.name))

    def show(self, depth: Decimal) -> None:
        """Let makers show another share of their size, at once."""
        self.depth = depth
        self.withdraw_quotes()
        for side in (Side.BUY, Side.SELL):
            self.quote(side)

    def _ladder(self, actor: Maker, side: Side) -> None:
        lots = int(self.lots(actor.size) * self.depth)
        if not lots:
            return
        listing, account = self.stage.listing, self.account(actor.name)
        mark = from_atoms(self.stage.core.mark(listing.symbol))
        step = max(1, listing.prices.floor(self.fair * actor.step))
        half = self.fair * actor.spread / 2
        if side is Side.BUY:
            best = listing.prices.floor(min(self.fair - half, mark * listing.band_up))
        else:
            lowest = max(self.fair + half, mark * listing.band_down)
            best = listing.prices.floor(lowest) + 1
        for level in range(actor.levels):
            if (price := best - side.sign * level * step) > 0:
                self._place(account, side, max(lots, self.lots(1)), price)

    def _place(
        self,
        account: AccountId,
        side: Side,
        lots: Lots,
        price: Ticks | None,
        how: TimeInForce = TimeInForce.GTC,
    ) -> None:
        kind = Kind.MARKET if price is None else Kind.LIMIT
        client_id = self._client_id()
        symbol = self.stage.listing.symbol
        self.stage.submit(PlaceOrder(account, symbol, side, kind, lots, price, client_id, how))

    def _cancel(self, account: AccountId) -> None:
        symbol = self.stage.listing.symbol
        if self.stage.core.open_orders(account, symbol):
            self.stage.submit(CancelAll(account, symbol))

    def _stake(self, lots: Lots, leverage: int, cushion: Decimal) -> Decimal:
        """Return the initial margin of a position, a cushion, and the fees of coming and going."""
        listing = self.stage.listing
        mark = from_atoms(self.stage.core.mark(listing.symbol))
        worth = listing.quantities.value(lots) * listing.contract_size
        worth = worth if listing.inverse else worth * mark
        stake = worth / leverage * (1 + cushion) + worth * listing.taker_rate * 2
        return stake / mark if listing.inverse else stake

    def _found(self, account: AccountId, funds: Decimal, *, leverage: int) -> None:
        listing = self.stage.listing
        self.stage.submit(Deposit(account, listing.margin_asset, to_atoms(funds.quantize(ATOM))))
        self.stage.submit(SetLeverage(account, listing.symbol, leverage))

    def _client_id(self) -> str:
        self._orders += 1
        return f"story{self._orders}"


def liquidation_price(stage: Stage, account: AccountId) -> tuple[Decimal, int]:
    """Return at which mark price an account's position is liquidated, and the position's sign."""
    for record in stage.core.positions(account, stage.listing.symbol):
        if record.lots and record.liquidation_price > 0:
            return record.liquidation_price, 1 if record.lots > 0 else -1
    raise WorldError(f"{account} holds nothing to liquidate", hint="let it take a position first")
