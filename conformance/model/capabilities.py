"""What adapters can do and what venues do. A case that needs more is *not applicable*, visibly."""

from __future__ import annotations

from enum import StrEnum


class Capability(StrEnum):
    """One ability, named after what the adapter offers."""

    PLACE = "place"
    """``place`` and ``cancel``: the minimum."""
    QUERY = "query"
    """``order`` and ``open_orders`` ask the venue."""
    MARKET = "market"
    IOC = "ioc"
    FOK = "fok"
    POST_ONLY = "post-only"
    REDUCE_ONLY = "reduce-only"
    AMEND = "amend"
    BATCH = "batch"
    CANCEL_ALL = "cancel-all"
    INSTRUMENTS = "instruments"
    BALANCES = "balances"
    POSITIONS = "positions"
    LEVERAGE = "leverage"
    MARGIN_MODE = "margin-mode"
    HEDGE_MODE = "hedge-mode"
    BOOK = "book"
    """``watch_book`` keeps a local book from the venue's stream."""
    USER_STREAM = "user-stream"
    """Orders and fills arrive by stream into ``orders``, ``fills`` and ``updates``."""
    RATE_LIMITER = "rate-limiter"
    """Keeps itself below the venue's limits and obeys 429 and 418."""
    CLOCK_SYNC = "clock-sync"
    """Measures and corrects the offset to the server's time."""
    FUNDING = "funding"
    """``funding`` and ``payments``: what is charged next, and what was."""
    MARGIN_CALL = "margin-call"
    """A margin call makes it ``DEGRADED``; it opens nothing more until margin is sound again."""
    RECONCILE = "reconcile"
    """Resolves unknown outcomes and gaps by itself."""


class Way(StrEnum):
    """Something that some venues do and others do otherwise, and that a claim may rest on."""

    BOOK_BY_QUERY = "book-by-query"
    """Whole books come by query only, and the stream's changes must be joined to them."""
    STREAM_KEYS = "stream-keys"
    """An account's stream opens with a key that is made by a call and wants to be kept alive."""
    TRADES_PER_SYMBOL = "trades-numbered-per-symbol"
    """Trades of two symbols may have the same id."""
    SPECIAL_FUNDING = "special-funding"
    """One-off charges beside the regular funding are told apart from it."""
    SELF_TRADES_PREVENTED = "self-trades-prevented"
    """Orders of one account never trade with each other, without anybody asking for that."""
    HALTS_TOLD = "halts-told"
    """A symbol that is halted, or may only be reduced, says so among its rules."""
