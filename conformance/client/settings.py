"""Every bound of the reference client, by name. Times in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may be tuned; the defaults hold for the venue's published limits."""

    connect_ms_max: int = 5_000
    answer_ms_max: int = 10_000
    """The venue's own engine gives up after 10 s (HTTP 408)."""
    body_bytes_max: int = 32_000_000

    lanes: int = 8
    """Requests in flight at once; cancels may use ``lanes_reserve`` more."""
    lanes_reserve: int = 2
    queue_max: int = 1_000
    """Calls waiting for budget; further ones are refused at once."""
    queue_ms_max: int = 90_000
    """Longer than the longest window, so that whoever waits for it gets through."""
    budget_share: float = 0.97
    """Part of a published budget that ordinary calls may use; cancels may use all of it."""
    window_slack: float = 0.1
    window_slack_ms: int = 400
    """How much longer than published a window is taken (by this part of it, up to this time):
    requests travel at different speeds."""

    attempts_max: int = 4
    """Sends of one call that may safely be repeated."""
    retry_ms: int = 200
    pause_ms: int = 2_000
    """First pause when the venue does not say how long; doubles up to ``pause_ms_max``."""
    pause_ms_max: int = 60_000

    clock_sync_ms: int = 600_000
    clock_samples_max: int = 3
    clock_good_ms: int = 250
    """A round trip below this is good enough at once."""
    clock_outlier_ms: int = 1_000
    """A round trip above this says too little about the venue's clock to be used."""

    receipt_ms: int = 500
    """How long the stream has to tell what came of a command that was taken in; then we ask."""
    visible_ms: int = 15_000
    """An order not found this long after it was sent does not exist: twice the longest read lag
    seen, and beyond the venue's own receive window of 5 s."""
    ask_ms: int = 250
    """First pause between questions about an unknown outcome; doubles up to ``ask_ms_max``."""
    ask_ms_max: int = 5_000
    resolve_ms_max: int = 60_000
    """How long a command itself waits for proof; the search for it goes on behind."""

    reconnect_ms: int = 200
    reconnect_ms_max: int = 15_000
    stable_ms: int = 5_000
    """A stream that lived this long starts its back-off anew."""
    ping_ms: int = 10_000
    stream_life_ms: int = 84_600_000
    """A stream is replaced after 23.5 h, before the venue cuts it at 24 h."""
    frame_bytes_max: int = 4_000_000

    poll_ms: int = 15_000
    """A user stream silent for this long is checked by query; the pause doubles when idle."""
    poll_ms_max: int = 60_000
    settle_ms: int = 1_000
    """Time given to related events to meet each other before their absence counts."""
    stale_answers_max: int = 3
    """Answers older than what is known that must agree before they are believed."""
    pages_max: int = 1_000
    """Parts of one answer that are read."""
    overlap_ms: int = 5_000
    """How far before the newest known execution a history is read again that has no numbers."""
    margin_ask_ms: int = 10_000
    """After a margin call, how often to ask whether margin is sound again."""

    calm_ms: int = 2_000
    book_age_ms: int = 30_000
    """A book stream silent for ``calm_ms`` is checked by query, then after twice that, up to
    ``book_age_ms``."""
    book_buffer_max: int = 5_000
    book_levels_max: int = 10_000
    resync_ms: int = 250
    """First pause before a further resync of the same book; doubles up to ``resync_ms_max``."""
    resync_ms_max: int = 10_000

    orders_kept: int = 50_000
    strays_kept: int = 1_000
    """Orders whose executions were told before they were."""
    fills_kept: int = 250_000
    updates_kept: int = 250_000
    alerts_kept: int = 200
