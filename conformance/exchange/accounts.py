"""What an account owns: purses of money, holdings of symbols, legs of positions.

Margin totals are kept up to date leg by leg, so that a command costs the same however many
orders rest. ``revalue`` follows the mark or the position, ``charge`` follows the orders.
"""

from __future__ import annotations

from collections import deque

from conformance.exchange.joint import Pool
from conformance.exchange.ledger import Ledger, Pot
from conformance.exchange.margin import exposure
from conformance.exchange.market import Market
from conformance.exchange.settings import FILLS_RETAINED, LEVERAGE_DEFAULT
from conformance.model.ids import AccountId, Atoms, Lots, Millis, Symbol
from conformance.model.orders import BUY, MarginMode, PositionSide
from conformance.model.records import FillRecord, OrderRecord

_CROSS = MarginMode.CROSS


class Purse:
    """Money of one asset with the margin that is bound in it. Totals over all legs, in atoms."""

    __slots__ = (
        "asset",
        "cross_maintenance",
        "cross_position_initial",
        "cross_unrealised",
        "isolated",
        "maintenance",
        "order_initial",
        "pool",
        "position_initial",
        "unrealised",
        "updated_ms",
        "wallet",
    )

    def __init__(self, ledger: Ledger, asset: str) -> None:
        self.asset = asset
        self.wallet: Pot = ledger.open(asset)
        self.isolated: Atoms = 0
        self.unrealised: Atoms = 0
        self.position_initial: Atoms = 0
        self.order_initial: Atoms = 0
        self.maintenance: Atoms = 0
        self.cross_unrealised: Atoms = 0
        self.cross_position_initial: Atoms = 0
        self.cross_maintenance: Atoms = 0
        self.updated_ms: Millis = 0
        self.pool: Pool | None = None
        """The assets it counts together with, in joint margin."""

    @property
    def cross_wallet(self) -> Atoms:
        """Wallet without what is set aside for isolated legs."""
        return self.wallet.balance - self.isolated

    @property
    def free(self) -> Atoms:
        """What is left for new orders; below zero when margin is short."""
        if self.pool is not None:
            return self.pool.free(self)
        return (
            self.wallet.balance
            - self.isolated
            + self.cross_unrealised
            - self.cross_position_initial
            - self.order_initial
        )


class Leg:
    """One position of one account in one symbol, and the orders that could change it."""

    __slots__ = (
        "accumulated",
        "asks",
        "bids",
        "clearing",
        "closers",
        "closing",
        "cost",
        "exposure",
        "holding",
        "isolated",
        "lots",
        "maintenance",
        "notional",
        "order_initial",
        "paid",
        "position_initial",
        "position_side",
        "unrealised",
        "updated_ms",
    )

    def __init__(self, holding: Holding, position_side: PositionSide, clearing: Pot) -> None:
        self.holding = holding
        self.position_side = position_side
        self.clearing = clearing
        self.lots: Lots = 0
        self.cost: int = 0
        """Signed like ``lots``, in grains: what the open lots cost when they were entered."""
        self.paid: Atoms = 0
        """Fees paid for the open lots."""
        self.isolated: Atoms = 0
        """The part of the wallet set aside for this leg."""
        self.accumulated: Atoms = 0
        """Realised profit over the life of the leg, fees not counted."""
        self.bids: Atoms = 0
        """Value of the resting orders that may enlarge or flip the leg by buying."""
        self.asks: Atoms = 0
        self.closers: dict[int, OrderRecord] = {}
        """Resting orders that may only reduce the leg; they bind no margin."""
        self.closing: Lots = 0
        """Remaining quantity of the closers: never more than the leg holds."""
        self.notional: Atoms = 0
        self.exposure: Atoms = 0
        """The larger notional that could result if one side's orders all filled."""
        self.unrealised: Atoms = 0
        self.position_initial: Atoms = 0
        self.order_initial: Atoms = 0
        self.maintenance: Atoms = 0
        self.updated_ms: Millis = 0

    def set_aside(self, amount: Atoms) -> None:
        """Count ``amount`` more (or less) of the wallet as the leg's own isolated margin."""
        self.isolated += amount
        self.holding.purse.isolated += amount

    def revalue(self) -> None:
        """Work out all figures again after a change of mark, position, leverage or mode."""
        holding = self.holding
        purse, market = holding.purse, holding.market
        contract = market.contract
        notional = contract.value_at(market.mark, self.lots)
        unrealised = contract.unrealised(market.mark, self.lots, self.cost)
        initial = abs(notional) // holding.leverage
        maintenance = market.scale.maintenance(abs(notional))
        purse.unrealised += unrealised - self.unrealised
        purse.position_initial += initial - self.position_initial
        purse.maintenance += maintenance - self.maintenance
        if holding.mode is _CROSS:
            purse.cross_unrealised += unrealised - self.unrealised
            purse.cross_position_initial += initial - self.position_initial
            purse.cross_maintenance += maintenance - self.maintenance
        self.notional = notional
        self.unrealised = unrealised
        self.position_initial = initial
        self.maintenance = maintenance
        self.charge()

    def charge(self) -> None:
        """Work out the open orders' margin again after a change of orders."""
        holding = self.holding
        self.exposure = exposure(self.notional, self.bids, self.asks)
        initial = self.exposure // holding.leverage - self.position_initial
        holding.purse.order_initial += initial - self.order_initial
        self.order_initial = initial

    def rest(self, order: OrderRecord, value: Atoms) -> None:
        """Count a resting order, or (below zero) discount what left it."""
        if order.side is BUY:
            self.bids += value
        else:
            self.asks += value
        self.charge()


