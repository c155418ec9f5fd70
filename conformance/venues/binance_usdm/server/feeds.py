"""Market streams of one symbol or of all: what each frame carries and when it is due.

Source: usds-margined-futures/websocket-market-streams, 2026-05-28; field lists of SDK 18.1.0;
``st`` 1 marks USDⓈ-M since the integration of 2026-06-24. Frames are batched at multiples of a
stream's speed; a stream with nothing new stays silent, except for mark prices.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.contracts.core import Core
from conformance.model.events import BookChanged
from conformance.model.ids import Lots, Millis, Ticks
from conformance.model.orders import Side
from conformance.model.records import TradeRecord
from conformance.venues import broadcast
from conformance.venues.binance_usdm.server.funding import next_funding, rate_text
from conformance.venues.binance_usdm.server.intervals import bounds
from conformance.venues.binance_usdm.server.market import (
    levels_text,
    percent_text,
    weighted_text,
)
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.tape import Aggregate, Tape
from conformance.venues.numbers import atoms_text


class Feed(broadcast.Feed):
    """One stream name somebody wants. A period of 0 sends at once."""

    def __init__(self, tapes: Sequence[Tape], core: Core, period_ms: Millis) -> None:
        super().__init__([tape.terms.symbol for tape in tapes], period_ms)
        self.tapes = tapes
        self.tape = tapes[0]
        self.terms: Terms = tapes[0].terms
        self.core = core


class Depth(Feed):
    """``<symbol>@depth``: changed levels; each speed has a chain of ids of its own."""

    def __init__(self, tapes: Sequence[Tape], core: Core, period_ms: Millis) -> None:
        super().__init__(tapes, core, period_ms)
        self._bids: dict[Ticks, Lots] = {}
        self._asks: dict[Ticks, Lots] = {}
        self._last = self._before = self.tape.update_id

    def on_book(self, change: BookChanged, at: Millis) -> None:
        """Keep the newest quantity of the level."""
        (self._bids if change.side is Side.BUY else self._asks)[change.price] = change.quantity
        self._last = self.tape.update_id
        self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return one depthUpdate; ``U`` leaves a gap after ``pu``, as the venue's ids do."""
        bids = sorted(self._bids.items(), reverse=True)
        asks = sorted(self._asks.items())
        self._bids, self._asks = {}, {}
        before, self._before = self._before, self._last
        return [depth_frame(self.tape, at, (before + 2, self._last, before), bids, asks)]


class DepthTop(Feed):
    """``<symbol>@depth<levels>``: the best levels, whole each time."""

    def __init__(self, tapes: Sequence[Tape], core: Core, period_ms: Millis, levels: int) -> None:
        super().__init__(tapes, core, period_ms)
        self._levels = levels
        self._before = self.tape.update_id

    def on_book(self, change: BookChanged, at: Millis) -> None:
        """Send the best levels again."""
        del change
        self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return one depthUpdate with both sides best first."""
        depth = self.core.depth(self.terms.symbol, self._levels)
        before, self._before = self._before, self.tape.update_id
        return [
            depth_frame(self.tape, at, (before + 2, self._before, before), depth.bids, depth.asks)
        ]


class BookTicker(Feed):
    """``<symbol>@bookTicker`` and ``!bookTicker``: the best level of either side."""

    def __init__(self, tapes: Sequence[Tape], core: Core, period_ms: Millis) -> None:
        super().__init__(tapes, core, period_ms)
        self._sent: dict[str, object] = {
            tape.terms.symbol: core.depth(tape.terms.symbol, 1) for tape in tapes
        }

    def on_book(self, change: BookChanged, at: Millis) -> None:
        """Look again whether the best level moved."""
        del change
        self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return one frame per symbol whose best level moved."""
        made = []
        for tape in self.tapes:
            terms = tape.terms
            depth = self.core.depth(terms.symbol, 1)
            if depth == self._sent[terms.symbol]:
                continue
            self._sent[terms.symbol] = depth
            bid = depth.bids[0] if depth.bids else (0, 0)
            ask = depth.asks[0] if depth.asks else (0, 0)
            price, quantity = terms.price.text, terms.quantity.text
            made.append(
                f'{{"e":"bookTicker","u":{tape.update_id},"E":{at},"T":{tape.updated_ms},'
                f'"s":"{terms.symbol}","ps":"{terms.symbol}","b":"{price(bid[0])}",'
                f'"B":"{quantity(bid[1])}","a":"{price(ask[0])}","A":"{quantity(ask[1])}","st":1}}'
            )
        return made


