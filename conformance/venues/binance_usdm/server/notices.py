"""Streams about the market itself: liquidations, changes of a symbol, the index of an asset.

Source: usds-margined-futures/websocket-market-streams Liquidation-Order-Streams and
Contract-Info-Stream, 2026-05-28; change log 2026-04 (the largest liquidation of a second).
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.contracts.core import Core
from conformance.model.events import OrderFilled, PhaseChanged
from conformance.model.ids import Millis, Symbol
from conformance.model.orders import Forced
from conformance.model.records import OrderRecord
from conformance.venues.binance_usdm.server.assets import worths
from conformance.venues.binance_usdm.server.feeds import Feed
from conformance.venues.binance_usdm.server.info import NEVER, PHASES
from conformance.venues.binance_usdm.server.rows import price_text, status_text
from conformance.venues.binance_usdm.server.tape import Tape
from conformance.venues.binance_usdm.server.words import KINDS, SIDES, TIMES
from conformance.venues.broadcast import Notice


class ForceOrders(Feed):
    """``<symbol>@forceOrder`` and ``!forceOrder@arr``: the largest liquidation of each second."""

    def __init__(self, tapes: Sequence[Tape], core: Core, period_ms: Millis) -> None:
        super().__init__(tapes, core, period_ms)
        self._largest: dict[Symbol, tuple[OrderRecord, OrderFilled]] = {}

    def on_notice(self, event: Notice, at: Millis) -> None:
        """Keep the liquidation if it is the largest one of its symbol so far."""
        if not isinstance(event, OrderFilled) or event.order.forced is not Forced.LIQUIDATION:
            return
        order = event.order
        before = self._largest.get(order.symbol)
        if before is None or before[0] is order or before[0].quantity < order.quantity:
            self._largest[order.symbol] = (order, event)
            self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return one frame per symbol."""
        kept, self._largest = self._largest, {}
        return [self._row(order, event, at) for order, event in kept.values()]

    def _row(self, order: OrderRecord, event: OrderFilled, at: Millis) -> str:
        terms = next(t.terms for t in self.tapes if t.terms.symbol == order.symbol)
        quantity = terms.quantity.text
        return (
            f'{{"e":"forceOrder","E":{at},"o":{{"s":"{order.symbol}","S":"{SIDES[order.side]}",'
            f'"o":"{KINDS[order.kind]}","f":"{TIMES[order.time_in_force]}",'
            f'"q":"{quantity(order.quantity)}","p":"{price_text(order, terms)}",'
            f'"ap":"{terms.average_text(event.cost, event.filled)}","X":"{status_text(order)}",'
            f'"l":"{quantity(event.fill.quantity)}","z":"{quantity(event.filled)}",'
            f'"T":{event.fill.at}}},"ps":"{order.symbol}","st":1}}'
        )


class ContractInfo(Feed):
    """``!contractInfo``: a symbol moved to another phase."""

    def __init__(self, tapes: Sequence[Tape], core: Core, period_ms: Millis) -> None:
        super().__init__(tapes, core, period_ms)
        self._moved: list[PhaseChanged] = []

    def on_notice(self, event: Notice, at: Millis) -> None:
        """Send the symbol's new phase."""
        if isinstance(event, PhaseChanged):
            self._moved.append(event)
            self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return one frame per change; brackets stand there only when they change."""
        moved, self._moved = self._moved, []
        return [self._row(event, at) for event in moved]

    def _row(self, event: PhaseChanged, at: Millis) -> str:
        listing = next(t.terms.listing for t in self.tapes if t.terms.symbol == event.symbol)
        ends = self.core.delivery(event.symbol) or NEVER
        return (
            f'{{"e":"contractInfo","E":{at},"s":"{event.symbol}","ps":"{event.symbol}",'
            f'"ct":"PERPETUAL","dt":{ends},"ot":{listing.onboard_ms},'
            f'"cs":"{PHASES[event.phase]}","st":1}}'
        )


class AssetIndexes(Feed):
    """``!assetIndex@arr`` and ``<asset>@assetIndex``: what assets are worth as margin."""

    def __init__(
        self, tapes: Sequence[Tape], core: Core, period_ms: Millis, at: Millis, asset: str = ""
    ) -> None:
        super().__init__(tapes, core, period_ms)
        self._asset = asset
        self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return the row of the asset, or the rows of all, and be due again."""
        self.touch(at)
        rows = [
            f'{{"e":"assetIndexUpdate","E":{at},"s":"{symbol}","i":"{index}","b":"{buffer}",'
            f'"a":"{buffer}","B":"{bid}","A":"{ask}","q":"{buffer}","g":"{buffer}",'
            f'"Q":"{bid}","G":"{ask}"}}'
            for symbol, index, buffer, bid, ask in worths(self.core)
            if self._asset in ("", symbol)
        ]
        return rows if self._asset else [f"[{','.join(rows)}]"]
