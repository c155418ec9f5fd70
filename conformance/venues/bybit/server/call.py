"""One request as the server half sees it: what it asks, with what right, and its reading."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.model.ids import AccountId, Millis
from conformance.model.wire import Operation, Reading, WireRequest
from conformance.venues.bybit.facts import ENDPOINTS, FACTS, Endpoint
from conformance.venues.bybit.server.answers import Refused
from conformance.venues.bybit.server.params import Params, parse
from conformance.venues.bybit.signing import Signed, Verdict, cut
from conformance.venues.keys import Keyring

_TABLE = {(endpoint.method, endpoint.path): endpoint for endpoint in ENDPOINTS.values()}
_WINDOW_MS: Millis = FACTS["time"]["window_ms"]
_DIGITS_MAX = 18
_VALID = {Verdict.VALID: True, Verdict.UNKNOWN_KEY: False, Verdict.INVALID: False}


@dataclass(slots=True, eq=False)
class Call:
    """A request taken apart, nothing of it executed yet."""

    endpoint: Endpoint | None
    params: Params
    at: Millis
    peer: str
    account: AccountId = ""
    signed: Signed | None = None
    """None on a stream that has logged in."""
    verdict: Verdict = Verdict.VALID
    timestamp_ms: Millis | None = None
    window_ms: int | None = None
    trouble: Refused | None = None
    """What is wrong with the bytes themselves; raised when its turn in the checks comes."""
    code: str = ""
    granted: int = 1
    """How many orders of a batch the rate limit lets pass."""

    @property
    def category(self) -> str:
        """The product line sent, or nothing."""
        value = self.params.get("category")
        return value if isinstance(value, str) else ""

    def _operation(self) -> Operation:
        if self.endpoint is None:
            return Operation.OTHER
        one = any(self.params.get(name) for name in ("orderId", "orderLinkId"))
        listing = self.endpoint.operation is Operation.OPEN_ORDERS
        return Operation.QUERY_ORDER if one and listing else self.endpoint.operation

    def reading(self) -> Reading:
        """Return the request in neutral words."""
        signed = self.signed
        return Reading(
            operation=self._operation(),
            symbol=_shown(self.params, "symbol"),
            client_id=_shown(self.params, "orderLinkId"),
            venue_id=_shown(self.params, "orderId"),
            signed=signed is not None and bool(signed.signature),
            key_sent=signed is not None and bool(signed.key),
            signature_valid=_VALID.get(self.verdict) if signed is not None else None,
            timestamp_ms=self.timestamp_ms,
            window_ms=self.window_ms,
            weight=1,
            code=self.code,
        )


def call_of(request: WireRequest, at: Millis, keys: Keyring) -> Call:
    """Take a request apart; never raises, whatever the bytes."""
    params: Params = {}
    trouble = None
    try:
        params = parse(request)
    except Refused as refused:
        trouble = refused
    signed = cut(request)
    return Call(
        endpoint=_TABLE.get((request.method, request.path)),
        params=params,
        at=at,
        peer=request.peer,
        account=keys.account(signed.key) or "",
        signed=signed,
        verdict=signed.verdict(keys.key),
        timestamp_ms=integer(signed.timestamp),
        window_ms=integer(signed.window) if signed.window else _WINDOW_MS,
        trouble=trouble,
    )


def integer(value: str) -> int | None:
    """Return a count in plain digits, or None for anything else."""
    if not value.isascii() or not value.isdigit() or len(value) > _DIGITS_MAX:
        return None
    return int(value)


def _shown(params: Params, name: str) -> str:
    value = params.get(name)
    return value if isinstance(value, str) else ""
