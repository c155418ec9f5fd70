"""What came in and went out: the income history, from fills, fundings and wallet changes.

Source: usds-margined-futures/account Get-Income-History, 2026-05-28; change log 2026-09-10
(SPECIAL_FUNDING_FEE).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from typing import NamedTuple

import orjson

from conformance.model.events import BalanceChanged, Cause, FundingCharged
from conformance.model.ids import AccountId, Atoms, Millis, Symbol
from conformance.model.orders import Forced
from conformance.venues.binance_usdm.facts import ENDPOINTS, FACTS
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.params import whole
from conformance.venues.binance_usdm.server.queries import limit_of
from conformance.venues.binance_usdm.server.refusals import Refused, invalid
from conformance.venues.numbers import atoms_text

_TYPES = frozenset(FACTS["income"]["types"])
_KEPT_MS: Millis = FACTS["income"]["retention_ms"]
_USUAL_MS: Millis = FACTS["income"]["usual_ms"]
_ROWS_KEPT = 10_000
_SYMBOL_IDS = 1_000_000_000
"""Transaction ids of fills: the trade id within the block of its symbol."""
_WALLET = {
    Cause.DEPOSIT: "TRANSFER",
    Cause.WITHDRAWAL: "TRANSFER",
    Cause.LIQUIDATION_FEE: "INSURANCE_CLEAR",
    Cause.INSURANCE_CLEAR: "INSURANCE_CLEAR",
    Cause.AUTO_EXCHANGE: "AUTO_EXCHANGE",
}


class Row(NamedTuple):
    """One line of the history."""

    at: Millis
    kind: str
    symbol: Symbol
    amount: Atoms
    asset: str
    number: int
    trade: str = ""


class Income:
    """Remembers what fills do not tell, and tells it with them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rows: dict[AccountId, deque[Row]] = defaultdict(lambda: deque(maxlen=_ROWS_KEPT))
        self._numbers: Counter[str] = Counter()
        """The newest transaction id of each kind: it is unique within one kind only."""
        self._blocks = {symbol: n * _SYMBOL_IDS for n, symbol in enumerate(desk.terms, 1)}

    def note_balance(self, event: BalanceChanged, at: Millis) -> None:
        """Remember a change of a wallet that no fill and no funding explains."""
        kind = _WALLET.get(event.cause)
        if kind is not None:
            row = Row(at, kind, "", event.change, event.asset, self._next(kind))
            self._rows[event.account].append(row)

    def note_funding(self, event: FundingCharged, at: Millis) -> None:
        """Remember what a leg paid or got."""
        kind = "SPECIAL_FUNDING_FEE" if event.funding.special else "FUNDING_FEE"
        asset = self._desk.terms[event.symbol].listing.margin_asset
        row = Row(at, kind, event.symbol, event.amount, asset, self._next(kind))
        self._rows[event.account].append(row)

    def _next(self, kind: str) -> int:
        self._numbers[kind] += 1
        return self._numbers[kind]

    def history(self, call: Call) -> bytes:
        """GET /fapi/v1/income: three months, the last seven days by default."""
        terms = self._desk.terms_if_sent(call)
        kind = call.params.get("incometype")
        if kind and kind not in _TYPES:
            raise invalid("incomeType")
        start, end = whole(call.params, "startTime"), whole(call.params, "endTime")
        end = call.at if end is None else end
        start = end - _USUAL_MS if start is None else start
        if start > end:
            raise Refused(-1023)
        symbol = terms.symbol if terms else None
        rows = [
            row
            for row in self._sorted(call.account, symbol)
            if max(start, call.at - _KEPT_MS) <= row.at <= end
            and (symbol is None or row.symbol == symbol)
            and (not kind or row.kind == kind)
        ]
        kept = limit_of(ENDPOINTS["income"], call.params)
        chosen = rows[:kept] if "starttime" in call.params else rows[-kept:]
        return orjson.dumps([_row(row) for row in chosen])

    def _sorted(self, account: AccountId, symbol: Symbol | None) -> list[Row]:
        rows = [*self._rows[account], *self._fills(account, symbol)]
        return sorted(rows, key=lambda row: row.at)

    def _fills(self, account: AccountId, symbol: Symbol | None) -> Iterator[Row]:
        core = self._desk.core
        for fill in core.fills(account, symbol):
            asset = self._desk.terms[fill.symbol].listing.margin_asset
            number = self._blocks[fill.symbol] + fill.trade_id
            trade = str(fill.trade_id)
            if fill.realised:
                order = core.order(account, fill.symbol, order_id=fill.order_id)
                delivered = order is not None and order.forced is Forced.DELIVERY
                kind = "DELIVERED_SETTELMENT" if delivered else "REALIZED_PNL"
                yield Row(fill.at, kind, fill.symbol, fill.realised, asset, number, trade)
            if fill.fee:
                yield Row(fill.at, "COMMISSION", fill.symbol, -fill.fee, asset, number, trade)


def _row(row: Row) -> dict[str, object]:
    return {
        "symbol": row.symbol,
        "incomeType": row.kind,
        "income": atoms_text(row.amount),
        "asset": row.asset,
        "info": row.trade or row.kind,
        "time": row.at,
        "tranId": row.number,
        "tradeId": row.trade,
    }