class AggTrades(Feed):
    """``<symbol>@aggTrade``: trades of one taker at one price as one."""

    def __init__(self, tapes: Sequence[Tape], core: Core, period_ms: Millis) -> None:
        super().__init__(tapes, core, period_ms)
        self._rows: list[Aggregate] = []

    def on_trades(self, trades: Sequence[TradeRecord], at: Millis) -> None:
        """Gather the aggregated trades."""
        del trades
        self._rows.extend(self.tape.joined)
        self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return one frame per aggregated trade."""
        rows, self._rows = self._rows, []
        price, quantity = self.terms.price.text, self.terms.quantity.text
        return [
            f'{{"e":"aggTrade","E":{at},"s":"{row.symbol}","a":{row.number},'
            f'"p":"{price(row.price)}","q":"{quantity(row.quantity)}",'
            f'"nq":"{quantity(row.quantity)}","f":{row.first},"l":{row.last},"T":{row.at},'
            f'"m":{"true" if row.taker_side is Side.SELL else "false"},"st":1}}'
            for row in rows
        ]


class Trades(Feed):
    """``<symbol>@trade`` (undocumented): every trade at once."""

    def __init__(self, tapes: Sequence[Tape], core: Core, period_ms: Millis) -> None:
        super().__init__(tapes, core, period_ms)
        self._rows: list[TradeRecord] = []

    def on_trades(self, trades: Sequence[TradeRecord], at: Millis) -> None:
        """Gather the trades."""
        self._rows.extend(trades)
        self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return one frame per trade."""
        rows, self._rows = self._rows, []
        price, quantity = self.terms.price.text, self.terms.quantity.text
        return [
            f'{{"e":"trade","E":{at},"T":{row.at},"s":"{row.symbol}","t":{row.trade_id},'
            f'"p":"{price(row.price)}","q":"{quantity(row.quantity)}","X":"MARKET",'
            f'"m":{"true" if row.taker_side is Side.SELL else "false"}}}'
            for row in rows
        ]


class MarkPrices(Feed):
    """``<symbol>@markPrice`` and ``!markPrice@arr``: sent whether or not anything moved."""

    def __init__(
        self, tapes: Sequence[Tape], core: Core, period_ms: Millis, at: Millis, *, array: bool
    ) -> None:
        super().__init__(tapes, core, period_ms)
        self._array = array
        self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return one frame, and be due again."""
        self.touch(at)
        rows = [self._row(tape.terms, at) for tape in self.tapes]
        return [f"[{','.join(rows)}]"] if self._array else rows

    def _row(self, terms: Terms, at: Millis) -> str:
        mark = atoms_text(self.core.mark(terms.symbol))
        index = atoms_text(self.core.index(terms.symbol))
        return (
            f'{{"e":"markPriceUpdate","E":{at},"s":"{terms.symbol}","p":"{mark}","ap":"{mark}",'
            f'"i":"{index}","P":"{mark}","r":"{rate_text(self.core, terms)}",'
            f'"T":{next_funding(self.core, terms, at)},'
            '"st":1}'
        )


class Klines(Feed):
    """``<symbol>@kline_<interval>``: the present candle after trades, and its close."""

    def __init__(self, tapes: Sequence[Tape], core: Core, period_ms: Millis, interval: str) -> None:
        super().__init__(tapes, core, period_ms)
        self._interval = interval
        self._open: tuple[Millis, Millis] | None = None
        self._over: list[tuple[Millis, Millis]] = []

    def on_trades(self, trades: Sequence[TradeRecord], at: Millis) -> None:
        """Send the candle again, and the one before it when this trade begins another."""
        del trades
        now = bounds(self._interval, at)
        if self._open is not None and self._open != now:
            self._over.append(self._open)
        self._open = now
        self.touch(at)

    def due(self) -> Millis | None:
        """Return when the candle changes on the wire or closes."""
        if self._open is None:
            return None
        closes = self._open[1] + 1
        return closes if self._due is None else min(self._due, closes)

    def frames(self, at: Millis) -> list[str]:
        """Return the candles that ended and the present one; ``x`` is true for the former."""
        over, self._over = self._over, []
        rows = [self._row(at, span, over=True) for span in over]
        if self._open is not None:
            ended = self._open[1] < at
            rows.append(self._row(at, self._open, over=ended))
            if ended:
                self._open = None
        return rows

    def _row(self, at: Millis, span: tuple[Millis, Millis], *, over: bool) -> str:
        symbol = self.terms.symbol
        candle = self._candle(span, over=over, named=f'"s":"{symbol}",')
        return f'{{"e":"kline","E":{at},"s":"{symbol}","k":{candle}}}'

    def _candle(self, span: tuple[Millis, Millis], *, over: bool, named: str) -> str:
        opened, closed = span
        candle = self.tape.candles(self._interval, opened)[opened]
        terms, price = self.terms, self.terms.price.text
        return (
            f'{{"t":{opened},"T":{closed},{named}"i":"{self._interval}",'
            f'"f":{candle.first},"L":{candle.last},'
            f'"o":"{price(candle.open)}","c":"{price(candle.close)}","h":"{price(candle.high)}",'
            f'"l":"{price(candle.low)}","v":"{terms.quantity.text(candle.volume)}",'
            f'"n":{candle.count},"x":{"true" if over else "false"},'
            f'"q":"{terms.value_text(candle.value * terms.unit)}",'
            f'"V":"{terms.quantity.text(candle.taker_buy)}",'
            f'"Q":"{terms.value_text(candle.taker_buy_value * terms.unit)}","B":"0"}}'
        )


class ContinuousKlines(Klines):
    """``<pair>_perpetual@continuousKline_<interval>``: the candles of a pair's perpetual."""

    def _row(self, at: Millis, span: tuple[Millis, Millis], *, over: bool) -> str:
        candle = self._candle(span, over=over, named="")
        return (
            f'{{"e":"continuous_kline","E":{at},"ps":"{self.terms.symbol}","ct":"PERPETUAL",'
            f'"k":{candle}}}'
        )


