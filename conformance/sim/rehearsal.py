"""A story played to itself: an exchange without sockets, as fast as it goes, fully written down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any

from conformance.contracts.dialect import Venue
from conformance.errors import UsageError, WorldError
from conformance.exchange import Engine
from conformance.model.commands import Command
from conformance.model.events import (
    AdlStruck,
    CommandRefused,
    ConditionalTriggered,
    Event,
    FundingCharged,
    LiquidationStarted,
    PhaseChanged,
    TradePrinted,
)
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Listing, Phase
from conformance.model.money import from_atoms
from conformance.model.records import ConditionalRecord, OrderRecord
from conformance.scenarios import Story
from conformance.scenarios.commands import word
from conformance.scenarios.score import Moment, Sample, Score
from conformance.sim.cast import Stage
from conformance.sim.story import Player

BEGAN_MS = 1_767_268_800_000
"""2026-01-01T12:00:00Z: between two fundings."""
DEPTH_LEVELS = 50
QUIET_PHASES = (Phase.TRADING, Phase.HALTED)
"""Phases into which only a command of the story moves, which is told anyway."""


def listing_for(story: Story, listings: Sequence[Listing], symbol: Symbol = "") -> Listing:
    """Return where to play: ``symbol``, or the first listing of the kind that the story asks for.

    Raises UsageError when there is no such symbol.
    """
    for listing in listings:
        if listing.symbol == symbol:
            return listing
    if symbol:
        known = ", ".join(listing.symbol for listing in listings)
        raise UsageError(f"there is no symbol {symbol}", hint=f"there are {known}")
    dated = [listing for listing in listings if listing.expiry_ms is not None]
    return dated[0] if story.head.dated and dated else listings[0]


class Rehearsal:
    """Plays a story on an engine of its own; ``journal`` is the same for the same seed."""

    def __init__(self, story: Story, venue: Venue, *, seed: int = 0, symbol: Symbol = "") -> None:
        self.story = story
        self.listing = listing_for(story, venue.listings, symbol)
        self._core = Engine(venue.listings)
        self._lines: list[str] = []
        self._samples: list[Sample] = []
        self._moments: dict[tuple[Millis, str], Moment] = {}
        self._traded = Decimal(0)
        self._now = BEGAN_MS
        stage = Stage(self._core, self.listing, self._submit)
        self._player = Player(story, stage, began=BEGAN_MS, seed=seed)
        for command in story.commands:
            self._tell(command.at, command.label or word(command), ordered=True)

    def run(self) -> None:
        """Play to the end; raise WorldError when the story breaks off."""
        self._sample()
        while (due := self._player.due()) is not None:
            self._pass(due)
            self._player.act(due)
            self._sample()
        self._pass(self._player.ends)
        self._sample()

    def journal(self) -> Iterator[str]:
        """Yield everything that happened, one JSON object a line."""
        yield from self._lines

    def score(self) -> Score:
        """Return what a picture needs."""
        return Score(
            title=self.story.head.title,
            symbol=self.listing.symbol,
            quote=self.listing.quote,
            base=self.listing.base,
            lasts=self.story.head.lasts,
            samples=tuple(self._samples),
            moments=tuple(sorted(self._moments.values(), key=lambda moment: moment.at)),
        )

    @property
    def refused(self) -> Sequence[str]:
        """What the exchange refused to actors, the newest last."""
        return tuple(self._player.refused)

    def _submit(self, command: Command) -> None:
        events = self._core.apply(command, self._now)
        self._note(events)
        if events and isinstance(events[0], CommandRefused):
            raise WorldError(f"{type(command).__name__} was refused: {events[0].reason}")

    def _pass(self, until: Millis) -> None:
        while (due := self._core.due()) is not None and due <= until:
            self._now = due
            self._note(self._core.advance(due))
            self._sample()
        self._now = until

    def _note(self, events: Sequence[Event]) -> None:
        at = self._now - BEGAN_MS
        for event in events:
            said = {"at": at, "event": type(event).__name__} | _plain_fields(event)
            self._lines.append(json.dumps(said, ensure_ascii=False, separators=(",", ":")))
            self._look(event, at)

    def _look(self, event: Event, at: Millis) -> None:
        """Keep what a picture tells."""
        match event:
            case TradePrinted(trade) if trade.symbol == self.listing.symbol:
                self._traded += self.listing.quantities.value(trade.quantity)
            case LiquidationStarted(group):
                self._tell(at, f"liquidation: {_person(group.account)}")
            case AdlStruck():
                self._tell(at, "deleveraging")
            case ConditionalTriggered(conditional):
                kind = conditional.command.kind.value.replace("-market", "")
                self._tell(at, f"{kind}: {_person(conditional.command.account)}")
            case FundingCharged(funding=funding) if not funding.special:
                self._tell(at, f"funding {from_atoms(funding.rate * 100).normalize():f}%")
            case PhaseChanged(_, phase) if phase not in QUIET_PHASES:
                self._tell(at, phase.value)

    def _tell(self, at: Millis, label: str, *, ordered: bool = False) -> None:
        self._moments.setdefault((at, label), Moment(at, label, ordered))

    def _sample(self) -> None:
        core, listing = self._core, self.listing
        depth = core.depth(listing.symbol, DEPTH_LEVELS)
        bids, asks = depth.bids, depth.asks
        self._samples.append(
            Sample(
                at=self._now - BEGAN_MS,
                last=from_atoms(core.last(listing.symbol)),
                mark=from_atoms(core.mark(listing.symbol)),
                index=from_atoms(core.index(listing.symbol)),
                bid=listing.prices.value(bids[0].price) if bids else None,
                ask=listing.prices.value(asks[0].price) if asks else None,
                bids=listing.quantities.value(sum(level.quantity for level in bids)),
                asks=listing.quantities.value(sum(level.quantity for level in asks)),
                traded=self._traded,
            )
        )


def _person(account: str) -> str:
    return account.removeprefix("story:")


def _plain_fields(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any event
    return {name: _plain(getattr(value, name)) for name in value._fields}


def _plain(value: Any) -> Any:  # noqa: ANN401 - anything an event carries
    """Return a value as JSON has it; records by what identifies them."""
    if isinstance(value, OrderRecord):
        return [value.account, value.order_id, value.client_id, value.status.value, value.filled]
    if isinstance(value, ConditionalRecord):
        return [value.command.account, value.conditional_id, value.status.value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return _plain_fields(value) if hasattr(value, "_fields") else [_plain(v) for v in value]
    return value
