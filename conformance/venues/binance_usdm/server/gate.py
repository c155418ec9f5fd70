"""Who may pass: key, limits, time, signature, in this order.

The order follows what was observed and is otherwise suggested: key, rate limit, timestamp,
signature, then format. That pools are counted by the minute and by ten seconds of the clock is
inferred from the header names. Source: usds-margined-futures/general-info, 2026-05-28.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conformance.model.ids import AccountId, Millis
from conformance.model.wire import Headers
from conformance.venues.binance_usdm.facts import FACTS, Endpoint
from conformance.venues.binance_usdm.server.bans import Bans
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.limits import rate_limit
from conformance.venues.binance_usdm.server.refusals import Refused, malformed
from conformance.venues.pools import Pool

_AHEAD_MS: Millis = FACTS["time"]["ahead_ms"]
_WINDOW_MS: Millis = FACTS["time"]["window_ms"]
_AHEAD_TEXT: str = FACTS["conditions"]["clock_ahead"]
_BANNED_TEXT: str = FACTS["conditions"]["banned"]
_KEY_FORMAT = re.compile(r"[A-Za-z0-9]{64}", re.ASCII).fullmatch
_WEIGHT = FACTS["headers"]["used_weight"]
_COUNT_10S = FACTS["headers"]["order_count_10s"]
_COUNT_1M = FACTS["headers"]["order_count_1m"]
_RETRY = FACTS["headers"]["retry_after"]
_INTERVALS = {10_000: "TEN_SECONDS", 60_000: "MINUTE"}


class Gate:
    """Keeps the pools and lets requests pass, or raises Refused."""

    def __init__(self, switches: Mapping[str, Any]) -> None:
        limits = FACTS["limits"]
        self._weights = {name: Pool(limits[name]) for name in ("requests", "funding")}
        self._orders = (Pool(limits["orders"]), Pool(limits["orders-minute"]))
        self._bans = Bans(switches["ban_after"], switches["ban_ms"], switches["ban_max_ms"])
        self._window_max_ms: int = switches["window_max_ms"]
        self._send_retry_after: bool = switches["send_retry_after"]
        self._odd_weight: bool = switches["placing_weight_header"] == "-1"

    def admit(self, call: Call, endpoint: Endpoint) -> None:
        """Let a request pass and charge its costs; raise Refused when it may not."""
        at, peer = call.at, call.peer
        until = self._bans.until(peer, at)
        if until is not None:
            raise banned(peer, until)
        pool = self._weights[endpoint.pool]
        units = call.weight if endpoint.pool == "requests" else 1
        call.used = pool.charge(peer, units, at)
        if endpoint.keyed:
            _check_key(call)
        if call.used > pool.limit:
            self._strike(peer, pool, at)
        if endpoint.orders[0]:
            self._check_orders(call.account, endpoint, at)
        if call.trouble is not None:
            raise call.trouble
        if endpoint.signed:
            self._check_time(call)
            if call.signature is None:
                raise malformed("signature")
            if not call.signature_valid:
                raise Refused(-1022)
        if endpoint.orders[0]:
            ten, minute = self._orders
            call.counts = (
                ten.charge(call.account, endpoint.orders[0], at),
                minute.charge(call.account, endpoint.orders[1], at),
            )

    def charge(self, peer: str, units: int, at: Millis) -> None:
        """Charge what is no request (a handshake); raise Refused when it may not pass."""
        until = self._bans.until(peer, at)
        if until is not None:
            raise banned(peer, until)
        pool = self._weights["requests"]
        if pool.charge(peer, units, at) > pool.limit:
            self._strike(peer, pool, at)

    def limits(self, call: Call) -> list[dict[str, Any]]:
        """Return what is used, as a reply of the WebSocket API tells it."""
        weight = self._weights["requests"]
        used = weight.used(call.peer, call.at)
        rows = [rate_limit("REQUEST_WEIGHT", "requests") | {"count": used}]
        endpoint = call.endpoint
        if endpoint is not None and endpoint.orders[0]:
            for name, pool in zip(("orders", "orders-minute"), self._orders, strict=True):
                count = pool.used(call.account, call.at)
                rows.append(rate_limit("ORDERS", name) | {"count": count})
        return rows

    def silence(self, status: int, code: int, peer: str, at: Millis) -> Mapping[str, int] | None:
        """Return when a client may speak again, as an error of the WebSocket API tells it."""
        if not self.retry_after(status, code, peer, at):
            return None
        return {"serverTime": at, "retryAfter": at + self._left_ms(code, peer, at)}

    def headers(self, call: Call, *, served: bool) -> Headers:
        """Return the header fields that tell what is used; ``served``: it was not refused."""
        endpoint = call.endpoint
        if endpoint is None or endpoint.pool != "requests":
            return ()
        if not endpoint.orders[0]:
            return ((_WEIGHT, str(call.used)),)
        weight = (_WEIGHT, "-1" if self._odd_weight else str(call.used))
        if not served:
            return (weight,)
        ten, minute = call.counts
        return (weight, (_COUNT_10S, str(ten)), (_COUNT_1M, str(minute)))

    def retry_after(self, status: int, code: int, peer: str, at: Millis) -> Headers:
        """Return the ``Retry-After`` (seconds) of a 429 or 418, where the switch sends one."""
        if not self._send_retry_after or status not in (418, 429):
            return ()
        return ((_RETRY, str(-(-self._left_ms(code, peer, at) // 1000))),)

    def _left_ms(self, code: int, peer: str, at: Millis) -> Millis:
        until = self._bans.until(peer, at)
        pool = self._weights["requests"] if code == -1003 else self._orders[0]
        return pool.left_ms(at) if until is None else until - at

    def _strike(self, peer: str, pool: Pool, at: Millis) -> None:
        until = self._bans.strike(peer, at // pool.window_ms, at)
        if until is not None:
            raise banned(peer, until)
        raise Refused(-1003)

    def _check_orders(self, account: AccountId, endpoint: Endpoint, at: Millis) -> None:
        ten, minute = self._orders
        if not ten.fits(account, endpoint.orders[0], at):
            raise _too_many(ten)
        if not minute.fits(account, endpoint.orders[1], at):
            raise _too_many(minute)

    def _check_time(self, call: Call) -> None:
        """Accept iff timestamp < now + 1000 and now - timestamp <= recvWindow."""
        stamp, window = call.timestamp_ms, call.window_ms
        if stamp is None:
            raise malformed("timestamp")
        if window is None:
            if call.params.get("recvwindow"):
                raise malformed("recvWindow")
            window = _WINDOW_MS
        elif 0 < self._window_max_ms < window:
            raise malformed("recvWindow")
        if stamp >= call.at + _AHEAD_MS:
            raise Refused(-1021, _AHEAD_TEXT)
        if call.at - stamp > window:
            raise Refused(-1021)


def banned(peer: str, until: Millis) -> Refused:
    """Return the 418 of an address banned until an instant."""
    return Refused(-1003, _BANNED_TEXT.format(peer=peer, until=until), status=418)


def _too_many(pool: Pool) -> Refused:
    interval = _INTERVALS[pool.window_ms]
    return Refused(
        -1015, f"Too many new orders; current limit is {pool.limit} orders per {interval}."
    )


def _check_key(call: Call) -> None:
    if call.account:
        return
    raise Refused(-2015 if _KEY_FORMAT(call.key) else -2014)
