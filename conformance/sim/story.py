"""A market story on its stage: what is due when, carried out through the exchange's front door.

Told the time, like the exchange itself: whoever owns a clock, real or virtual, drives it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from itertools import chain
from random import Random
from typing import NamedTuple, TypeAlias

from conformance.errors import WorldError
from conformance.model.commands import SetIndex, SetLast, SetMark
from conformance.model.ids import Millis
from conformance.model.instruments import Phase
from conformance.model.money import ATOM, from_atoms, to_atoms
from conformance.model.orders import Gauge, Side
from conformance.scenarios import Story
from conformance.scenarios.actors import Actor, Busy, Follower, Holder, Maker, Taker, Way
from conformance.scenarios.commands import Gap
from conformance.scenarios.tracks import tracks
from conformance.sim.cast import Cast, Stage
from conformance.sim.directing import Director

PRICES, COMMANDS, MAKERS, OTHERS = range(4)
"""What comes first at one instant."""
REFUSED_KEPT = 100
_FACES = 1_000_000

Cue: TypeAlias = tuple[Millis, int, Callable[[], None]]
"""A time since the story began, a rank, and what to do."""


class Beat(NamedTuple):
    """One thing that happens: sorted by time, then by rank, then as they were made."""

    at: Millis
    rank: int
    number: int
    act: Callable[[], None]


class Player:
    """Plays one story from ``began`` on; the same for one seed and one course of the exchange."""

    def __init__(self, story: Story, stage: Stage, *, began: Millis, seed: int = 0) -> None:
        self.story = story
        self.began = began
        self.ends = began + story.head.lasts
        self.refused: deque[str] = deque(maxlen=REFUSED_KEPT)
        """What the exchange refused to the actors, newest last."""
        listing = stage.listing
        start = from_atoms(stage.core.mark(listing.symbol))
        scale = Decimal(1) if story.head.absolute else start / story.head.base
        self._cast = Cast(stage, scale, fair=start)
        self._director = Director(self._cast, lambda: self._now)
        self._stage = stage
        self._chance = {
            actor.name: Random(f"{story.head.seed + seed}/{actor.name}")  # noqa: S311 - no secret
            for actor in story.actors
        }
        self._seen: dict[str, deque[Decimal]] = {}
        self._held: dict[str, int] = {}
        self._now = began
        beats = enumerate(chain(self._moves(seed), self._commands(), self._acts()))
        self._left = deque(
            sorted(Beat(began + at, rank, number, act) for number, (at, rank, act) in beats)
        )

    def due(self) -> Millis | None:
        """Return when the next thing happens, or None when nothing more will."""
        return self._left[0].at if self._left else None

    def act(self, at: Millis) -> None:
        """Let everything happen that is due up to and including ``at``.

        Raises WorldError when the exchange does not do as the director of the story demands.
        """
        while self._left and self._left[0].at <= at:
            beat = self._left.popleft()
            self._now = beat.at
            beat.act()

    def _moves(self, seed: int) -> Iterator[Cue]:
        moves: dict[Millis, dict[Gauge, Decimal]] = {}
        for gauge, points in tracks(self.story, seed).items():
            for at, price in points:
                moves.setdefault(at, {})[gauge] = price
        for at, prices in moves.items():
            yield at, PRICES, partial(self._move, prices)

    def _commands(self) -> Iterator[Cue]:
        for command in self.story.commands:
            if not isinstance(command, Gap):  # gaps are part of the prices' ways
                yield command.at, COMMANDS, partial(self._director.order, command)

    def _acts(self) -> Iterator[Cue]:
        for actor in self.story.actors:
            if isinstance(actor, Holder):
                yield actor.at, OTHERS, partial(self._cast.enter, actor)
            elif isinstance(actor, Busy):
                rank = MAKERS if isinstance(actor, Maker) else OTHERS
                until = actor.until or self.story.head.lasts
                for at in range(actor.since, until + 1, actor.every):
                    yield at, rank, partial(self._act, actor)
                if isinstance(actor, Maker) and actor.until:
                    yield until, OTHERS, partial(self._cast.dismiss, actor)

    def _move(self, prices: Mapping[Gauge, Decimal]) -> None:
        """Move prices and quotes together, so that nobody is met by quotes of a moment ago.

        A venue bounds sells from below and buys from above, hence what runs ahead goes first.
        """
        cast, symbol = self._cast, self._stage.listing.symbol
        fair = cast.real(prices[Gauge.LAST]) if Gauge.LAST in prices else cast.fair
        ahead = Side.BUY if fair < cast.fair else Side.SELL
        cast.fair = fair
        cast.withdraw_quotes()
        cast.quote(ahead)
        if Gauge.INDEX in prices:
            self._stage.submit(SetIndex(symbol, _atoms(cast.real(prices[Gauge.INDEX]))))
        if Gauge.MARK in prices:
            self._stage.submit(SetMark(symbol, _atoms(cast.real(prices[Gauge.MARK]))))
        cast.quote(ahead.opposite)
        if Gauge.LAST in prices:
            self._stage.submit(SetLast(symbol, _atoms(fair)))

    def _act(self, actor: Actor) -> None:
        if self._stage.core.phase(self._stage.listing.symbol) is not Phase.TRADING:
            return
        try:
            if isinstance(actor, Maker):
                self._cast.requote(actor)
            elif isinstance(actor, Taker):
                self._trade(actor)
            elif isinstance(actor, Follower):
                self._follow(actor)
        except WorldError as error:
            self.refused.append(f"{actor.name}: {error.message}")

    def _trade(self, actor: Taker) -> None:
        chance = self._chance[actor.name]
        trades, way = chance.randrange(_FACES), chance.choice((Side.BUY, Side.SELL))
        if trades < actor.odds * _FACES:
            side = way if actor.side is Way.BOTH else Side(actor.side.value)
            self._cast.take(actor.name, side, actor.size)

    def _follow(self, actor: Follower) -> None:
        price = from_atoms(self._stage.core.last(self._stage.listing.symbol))
        seen = self._seen.setdefault(actor.name, deque(maxlen=actor.lookback + 1))
        seen.append(price)
        moved = price / seen[0] - 1
        if len(seen) <= actor.lookback or abs(moved) < actor.threshold:
            return
        side = Side.BUY if moved > 0 else Side.SELL
        held = self._held.get(actor.name, 0) + side.sign * actor.size
        if abs(held) <= actor.limit:
            self._cast.take(actor.name, side, actor.size)
            self._held[actor.name] = held


def _atoms(price: Decimal) -> int:
    return to_atoms(price.quantize(ATOM))