class Holding:
    """Everything of one account in one symbol."""

    __slots__ = (
        "account",
        "by_client",
        "cap",
        "closed",
        "fills",
        "legs",
        "leverage",
        "market",
        "mode",
        "open",
        "orders",
        "purse",
    )

    def __init__(self, account: Account, market: Market, ledger: Ledger) -> None:
        self.account = account
        self.market = market
        self.purse = account.purses[market.listing.margin_asset]
        self.leverage = min(LEVERAGE_DEFAULT, market.scale.leverage_max)
        self.cap: Atoms = market.scale.cap(self.leverage)
        self.mode = MarginMode.CROSS
        asset = market.listing.margin_asset
        self.legs = {side: Leg(self, side, ledger.open(asset)) for side in PositionSide}
        self.open: dict[int, OrderRecord] = {}
        self.orders: dict[int, OrderRecord] = {}
        """Retained orders by id, open and closed, oldest first."""
        self.closed: deque[int] = deque()
        """Ids of the closed ones in the order of their ends."""
        self.by_client: dict[str, OrderRecord] = {}
        """The newest retained order of each client id."""
        self.fills: deque[FillRecord] = deque(maxlen=FILLS_RETAINED)

    @property
    def flat(self) -> bool:
        """True when no leg holds anything."""
        return not any(leg.lots for leg in self.legs.values())

    def revalue(self) -> None:
        """Work out the figures of every leg again."""
        for leg in self.legs.values():
            leg.revalue()


class Account:
    """One account: its money, its symbols, its open client ids."""

    __slots__ = (
        "_ledger",
        "client_ids",
        "frozen",
        "hedge",
        "holdings",
        "name",
        "pool",
        "purses",
        "trade_group",
    )

    def __init__(self, name: AccountId, ledger: Ledger, assets: set[str]) -> None:
        self.name = name
        self.hedge = False
        self.frozen: set[Purse | Leg] = set()
        """Whose margin is being liquidated: nobody else may act on it."""
        self.pool: Pool | None = None
        """The assets that bear margin together; None when each bears its own."""
        self.trade_group = ""
        self._ledger = ledger
        self.purses = {asset: Purse(ledger, asset) for asset in sorted(assets)}
        self.holdings: dict[Symbol, Holding] = {}
        self.client_ids: dict[str, OrderRecord] = {}
        """Open orders by client id, over all symbols."""

    def purse(self, asset: str) -> Purse:
        """Return the purse of an asset, a new one when there is none yet."""
        if asset not in self.purses:
            self.purses[asset] = Purse(self._ledger, asset)
            self.join(self.pool)
        return self.purses[asset]

    def join(self, pool: Pool | None) -> None:
        """Let the assets that count bear margin together, or (None) each its own again."""
        self.pool = pool
        for purse in self.purses.values():
            counts = pool is not None and purse.asset in pool.collateral
            purse.pool = pool if counts else None

    def holding(self, market: Market) -> Holding:
        """Return the account's holding in a market, a new one when there is none yet."""
        symbol = market.listing.symbol
        holding = self.holdings.get(symbol)
        if holding is None:
            holding = self.holdings[symbol] = Holding(self, market, self._ledger)
            market.holdings[self.name] = holding
        return holding
