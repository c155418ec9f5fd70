"""The client half as one object: what ``contracts.client.ClientHalf`` asks for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from conformance.contracts.adapter import Credentials
from conformance.contracts.client import (
    BookDelta,
    Call,
    Hint,
    Link,
    Pool,
    Silence,
    StreamEvent,
    StreamPlan,
)
from conformance.model.capabilities import Capability
from conformance.model.ids import Millis, Symbol
from conformance.model.outcomes import Outcome, Rejected
from conformance.model.wire import Headers, WireReply, WireRequest
from conformance.venues import keys
from conformance.venues.binance_usdm.client import frames, verdict
from conformance.venues.binance_usdm.client.calls import Calls, ListenKeys
from conformance.venues.binance_usdm.facts import FACTS

T = TypeVar("T")
_PLAIN = re.compile(r"[A-Za-z0-9._~-]*").fullmatch
_KEY_HEADER: str = FACTS["headers"]["key"]
_SIGNATURE: str = FACTS["signing"]["parameter"]
_FORM: Headers = (("content-type", "application/x-www-form-urlencoded"),)
_POOL_NAMES = ("requests", "orders", "orders-minute", "funding")


class Client(Calls):
    """Binance USDⓈ-M as its clients speak it."""

    testnets: Sequence[str] = tuple(FACTS["hosts"]["testnet"])
    batch_max: int = FACTS["orders"]["batch_max"]
    lacks: Collection[Capability] = ()
    stream_keys = ListenKeys()
    pools: Sequence[Pool] = tuple(
        Pool(name, FACTS["limits"][name]["units"], FACTS["limits"][name]["window_ms"])
        for name in _POOL_NAMES
    )

    def __init__(self) -> None:
        self._keys = keys.Secrets()

    def sign(self, call: Call[Any], credentials: Credentials, at: Millis) -> WireRequest:
        """Stamp and sign: return the very bytes to be sent.

        Parameters travel in the query of GET and DELETE and in the body of POST and PUT, so that
        the payload is one of the two; ``signature`` comes last
        (usds-margined-futures/general-info, SIGNED Endpoint Security, 2026-05-28).
        """
        text = "&".join([f"{name}={_quoted(value)}" for name, value in call.params])
        if call.signed:
            text = f"{text}&timestamp={at}" if text else f"timestamp={at}"
            signature = self._keys[credentials].sign(text.encode())
            text = f"{text}&{_SIGNATURE}={_quoted(signature)}"
        headers: Headers = ((_KEY_HEADER, credentials.key),) if call.keyed else ()
        payload = text.encode()
        if call.method in ("POST", "PUT"):
            return WireRequest(call.method, call.path, b"", headers + _FORM, payload)
        return WireRequest(call.method, call.path, payload, headers, b"")

    def read(self, call: Call[T], reply: WireReply) -> Outcome[T]:
        """Say what came of a call. Never raises, whatever the bytes."""
        return verdict.read(call, reply)

    def hint(self, rejected: Rejected) -> Hint | None:
        """Return what the refusal's code says beyond its category."""
        return verdict.hint(rejected)

    def silence(self, call: Call[Any], reply: WireReply) -> Silence | None:  # noqa: ARG002
        """Return the pause that the answer asks for."""
        return verdict.silence(reply)

    def usage(self, call: Call[Any], reply: WireReply) -> Mapping[str, int]:  # noqa: ARG002
        """Return the used units by pool as the answer states them."""
        return verdict.usage(reply)

    def book_stream(self, symbols: Sequence[Symbol]) -> StreamPlan:
        """Plan a stream of book deltas."""
        return frames.book_stream(symbols)

    def book_again(self, symbol: Symbol) -> Sequence[str]:  # noqa: ARG002 - never in band
        """Return nothing: whole books come by query only."""
        return ()

    def user_stream(
        self,
        key: str,
        credentials: Credentials,  # noqa: ARG002 - the key is enough
        at: Millis,  # noqa: ARG002
    ) -> StreamPlan:
        """Plan the account's own stream."""
        return frames.user_stream(quote(key, safe=""))

    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        """Decode one frame; unknown events give nothing. Raises ValueError when unreadable."""
        return frames.events(frame)

    def link(self, delta: BookDelta, sequence: int, *, fresh: bool) -> Link:
        """Judge a delta against a book at ``sequence``; ``fresh``: it still is the snapshot."""
        return frames.link(delta, sequence, fresh=fresh)


def _quoted(value: str) -> str:
    return value if _PLAIN(value) else quote(value, safe="")
