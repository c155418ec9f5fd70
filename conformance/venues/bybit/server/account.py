"""The account: wallet, fees, settings, and the log of its wallets.

Source: docs/v5/account, asset and user, 2026-07-24.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from conformance.model.commands import Deposit, SetMarginMode
from conformance.model.events import CommandRefused, Event
from conformance.model.ids import AccountId, Millis, Symbol
from conformance.model.money import to_atoms
from conformance.model.orders import MarginMode
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.listings import CATEGORIES
from conformance.venues.bybit.server.answers import BARE, DONE, Answer, Refused, invalid
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import Desk, line_of
from conformance.venues.bybit.server.figures import isolated, wallet
from conformance.venues.bybit.server.pages import page
from conformance.venues.bybit.server.params import exact, optional, text, truth, whole
from conformance.venues.bybit.server.queries import window
from conformance.venues.bybit.server.rows import change_row
from conformance.venues.candles import DAY
from conformance.venues.numbers import plain

_MODES = {
    "ISOLATED_MARGIN": MarginMode.ISOLATED,
    "REGULAR_MARGIN": MarginMode.CROSS,
    "PORTFOLIO_MARGIN": None,
}
_FACTS = FACTS["account"]
_DCP_S = range(3, 301)
_PRODUCTS = ("OPTIONS", "DERIVATIVES", "SPOT")
"""What disconnected-cancel-all may be armed for, the usual one first."""


class Account:
    """The endpoints of the account as a whole."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def wallet(self, call: Call) -> Answer:
        """GET /v5/account/wallet-balance."""
        if text(call.params, "accountType") != "UNIFIED":
            raise Refused(10001, "accountType only support UNIFIED.")
        coins = [coin for coin in optional(call.params, "coin").split(",") if coin]
        return Answer({"list": [wallet(call.account, self._desk, coins)]})

    def info(self, call: Call) -> Answer:
        """GET /v5/account/info."""
        alone = isolated(call.account, self._desk)
        return Answer(
            {
                "unifiedMarginStatus": _FACTS["unified_margin_status"],
                "marginMode": "ISOLATED_MARGIN" if alone else "REGULAR_MARGIN",
                "isMasterTrader": False,
                "spotHedgingStatus": "OFF",
                "updatedTime": str(call.at),
                "dcpStatus": "OFF",
                "timeWindow": 10,
                "smpGroup": 0,
            },
            members=("result",),
        )

    def fees(self, call: Call) -> Answer:
        """GET /v5/account/fee-rate."""
        rows = [
            {
                "symbol": terms.symbol,
                "takerFeeRate": plain(terms.listing.taker_rate),
                "makerFeeRate": plain(terms.listing.maker_rate),
            }
            for terms in self._desk.terms_in(call.params)
        ]
        return Answer({"list": rows})

    def set_margin_mode(self, call: Call) -> Answer:
        """POST /v5/account/set-margin-mode: of all symbols, or of none."""
        sent = text(call.params, "setMarginMode")
        if sent not in _MODES:
            raise invalid("setMarginMode")
        mode, account = _MODES[sent], call.account
        if mode is None:
            raise _unfit("3400000", "Equity needs to be equal to or greater than 1000 USDC")
        if (mode is MarginMode.ISOLATED) is isolated(account, self._desk):
            code = self._desk.switches["same_margin_mode"]
            if code:
                raise Refused(code)
            return Answer({"reasons": []})
        self._switch(account, mode, call.at)
        return Answer({"reasons": []})

    def transactions(self, call: Call) -> Answer:
        """GET /v5/account/transaction-log: of the last day unless told otherwise."""
        params = call.params
        start, end = window(params, call.at, DAY)
        category, coin = optional(params, "category"), optional(params, "currency")
        kind, base = optional(params, "type"), optional(params, "baseCoin")
        rows = [
            row
            for change in reversed(self._desk.diary.changes[call.account])
            if start <= change.at <= end
            for row in (change_row(change, self._desk),)
            if category in ("", row["category"])
            and coin in ("", row["currency"])
            and kind in ("", row["type"])
            and row["symbol"].startswith(base)
        ]
        shown, more = page(call, rows)
        return Answer({"list": list(shown), "nextPageCursor": more})

    def withdrawal(self, call: Call) -> Answer:
        """GET /v5/account/withdrawal: what may leave the account, by coin."""
        coins = text(call.params, "coinName").split(",")
        free = {coin: plain(self._available(call.account, coin)) for coin in coins}
        return Answer({"availableWithdrawal": free[coins[0]], "availableWithdrawalMap": free})

    def user_settings(self, call: Call) -> Answer:
        """GET /v5/account/user-setting-config: ``lpaPerp`` is true when far prices are refused."""
        refuses = not self._desk.config(call.account).clamps
        return Answer(
            {
                "lpaSpot": False,
                "lpaPerp": refuses,
                "deltaEnable": False,
                "smsef": False,
                "fmsef": False,
            }
        )

    def set_limit_px_action(self, call: Call) -> Answer:
        """POST /v5/account/set-limit-px-action: ``modifyEnable`` clamps far prices."""
        category = line_of(call.params)
        if "modifyEnable" not in call.params:
            raise invalid("modifyEnable")
        clamps = truth(call.params, "modifyEnable")
        if category in CATEGORIES:
            self._desk.config(call.account).clamps = clamps
        return DONE._replace(text="success")

    def smp_group(self, _call: Call) -> Answer:
        """GET /v5/account/smp-group."""
        return Answer({"smpGroup": 0})

    def set_dcp(self, call: Call) -> Answer:
        """POST /v5/order/disconnected-cancel-all: the window in seconds."""
        seconds = whole(call.params, "timeWindow")
        if seconds not in _DCP_S:
            raise invalid("timeWindow")
        product = optional(call.params, "product") or _PRODUCTS[0]
        if product not in _PRODUCTS:
            raise invalid("product")
        self._desk.config(call.account).dcp_ms[product] = seconds * 1000
        return BARE

    def dcp(self, call: Call) -> Answer:
        """GET /v5/account/query-dcp-info: only products for which it is on."""
        rows = [
            {"product": product, "dcpStatus": "ON", "timeWindow": str(window_ms // 1000)}
            for product, window_ms in self._desk.config(call.account).dcp_ms.items()
        ]
        return Answer({"dcpInfos": rows})

    def api_key(self, call: Call) -> Answer:
        """GET /v5/user/query-api: a key that trades and can take nothing out."""
        key = "" if call.signed is None else call.signed.key
        return Answer({**_FACTS["api_key"], "apiKey": key}, text="")

    def coins(self, _call: Call) -> Answer:
        """GET /v5/asset/coin/query-info: nothing is deposited or withdrawn here."""
        return Answer({"rows": []})

    def nothing(self, _call: Call) -> Answer:
        """Answer a list that clients read at start and that is empty here."""
        return Answer({"list": []})

    def no_pages(self, call: Call) -> Answer:
        """Answer a list of pages that is empty here."""
        named = {"category": call.category} if call.category else {}
        return Answer({**named, "list": [], "nextPageCursor": ""})

    def hedging(self, _call: Call) -> Answer:
        """POST /v5/account/set-hedging-mode: spot hedging is no matter here."""
        return BARE

    def done(self, _call: Call) -> Answer:
        """Answer a setting that changes nothing here."""
        return DONE

    def demo_money(self, call: Call) -> Answer:
        """POST /v5/account/demo-apply-money: play money, in the demo environment alone."""
        if self._desk.switches["environment"] != "demo":
            raise Refused(10017)
        asked = call.params.get("utaDemoApplyMoney")
        rows: list[Mapping[str, Any]] = asked if isinstance(asked, list) else []
        taken = whole(call.params, "adjustType") == 1
        for row in rows:
            coin, amount = text(row, "coin"), exact(row, "amountStr")
            if not 0 < amount <= _FACTS["demo_max"].get(coin, 0):
                raise invalid("amountStr")
            change = to_atoms(-amount if taken else amount)
            self._desk.carry_out(Deposit(call.account, coin, change), call.at)
        return DONE

    def _available(self, account: AccountId, coin: str) -> Decimal:
        held = {row.asset: row.available for row in self._desk.core.balances(account)}
        return held.get(coin, Decimal(0))

    def _switch(self, account: AccountId, mode: MarginMode, at: Millis) -> None:
        """Change the mode of every symbol; take back what was done when one refuses."""
        core, events = self._desk.core, tuple[Event, ...]()
        before = MarginMode.CROSS if mode is MarginMode.ISOLATED else MarginMode.ISOLATED
        changed: list[Symbol] = []
        for symbol in self._desk.terms:
            said = core.apply(SetMarginMode(account, symbol, mode), at)
            if type(said[0]) is CommandRefused:
                for other in changed:
                    core.apply(SetMarginMode(account, other, before), at)
                raise _unfit("3400139", f"{symbol} has a position or open orders")
            changed.append(symbol)
            events += said
        self._desk.publish(events, at)


def _unfit(code: str, text: str) -> Refused:
    """Return 3400045 with its reasons."""
    return Refused(3400045, result={"reasons": [{"reasonCode": code, "reasonMsg": text}]})
