"""What a close look at the wire shows, in neutral words: requests, answers, frames, customs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from conformance.model.categories import Category
from conformance.model.ids import Millis, Symbol
from conformance.model.orders import PositionSide
from conformance.model.wire import Operation, Topic

Interest: TypeAlias = tuple[Topic, Symbol]
"""What a stream is subscribed to. The account's own events are ``(Topic.ORDERS, "")``."""

PLACING = frozenset({Operation.PLACE, Operation.PLACE_BATCH, Operation.PLACE_TEST})
"""What enters new orders, or tries to."""


class OrderText(NamedTuple):
    """One order as a request spells it: verbatim, empty where nothing was sent."""

    symbol: Symbol
    client_id: str = ""
    venue_id: str = ""
    """The order to be changed."""
    side: str = ""
    kind: str = ""
    price: str = ""
    quantity: str = ""
    further: tuple[str, ...] = ()
    """All other numbers."""
    reduce_only: bool = False
    position_side: PositionSide | None = None


class Study(NamedTuple):
    """A request, taken apart further than its ``Reading``."""

    known: bool = True
    """The venue has such an endpoint."""
    keyed: bool = False
    """The endpoint asks for a key."""
    signed: bool = False
    """The endpoint asks for a signature."""
    signature: str = ""
    orders: tuple[OrderText, ...] = ()
    """The orders to be entered or changed."""
    targets: tuple[str, ...] = ()
    """Ids, of either kind, of the orders it names."""
    costs: tuple[tuple[str, int], ...] = ()
    """Units by the name of the pool."""


class Told(NamedTuple):
    """An answer, in neutral words."""

    category: Category | None = None
    """None for a success."""
    code: str = ""
    silent_ms: Millis = 0
    """For how long the venue asks for silence."""
    pools: tuple[str, ...] = ()
    """Only calls that cost units of these must pause; empty: all."""
    banned: bool = False
    sequence: int = 0
    """The number up to which a snapshot of a book goes."""
    asked: str = ""
    """What was refused, without stamp and signature: equal for a request that is repeated."""
    refused: tuple[tuple[int, Category], ...] = ()
    """The orders of a batch that were refused, by their place in it."""


class Carried(NamedTuple):
    """What one pushed frame is about."""

    symbol: Symbol = ""
    client_id: str = ""
    last: int = 0
    """The number of a book change, 0 when it has none."""
    previous: int = 0
    """The number of the book change before it."""
    whole: bool = False
    """True when it holds the whole book: whatever was missing is of no account any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customs:
    """What a venue publishes about good manners, beyond its limits."""

    key_header: str
    """The one header field, in lower case, in which a key may stand."""
    window_ms: int
    """How long a request is good for when it does not say so itself."""
    window_ms_max: int
    ahead_ms: int
    """A timestamp this far ahead of the venue, or further, is wrong."""
    client_id: str
    """Pattern that a client id matches as a whole."""
    batch_max: Mapping[str, int]
    """How many orders a message may carry, by the operation."""
    call_paths: tuple[str, ...] = ()
    """Streams of these paths carry calls, with keys and limits of their own."""
    messages: tuple[int, int]
    """How many messages a stream may receive in how many milliseconds."""
    pong_ms: int
    """A ping wants its answer within this time."""
    stream_ms: int
    """The venue cuts a stream of this age."""
    stream_key_ms: int
    """A stream key that is not extended within this time ends."""
