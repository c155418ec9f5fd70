"""The client half as one object: what ``contracts.client.ClientHalf`` asks for."""

from __future__ import annotations

import json
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
    StreamKeys,
    StreamPlan,
)
from conformance.model.capabilities import Capability
from conformance.model.ids import Millis, Symbol
from conformance.model.outcomes import Outcome, Rejected
from conformance.model.wire import Headers, WireReply, WireRequest
from conformance.venues import keys
from conformance.venues.bybit import signing
from conformance.venues.bybit.client import frames, verdict
from conformance.venues.bybit.client.calls import Calls
from conformance.venues.bybit.facts import FACTS

T = TypeVar("T")
_KEY, _STAMP, _RECEIVE, _SIGNATURE = (
    FACTS["headers"][name] for name in ("key", "timestamp", "window", "signature")
)
_WINDOW = str(FACTS["time"]["window_ms"])
_JSON: Headers = (("content-type", "application/json"),)
_BUDGETS = frozenset(("requests", *verdict.POOLS.values()))
_LOGIN_MS = 10_000
"""How long a login is good for: the pages show one second to ten."""


class Client(Calls):
    """Bybit v5 futures as their clients speak them."""

    testnets: Sequence[str] = tuple(FACTS["hosts"]["testnet"])
    batch_max: int = min(FACTS["orders"]["batch_max"], FACTS["limits"]["create-batch"]["units"])
    """Orders of a message that exceed the rate fail (order/batch-place, 2026-07-24)."""
    lacks: Collection[Capability] = (Capability.MARGIN_CALL,)
    """The venue warns of nothing: margin ratios are told with the wallet, as one of many figures
    (websocket/private/wallet, 2026-07-24)."""
    stream_keys: StreamKeys | None = None
    pools: Sequence[Pool] = tuple(
        Pool(name, row["units"], row["window_ms"])
        for name, row in FACTS["limits"].items()
        if name in _BUDGETS
    )

    def __init__(self) -> None:
        self._keys = keys.Secrets()

    def sign(self, call: Call[Any], credentials: Credentials, at: Millis) -> WireRequest:
        """Stamp and sign: return the very bytes to be sent.

        A GET signs its query string, a POST its body, as transmitted (guide, 2026-07-24).
        """
        if call.method == "GET":
            pairs = [f"{name}={quote(str(value), safe='')}" for name, value in call.params]
            payload = "&".join(pairs).encode()
            fields = self._fields(call, credentials, at, payload)
            return WireRequest(call.method, call.path, payload, fields, b"")
        text = json.dumps(dict(call.params), separators=(",", ":"), ensure_ascii=False)
        payload = text.encode()
        fields = self._fields(call, credentials, at, payload)
        return WireRequest(call.method, call.path, b"", _JSON + fields, payload)

    def _fields(
        self, call: Call[Any], credentials: Credentials, at: Millis, payload: bytes
    ) -> Headers:
        """Return the header fields by which the venue knows who asks."""
        if not call.signed:
            return ((_KEY, credentials.key),) if call.keyed else ()
        stamp = str(at)
        key = credentials.key if call.keyed else ""
        signature = self._keys[credentials].sign(signing.origin(stamp, key, _WINDOW, payload))
        fields = (
            (_KEY, key),
            (_STAMP, stamp),
            (_RECEIVE, _WINDOW),
            (_SIGNATURE, signature),
        )
        return tuple([field for field in fields if field[1]])

    def read(self, call: Call[T], reply: WireReply) -> Outcome[T]:
        """Say what came of a call. Never raises, whatever the bytes."""
        return verdict.read(call, reply)

    def hint(self, rejected: Rejected) -> Hint | None:
        """Return what the refusal says beyond its category."""
        return verdict.hint(rejected)

    def silence(self, call: Call[Any], reply: WireReply) -> Silence | None:
        """Return the pause that the answer to a call asks for."""
        return verdict.silence(call, reply)

    def usage(self, call: Call[Any], reply: WireReply) -> Mapping[str, int]:
        """Return the used units by pool as the answer to a call states them."""
        return verdict.usage(call, reply)

    def book_stream(self, symbols: Sequence[Symbol]) -> StreamPlan:
        """Plan a stream of book deltas."""
        return frames.book_stream(symbols)

    def book_again(self, symbol: Symbol) -> Sequence[str]:
        """Return messages upon which the stream sends the whole book."""
        return frames.book_again(symbol)

    def user_stream(self, key: str, credentials: Credentials, at: Millis) -> StreamPlan:  # noqa: ARG002 - there are none
        """Plan the account's own stream, opened with a signed login."""
        expires = str(at + _LOGIN_MS)
        signature = self._keys[credentials].sign(signing.login(expires))
        return frames.user_stream((credentials.key, int(expires), signature))

    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        """Decode one frame; unknown events give nothing. Raises ValueError when unreadable."""
        return frames.events(frame)

    def link(self, delta: BookDelta, sequence: int, *, fresh: bool) -> Link:  # noqa: ARG002
        """Judge a delta against a book at ``sequence``."""
        return frames.link(delta, sequence)