class DayTickers(Feed):
    """``ticker`` and ``miniTicker``: the last 24 hours of the symbols that traded."""

    def __init__(
        self, tapes: Sequence[Tape], core: Core, period_ms: Millis, *, mini: bool, array: bool
    ) -> None:
        super().__init__(tapes, core, period_ms)
        self._mini = mini
        self._array = array
        self._traded: set[str] = set()

    def on_trades(self, trades: Sequence[TradeRecord], at: Millis) -> None:
        """Send the symbol again."""
        self._traded.add(trades[0].symbol)
        self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return the rows of the symbols that traded."""
        row = self._small if self._mini else self._full
        rows = [row(tape, at) for tape in self.tapes if tape.terms.symbol in self._traded]
        self._traded.clear()
        return [f"[{','.join(rows)}]"] if self._array else rows

    def _small(self, tape: Tape, at: Millis) -> str:
        day, terms, price = tape.day(at), tape.terms, tape.terms.price.text
        return (
            f'{{"e":"24hrMiniTicker","E":{at},"s":"{terms.symbol}","c":"{price(day.close)}",'
            f'"o":"{price(day.open)}","h":"{price(day.high)}","l":"{price(day.low)}",'
            f'"v":"{terms.quantity.text(day.volume)}",'
            f'"q":"{terms.value_text(day.value * terms.unit)}","ps":"{terms.symbol}","st":1}}'
        )

    def _full(self, tape: Tape, at: Millis) -> str:
        day, terms, price = tape.day(at), tape.terms, tape.terms.price.text
        last = self.core.trades(terms.symbol)[-1]
        change = day.close - day.open
        return (
            f'{{"e":"24hrTicker","E":{at},"s":"{terms.symbol}","p":"{price(change)}",'
            f'"P":"{percent_text(change, day.open)}","w":"{weighted_text(day, terms)}",'
            f'"c":"{price(day.close)}","Q":"{terms.quantity.text(last.quantity)}",'
            f'"o":"{price(day.open)}","h":"{price(day.high)}","l":"{price(day.low)}",'
            f'"v":"{terms.quantity.text(day.volume)}",'
            f'"q":"{terms.value_text(day.value * terms.unit)}","O":{day.opened_ms},"C":{at},'
            f'"F":{day.first},"L":{day.last},"n":{day.count},"ps":"{terms.symbol}","st":1}}'
        )


def depth_frame(
    tape: Tape,
    at: Millis,
    ids: tuple[int, int, int],
    bids: Sequence[tuple[Ticks, Lots]],
    asks: Sequence[tuple[Ticks, Lots]],
) -> str:
    """Return a depthUpdate; ``ids`` are U, u and pu."""
    terms = tape.terms
    first, last, before = ids
    return (
        f'{{"e":"depthUpdate","E":{at},"T":{tape.updated_ms},"s":"{terms.symbol}",'
        f'"ps":"{terms.symbol}","U":{first},"u":{last},"pu":{before},'
        f'"b":{levels_text(bids, terms)},"a":{levels_text(asks, terms)},"st":1}}'
    )
