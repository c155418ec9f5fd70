"""How fast and how long: what was asked for, in numbers, or an error that says the mend."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from conformance.contracts.client import ClientHalf, Pool
from conformance.contracts.dialect import Venue
from conformance.errors import UsageError
from conformance.load import orders
from conformance.load.orders import Goods
from conformance.load.plan import WINDOW_S, Profile

SHARE = 0.97
"""Part of a published budget that is used, as much as the reference client uses of it."""
SLACK_S = 0.4
"""How much longer than published a window is taken: requests travel at different speeds, and so
more of them may arrive in a window than were sent in one."""
CATCH_UP_S = 0.1
"""How far a bot that was held up may run ahead of a steady sender."""
DURATION_S_MAX = 7 * 24 * 3600
_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|)")
_TIMES = re.compile(r"(\d+(?:\.\d+)?)x:(.+)")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:/s)?")
_STAMPS = ("at", "at_ms", "ms", "timestamp", "time")
"""Names a journal or a CSV may give to the instant of a message."""


def duration(text: str) -> float:
    """Return seconds; raise UsageError for what is no duration, for zero, and beyond a week."""
    found = _DURATION.fullmatch(text.strip().lower())
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not 0 < seconds <= DURATION_S_MAX:
        raise UsageError(
            f"{text!r} is no duration", hint="write 500ms, 60s, 10m or 2h; at most a week"
        )
    return seconds


def rate(text: str, venue: Venue, profile: Profile, bots: int) -> float:
    """Return messages a second of each bot; raise UsageError for what is no rate."""
    text = text.strip()
    if text == "max":
        return allowed(venue, profile)
    if times := _TIMES.fullmatch(text):
        highest = peak(Path(times[2]))
        return float(times[1]) * highest / bots
    number = _NUMBER.fullmatch(text)
    if number is None or not float(number[1]):
        raise UsageError(
            f"{text!r} is no rate",
            hint="write max, a number of messages a second of each bot, or 2x:FILE",
        )
    return float(number[1])


def allowed(venue: Venue, profile: Profile) -> float:
    """Return the most messages a second that one account at one address may send for long.

    For each published pool: its units over its window, over what a message of the profile costs.
    """
    budgets = _budgets(venue, profile)
    if not budgets:
        raise UsageError(
            f"{venue.name} publishes no limit for this profile", hint="give --rate a number"
        )
    return min(pool.units * SHARE / _stretched(pool, profile) / each for pool, each in budgets)


def _stretched(pool: Pool, profile: Profile) -> float:
    """Return the seconds that a window is taken for; two bursts may meet in one that slides."""
    window_s = pool.window_ms / 1000
    return window_s + (SLACK_S if profile.burst == 1.0 else window_s)


def window(venue: Venue, profile: Profile) -> float:
    """Return the shortest window, in seconds, of the pools that a profile spends from."""
    return min((pool.window_ms / 1000 for pool, _ in _budgets(venue, profile)), default=WINDOW_S)


def spacing(venue: Venue, profile: Profile) -> float:
    """Return the least seconds between two messages by which no pool can be overdrawn.

    Who was held up catches up by this, and not in a burst.
    """
    budgets = _budgets(venue, profile)
    return max(
        ((pool.window_ms / 1000 + CATCH_UP_S) * each / pool.units for pool, each in budgets),
        default=0.0,
    )


def _budgets(venue: Venue, profile: Profile) -> list[tuple[Pool, float]]:
    """Return the pools that a profile spends from, with what a message costs on average."""
    half: ClientHalf = venue.client()
    specimen = Goods(venue.listings[0].symbol, Decimal(1), Decimal(1), Decimal(1))
    spent: Counter[str] = Counter()
    for action in profile.cycle:
        for pool, units in orders.call(half, action, specimen, "c").costs:
            spent[pool] += units
    return [
        (pool, spent[pool.name] / len(profile.cycle)) for pool in half.pools if spent[pool.name]
    ]


def peak(path: Path) -> int:
    """Return the most messages in one second of a recording (our journal, or CSV).

    Raises UsageError when the file is missing or no line of it states an instant.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="name a journal or CSV") from None
    rows = _journal(lines) if lines and lines[0].lstrip().startswith("{") else _table(lines)
    seconds = Counter(int(at_ms // 1000) for at_ms in rows)
    if not seconds:
        raise UsageError(
            f"no line of {path} says when a message was sent",
            hint=f"a column or field named one of {', '.join(_STAMPS)}, in ms or ISO 8601",
        )
    return max(seconds.values())


def _journal(lines: list[str]) -> Iterator[float]:
    """Yield the instants of requests; the venue's clock in our journal starts anew every case."""
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if record.get("kind", "request") == "request":
            for name in _STAMPS:
                if name in record:
                    yield _instant(str(record[name]))
                    break


def _table(lines: list[str]) -> Iterator[float]:
    for row in csv.DictReader(lines):
        for name in _STAMPS:
            if row.get(name):
                yield _instant(row[name])
                break


def _instant(text: str) -> float:
    """Return milliseconds."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    try:
        return datetime.fromisoformat(text).timestamp() * 1000
    except ValueError:
        raise UsageError(f"{text!r} is no instant", hint="write milliseconds or ISO 8601") from None
