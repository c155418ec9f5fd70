"""Which market stream a name is: what it carries, its topic, its route and its speed.

Source: usds-margined-futures/websocket-market-streams, 2026-05-28.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from conformance.contracts.core import Core
from conformance.model.ids import Millis, Symbol
from conformance.model.wire import Topic
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.assets import COLLATERAL
from conformance.venues.binance_usdm.server.feeds import (
    AggTrades,
    BookTicker,
    ContinuousKlines,
    DayTickers,
    Depth,
    DepthTop,
    Feed,
    Klines,
    MarkPrices,
    Trades,
)
from conformance.venues.binance_usdm.server.intervals import LENGTHS
from conformance.venues.binance_usdm.server.notices import AssetIndexes, ContractInfo, ForceOrders
from conformance.venues.binance_usdm.server.tape import Tape

Found: TypeAlias = tuple[Feed, Topic, str]
"""A stream with its topic and its route."""
_Maker: TypeAlias = Callable[[tuple[Tape, ...], Millis], Found]

_SPEEDS = FACTS["streams"]["speeds"]
_SLOW, _FAST = max(_SPEEDS["markPrice"]), min(_SPEEDS["markPrice"])
_DEPTH = re.compile(r"depth(5|10|20)?(?:@(0|100|250|500)ms)?").fullmatch
_DEPTH_USUAL = 250
_RPI_MS = 500


class Names:
    """Makes the stream that a name asks for."""

    def __init__(self, tapes: Mapping[Symbol, Tape], core: Core) -> None:
        self._core = core
        self._every = tuple(tapes.values())
        self._named = {symbol.lower(): tape for symbol, tape in tapes.items()}
        self._kinds: dict[str, _Maker] = {
            "markPrice": self._marks(_SLOW, array=False),
            "markPrice@1s": self._marks(_FAST, array=False),
            "ticker": self._days(_SPEEDS["ticker"], mini=False, array=False),
            "miniTicker": self._days(_SPEEDS["miniTicker"], mini=True, array=False),
            "bookTicker": self._book(0),
            "aggTrade": lambda t, _: (
                AggTrades(t, core, _SPEEDS["aggTrade"]),
                Topic.TRADES,
                "market",
            ),
            "trade": lambda t, _: (Trades(t, core, 0), Topic.TRADES, "public"),
            "forceOrder": self._forced,
            "rpiDepth@500ms": lambda t, _: (Depth(t, core, _RPI_MS), Topic.BOOK, "public"),
        }
        self._arrays: dict[str, _Maker] = {
            "!markPrice@arr": self._marks(_SLOW, array=True),
            "!markPrice@arr@1s": self._marks(_FAST, array=True),
            "!ticker@arr": self._days(_SPEEDS["array"], mini=False, array=True),
            "!miniTicker@arr": self._days(_SPEEDS["array"], mini=True, array=True),
            "!bookTicker": self._book(_SPEEDS["bookTickerAll"]),
            "!forceOrder@arr": self._forced,
            "!contractInfo": lambda t, _: (ContractInfo(t, core, 0), Topic.TICKER, "market"),
            "!assetIndex@arr": self._assets(""),
        } | {f"{name.lower()}usd@assetIndex": self._assets(f"{name}USD") for name in COLLATERAL}

    def feed(self, name: str, at: Millis) -> Found | None:
        """Return the stream of a name, or None when it is none."""
        array = self._arrays.get(name)
        if array is not None:
            return array(self._every, at)
        symbol, _, kind = name.partition("@")
        if kind.startswith("continuousKline_"):
            return self._continuous(symbol, kind)
        tape = self._named.get(symbol)
        if tape is None:
            return None
        maker = self._kinds.get(kind)
        return maker((tape,), at) if maker is not None else self._measured(kind, tape)

    def _measured(self, kind: str, tape: Tape) -> Found | None:
        """Return a stream whose name says levels, speed or interval."""
        depth = _DEPTH(kind)
        if depth is not None:
            period, levels = int(depth[2] or _DEPTH_USUAL), depth[1]
            if levels:
                top = DepthTop((tape,), self._core, period, int(levels))
                return top, Topic.BOOK, "public"
            return Depth((tape,), self._core, period), Topic.BOOK, "public"
        if kind.startswith("kline_") and kind[6:] in LENGTHS:
            feed = Klines((tape,), self._core, _SPEEDS["kline"], kind[6:])
            return feed, Topic.CANDLES, "market"
        return None

    def _continuous(self, name: str, kind: str) -> Found | None:
        pair, _, contract = name.rpartition("_")
        tape, interval = self._named.get(pair), kind.partition("_")[2]
        if tape is None or contract != "perpetual" or interval not in LENGTHS:
            return None
        feed = ContinuousKlines((tape,), self._core, _SPEEDS["kline"], interval)
        return feed, Topic.CANDLES, "market"

    def _marks(self, period: Millis, *, array: bool) -> _Maker:
        core = self._core
        return lambda tapes, at: (
            MarkPrices(tapes, core, period, at, array=array),
            Topic.MARK,
            "market",
        )

    def _days(self, period: Millis, *, mini: bool, array: bool) -> _Maker:
        core = self._core
        return lambda tapes, _: (
            DayTickers(tapes, core, period, mini=mini, array=array),
            Topic.TICKER,
            "market",
        )

    def _book(self, period: Millis) -> _Maker:
        core = self._core
        return lambda tapes, _: (BookTicker(tapes, core, period), Topic.TICKER, "public")

    def _assets(self, asset: str) -> _Maker:
        core, period = self._core, _SPEEDS["array"]
        return lambda tapes, at: (
            AssetIndexes(tapes, core, period, at, asset),
            Topic.MARK,
            "market",
        )

    def _forced(self, tapes: tuple[Tape, ...], _at: Millis) -> Found:
        return ForceOrders(tapes, self._core, _SPEEDS["array"]), Topic.TRADES, "market"
