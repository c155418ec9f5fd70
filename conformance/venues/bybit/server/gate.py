"""Who may pass: address, timestamp, key, signature, rate, in this order.

The order is inferred from captured errors; source: docs/v5/guide and rate-limit, 2026-07-24.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.model.ids import Millis
from conformance.model.wire import Headers, WireRequest
from conformance.venues.bybit.facts import ENDPOINTS, FACTS, Endpoint
from conformance.venues.bybit.server.answers import Refused
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.params import Params
from conformance.venues.bybit.signing import Verdict
from conformance.venues.pools import Rolling

_EXPIRED = 33004
"""Said as soon as the key is known; other troubles of it when the signature holds."""
_AHEAD_MS: Millis = FACTS["time"]["ahead_ms"]
_TEXTS = FACTS["conditions"]
_NAMES = FACTS["headers"]
_RULE = FACTS["limits"]["requests"]


class Gate:
    """Keeps the pools and lets requests pass, or raises Refused."""

    def __init__(self, switches: Mapping[str, Any]) -> None:
        self._switches = switches
        self._requests = Rolling(_RULE["units"], _RULE["window_ms"])
        self._pools = {
            name: Rolling(endpoint.rate, endpoint.window_ms)
            for name, endpoint in ENDPOINTS.items()
            if endpoint.signed
        }
        self._banned: dict[str, Millis] = {}

    def admit(self, call: Call, endpoint: Endpoint) -> None:
        """Let a request pass and charge its costs; raise Refused when it may not."""
        if endpoint.signed:
            self._check_time(call)
            self._check_key(call)
        if call.trouble is not None:
            raise call.trouble
        if endpoint.signed:
            self.charge(call, endpoint)
        if self._switches["environment"] == "demo" and not endpoint.demo:
            raise Refused(self._switches["demo_refusal"])

    def knock(self, request: WireRequest, at: Millis) -> None:
        """Count a request of an address; raise Refused (403) when there were too many.

        Six hundred in five seconds, then ten minutes of silence; a GET with a body, be it ``{}``,
        is forbidden in the same way (docs/v5/rate-limit and guide, 2026-07-24).
        """
        peer = request.peer
        if at < self._banned.get(peer, 0) or (request.method == "GET" and request.body):
            raise _forbidden()
        if not self._requests.charge(peer, 1, at):
            self._banned[peer] = at + self._switches["ban_ms"]
            raise _forbidden()

    def charge(self, call: Call, endpoint: Endpoint) -> None:
        """Charge what a request costs its account; raise Refused (10006) when nothing fits."""
        units = _orders(call.params) if endpoint.batch else 1
        call.granted = self._pools[endpoint.name].charge(self._owner(call), units, call.at)
        if not call.granted:
            raise Refused(10006)

    def headers(self, call: Call) -> Headers:
        """Return the header fields that tell what is left of the account's rate."""
        endpoint = call.endpoint
        if endpoint is None or not endpoint.signed or not call.account:
            return ()
        pool, owner = self._pools[endpoint.name], self._owner(call)
        return (
            (_NAMES["limit"], str(pool.limit)),
            (_NAMES["left"], str(pool.left(owner, call.at))),
            (_NAMES["reset"], str(pool.reset(owner, call.at))),
        )

    def _owner(self, call: Call) -> str:
        """Return whose rate a request is charged to: single orders by stream may have one."""
        owner, endpoint = f"{call.account} {call.category}", call.endpoint
        streamed = call.signed is None and endpoint is not None and not endpoint.batch
        return f"{owner} stream" if streamed and self._switches["trade_rate"] == "own" else owner

    def _check_time(self, call: Call) -> None:
        """Accept iff now - recvWindow <= timestamp < now + 1000."""
        signed, stamp, window = call.signed, call.timestamp_ms, call.window_ms
        if call.verdict is Verdict.UNSIGNED and signed is not None:
            words = _TEXTS["unsigned"].format(
                stamp=signed.timestamp, key=signed.key, signature=signed.signature
            )
            raise Refused(10001, words, status=self._switches["unauthenticated"])
        if stamp is None or window is None:
            raise Refused(10001)
        if not call.at - window <= stamp < call.at + _AHEAD_MS:
            raise Refused(10002, clock_text(stamp, call.at, window))

    def _check_key(self, call: Call) -> None:
        signed, trouble = call.signed, self._switches["key_trouble"]
        if signed is None:
            return
        status = self._switches["unauthenticated"]
        if call.verdict is Verdict.UNKNOWN_KEY:
            raise Refused(10003, status=status)
        if trouble and (trouble == _EXPIRED or call.verdict is Verdict.VALID):
            raise Refused(trouble)
        if call.verdict is Verdict.VALID:
            return
        origin = signed.origin.decode("utf-8", "replace")
        raise Refused(10004, f"error sign! origin_string[{origin}]", status=status)


def clock_text(stamp: Millis, now: Millis, window: int) -> str:
    """Return the message of a request outside of its window."""
    text: str = _TEXTS["clock"].format(stamp=stamp, now=now, window=window)
    return text


def _orders(params: Params) -> int:
    request = params.get("request")
    return len(request) if isinstance(request, list) and request else 1


def _forbidden() -> Refused:
    return Refused(10018, _TEXTS["banned"], status=_RULE["code"])
