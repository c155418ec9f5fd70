"""Every order of a run, as its bots know it, and whether the venue knows the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

SHOWN_MAX = 5
"""How many examples a problem names."""


class Fate(StrEnum):
    """What a bot knows of an order."""

    RESTING = "resting"
    ENDED = "ended"
    """Acknowledged, and then cancelled or executed."""
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Entry(NamedTuple):
    """One order after something was learnt of it."""

    client_id: str
    fate: Fate
    venue_id: str = ""


class Known(NamedTuple):
    """One order as the venue has it."""

    times: int
    """How often an order was accepted under this client id."""
    venue_id: str
    """Empty when the venue keeps the order no longer."""
    resting: bool


class Audit(NamedTuple):
    """What the comparison of both found."""

    acknowledged: int
    refused: int
    unknown: int
    held: int
    """Orders that the venue accepted."""
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """True when every order is accounted for."""
        return not self.problems


class Ledger:
    """The newest entry of every order; the order in which entries come in does not matter."""

    def __init__(self) -> None:
        self.orders: dict[str, Entry] = {}

    def note(self, entry: Entry) -> None:
        """Take an entry over; what is known is never replaced by what is not."""
        known = self.orders.get(entry.client_id)
        if known is None or _RANK[entry.fate] >= _RANK[known.fate]:
            venue_id = entry.venue_id or (known.venue_id if known else "")
            self.orders[entry.client_id] = entry._replace(venue_id=venue_id)

    def fold(self, rows: Iterable[Iterable[str]]) -> None:
        """Take over entries in their plain form."""
        for client_id, fate, venue_id in rows:
            self.note(Entry(client_id, Fate(fate), venue_id))

    def count(self, *fates: Fate) -> int:
        """Return how many orders have one of these fates."""
        return sum(entry.fate in fates for entry in self.orders.values())

    def audit(self, venue: Mapping[str, Known], *, cut: int = 0) -> Audit:
        """Compare with the venue; ``cut``: how many orders may have been under way at the end."""
        return Audit(
            acknowledged=self.count(Fate.RESTING, Fate.ENDED),
            refused=self.count(Fate.REFUSED),
            unknown=self.count(Fate.UNKNOWN),
            held=len(venue),
            problems=tuple(self._problems(venue, cut)),
        )

    def _problems(self, venue: Mapping[str, Known], cut: int) -> Iterable[str]:
        told = [entry for entry in self.orders.values() if entry.fate in _TOLD]
        yield from _problem(
            "lost: acknowledged, and the venue has none",
            (entry.client_id for entry in told if entry.client_id not in venue),
        )
        yield from _problem(
            "duplicated: accepted more than once under one id",
            (client_id for client_id, known in venue.items() if known.times > 1),
        )
        strangers = [client_id for client_id in venue if client_id not in self.orders]
        if len(strangers) > cut:
            yield from _problem("unaccounted for: the venue has it, no bot sent it", strangers)
        both = [(entry, venue[entry.client_id]) for entry in self.orders.values()
                if entry.client_id in venue]  # fmt: skip
        yield from _problem(
            "refused, but the venue has it",
            (entry.client_id for entry, _ in both if entry.fate is Fate.REFUSED),
        )
        yield from _problem(
            "of another venue id",
            (
                entry.client_id
                for entry, known in both
                if entry.venue_id and known.venue_id and entry.venue_id != known.venue_id
            ),
        )
        yield from _problem(
            "ended for the bot, but resting",
            (e.client_id for e, known in both if e.fate is Fate.ENDED and known.resting),
        )
        if not cut:
            yield from _problem(
                "resting for the bot, but ended",
                (e.client_id for e, known in both if e.fate is Fate.RESTING and not known.resting),
            )


_TOLD = (Fate.RESTING, Fate.ENDED)
_RANK = {Fate.UNKNOWN: 0, Fate.REFUSED: 1, Fate.RESTING: 2, Fate.ENDED: 3}


def _problem(what: str, client_ids: Iterable[str]) -> Iterable[str]:
    found = sorted(client_ids)
    if found:
        more = ", …" if len(found) > SHOWN_MAX else ""
        yield f"{len(found)} {what}: {', '.join(found[:SHOWN_MAX])}{more}"
