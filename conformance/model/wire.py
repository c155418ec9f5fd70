"""Requests, replies and frames as bytes, and the neutral words for what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from conformance.model.ids import Millis

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Header fields in order, names lower-cased."""

StreamId: TypeAlias = int
"""Number of one WebSocket connection inside one world."""


class Operation(StrEnum):
    """What a request asks for, in words that hold for every venue."""

    PING = "ping"
    TIME = "time"
    INSTRUMENTS = "instruments"
    BOOK = "book"
    TRADES = "trades"
    TICKER = "ticker"
    CANDLES = "candles"
    FUNDING = "funding"
    PLACE = "place"
    PLACE_TEST = "place-test"
    PLACE_BATCH = "place-batch"
    AMEND = "amend"
    AMEND_BATCH = "amend-batch"
    CANCEL = "cancel"
    CANCEL_BATCH = "cancel-batch"
    CANCEL_ALL = "cancel-all"
    QUERY_ORDER = "query-order"
    QUERY_OPEN_ORDER = "query-open-order"
    OPEN_ORDERS = "open-orders"
    ORDER_HISTORY = "order-history"
    FILL_HISTORY = "fill-history"
    BALANCES = "balances"
    ACCOUNT = "account"
    POSITIONS = "positions"
    SET_LEVERAGE = "set-leverage"
    SET_MARGIN_MODE = "set-margin-mode"
    SET_POSITION_MODE = "set-position-mode"
    POSITION_MODE = "position-mode"
    TIERS = "tiers"
    FEES = "fees"
    STREAM_KEY_CREATE = "stream-key-create"
    STREAM_KEY_EXTEND = "stream-key-extend"
    STREAM_KEY_CLOSE = "stream-key-close"
    OTHER = "other"


class Topic(StrEnum):
    """What a pushed frame is about."""

    BOOK = "book"
    TRADES = "trades"
    TICKER = "ticker"
    MARK = "mark"
    CANDLES = "candles"
    ORDERS = "orders"
    FILLS = "fills"
    ACCOUNT = "account"
    STREAM_KEY = "stream-key"
    CONTROL = "control"
    """Acknowledgements and errors of subscriptions."""


class Condition(StrEnum):
    """A venue-side trouble that a dialect knows how to say in its own words."""

    THROTTLED = "throttled"
    ORDER_RATE_EXCEEDED = "order-rate-exceeded"
    BANNED = "banned"
    TIMEOUT_UNKNOWN = "timeout-unknown"
    """The venue says that it does not know whether it executed."""
    BUS_UNKNOWN = "bus-unknown"
    OVERLOADED_UNKNOWN = "overloaded-unknown"
    """5xx whose text says that it may have executed."""
    OVERLOADED_REFUSED = "overloaded-refused"
    """5xx whose text says that it certainly failed."""
    INTERNAL_ERROR = "internal-error"
    """5xx without any promise."""
    CLOCK_AHEAD = "clock-ahead"
    CLOCK_LATE = "clock-late"
    BAD_SIGNATURE = "bad-signature"
    BAD_KEY = "bad-key"
    NO_PERMISSION = "no-permission"
    INSUFFICIENT_MARGIN = "insufficient-margin"
    UNKNOWN_ORDER = "unknown-order"
    NO_SUCH_ORDER = "no-such-order"
    MAINTENANCE = "maintenance"
    STREAM_KEY_UNKNOWN = "stream-key-unknown"
    ALREADY_DONE = "already-done"
    NOVEL_CODE = "novel-code"
    """A refusal with a code that is in no document."""
    HTML_GATEWAY = "html-gateway"
    """HTML 502 from a content delivery network."""
    HTML_FORBIDDEN = "html-forbidden"
    EMPTY_BODY = "empty-body"
    TRUNCATED_BODY = "truncated-body"
    NOT_JSON = "not-json"


class WireRequest(NamedTuple):
    """One HTTP request, byte for byte. ``query`` and ``body`` exactly as received."""

    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes
    peer: str = "127.0.0.1"
    secure: bool = False
    lane: int = 0
    """Number of the connection by which it came; one after the other go by the same."""

    def header(self, name: str) -> str | None:
        """Return the first field called ``name`` (lower case), or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


class WireReply(NamedTuple):
    """One HTTP answer."""

    status: int
    body: bytes
    headers: Headers = ()
    content_type: str = "application/json"


class Reading(NamedTuple):
    """What a dialect read out of a request, in neutral words; for faults, cases and monitors."""

    operation: Operation
    symbol: str = ""
    client_id: str = ""
    venue_id: str = ""
    signed: bool = False
    key_sent: bool = False
    signature_valid: bool | None = None
    """None when the request was not signed."""
    timestamp_ms: Millis | None = None
    window_ms: int | None = None
    weight: int = 0
    code: str = ""
    """Venue code of a refusal, empty on success."""


class Push(NamedTuple):
    """One text frame for one stream, or (with ``close_code``) the end of the stream instead."""

    stream: StreamId
    topic: Topic
    text: bytes
    close_code: int | None = None


@dataclass(slots=True)
class RoundTrip:
    """One request with its answer, as the transcript keeps it."""

    number: int
    request: WireRequest
    received_ms: Millis
    reading: Reading
    reply: WireReply | None = None
    """None while unanswered, and for ever when the answer was lost."""
    replied_ms: Millis | None = None
    executed: bool = False
    """True when the dialect really processed it (a fault may answer in its place)."""
    received: tuple[bytes, ...] = ()
    """The pieces in which its bytes arrived (shared with its neighbours when pipelined)."""
    sent: bytes = b""
    """The answer as it left, head and body."""


class Frame(NamedTuple):
    """One WebSocket frame as the transcript keeps it."""

    number: int
    stream: StreamId
    at_ms: Millis
    inbound: bool
    """True when the testee sent it."""
    opcode: str
    """text, binary, ping, pong or close."""
    payload: bytes
    topic: Topic | None = None


@dataclass(slots=True)
class Stream:
    """One WebSocket connection as the transcript keeps it."""

    stream: StreamId
    path: str
    query: str
    opened_ms: Millis
    headers: Headers = ()
    closed_ms: Millis | None = None
    close_code: int | None = None
    by_peer: bool = False
    private: bool = False
    """True when it carries account events."""
