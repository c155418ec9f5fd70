"""What a client must do about a venue's error, whatever its code."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """The class of an error."""

    REQUEST = "request"
    """The request is wrong: never retry it unchanged."""
    STATE = "state"
    """Well formed, refused by business rules: a definite reject."""
    ALREADY = "already"
    """The desired state was already reached: treat as success."""
    NOT_FOUND = "not-found"
    """The venue does not know the order: reconcile before concluding."""
    RETRY = "retry"
    """Certainly not executed: may be sent again after a pause."""
    UNKNOWN = "unknown"
    """May or may not have executed: reconcile, never re-send blindly."""
    CLOCK = "clock"
    """Our time is off: resynchronise, then try once more."""
    THROTTLED = "throttled"
    """Too fast: be silent for the stated time."""
    BANNED = "banned"
    """Blocked until a stated instant: be silent until then."""
    AUTH = "auth"
    """Key, signature or permission: stop trading."""
    STREAM_KEY = "stream-key"
    """The user stream's key is gone: make a new one, reconnect, reconcile."""
    MAINTENANCE = "maintenance"
    """The venue is closed for now: pause and reconcile later."""

    @property
    def definite(self) -> bool:
        """True when the request certainly changed nothing."""
        return self not in (Category.UNKNOWN, Category.NOT_FOUND)
