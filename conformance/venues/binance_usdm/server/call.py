"""One request as the server half sees it: what it asks, with what right, and its reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.model.ids import AccountId, Millis, Symbol
from conformance.model.wire import Operation, Reading, WireRequest
from conformance.venues import keys
from conformance.venues.binance_usdm.facts import ENDPOINTS, Endpoint
from conformance.venues.binance_usdm.server.params import Params, parse
from conformance.venues.binance_usdm.server.refusals import Refused
from conformance.venues.binance_usdm.signing import Cut, cut, decoded

_TABLE: dict[tuple[str, str], Endpoint] = {
    (endpoint.method, endpoint.path): endpoint for endpoint in ENDPOINTS.values()
}
_KEY_HEADER = "x-mbx-apikey"
_DIGITS_MAX = 18


class Keyring(keys.Keyring):
    """API keys in force, and how their signatures are checked."""

    def __init__(self, verify: str) -> None:
        super().__init__()
        self._verify = verify

    def valid(self, name: str, signed: Cut) -> bool:
        """Say whether the signature belongs to the payload and the key."""
        key = self.key(name)
        if key is None or signed.signature is None:
            return False
        if self._verify == "raw":
            return key.verify(signed.payload, signed.signature)
        if key.verify(decoded(signed.payload), signed.signature):
            return True
        return self._verify == "either" and key.verify(signed.payload, signed.signature)


class Call:
    """A request taken apart, nothing of it executed yet."""

    __slots__ = (
        "account",
        "at",
        "code",
        "counts",
        "endpoint",
        "key",
        "params",
        "peer",
        "signature",
        "signature_valid",
        "timestamp_ms",
        "trouble",
        "used",
        "weight",
        "window_ms",
    )

    def __init__(self, request: WireRequest, at: Millis, keys: Keyring) -> None:
        self.peer = request.peer
        self.at = at
        self.code = ""
        self.used = 0
        """What the peer has used of ``limits.requests``, this request included."""
        self.counts: tuple[int, ...] = ()
        """What the account has used of the order pools, once they were charged."""
        self.trouble: Refused | None = None
        """What is wrong with the bytes themselves; raised when its turn in the checks comes."""
        self.params: Params = {}
        try:
            self.params = parse(request.query, request.body)
        except Refused as refused:
            self.trouble = refused
        self.endpoint = endpoint_of(request)
        self.key = ""
        for name, value in request.headers:
            if name == _KEY_HEADER:
                self.key = value
                break
        self.account: AccountId = keys.account(self.key) or "" if self.key else ""
        self.signature: str | None = None
        self.signature_valid: bool | None = None
        if "signature" in self.params or self.trouble is not None:
            signed = cut(request.query, request.body)
            self.signature = signed.signature
            if signed.signature is not None:
                self.signature_valid = keys.valid(self.key, signed)
        self.timestamp_ms = integer(self.params.get("timestamp"))
        self.window_ms = integer(self.params.get("recvwindow"))
        self.weight = 0 if self.endpoint is None else weight_of(self.endpoint, self.params)

    @property
    def symbol(self) -> Symbol:
        """The symbol sent, upper-cased, or nothing."""
        return self.params.get("symbol", "").upper()

    def reading(self) -> Reading:
        """Return the request in neutral words."""
        params, endpoint = self.params, self.endpoint
        client_id = (
            params.get("newclientorderid")
            or params.get("origclientorderid")
            or params.get("clientalgoid", "")
        )
        return Reading(
            Operation.OTHER if endpoint is None else endpoint.operation,
            self.symbol,
            client_id,
            params.get("orderid") or params.get("algoid", ""),
            "signature" in params,
            bool(self.key),
            self.signature_valid,
            self.timestamp_ms,
            self.window_ms,
            self.weight,
            self.code,
        )


def endpoint_of(request: WireRequest) -> Endpoint | None:
    """Return what a request is addressed to, or None when there is no such endpoint."""
    return _TABLE.get((request.method, request.path))


def weight_of(endpoint: Endpoint, params: Params) -> int:
    """Return what a request costs in its pool."""
    rule = endpoint.weight
    if isinstance(rule, int):
        return rule
    if "by" in rule:
        return _stepped(endpoint, rule, params)
    weight: int = rule["with_symbol"] if params.get("symbol") else rule["without"]
    return weight


def _stepped(endpoint: Endpoint, rule: Mapping[str, Any], params: Params) -> int:
    default = endpoint.limit["default"] if endpoint.limit else 0
    sent = integer(params.get(rule["by"]))
    size = default if sent is None else sent
    steps: list[tuple[int, int]] = rule["steps"]
    return next((weight for bound, weight in steps if size <= bound), steps[-1][1])


def integer(value: str | None) -> int | None:
    """Return a count in plain digits, or None for anything else."""
    if not value or not value.isascii() or not value.isdigit() or len(value) > _DIGITS_MAX:
        return None
    return int(value)
