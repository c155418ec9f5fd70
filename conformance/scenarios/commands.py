"""What the director of a story orders, beside what prices and actors do."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from conformance.model.ids import Millis
from conformance.model.orders import Gauge, MarginMode, Side, TimeInForce
from conformance.scenarios import values
from conformance.scenarios.paths import ALL


@dataclass(frozen=True, kw_only=True)
class Command:
    """At one instant."""

    at: Annotated[Millis, values.duration]
    refused: Annotated[bool, values.flag] = False
    """True: the venue must refuse it; the story breaks off when it does not."""
    label: Annotated[str, values.text] = ""
    """What the picture says; by default the command."""


@dataclass(frozen=True, kw_only=True)
class Halt(Command):
    """Stop trading."""


@dataclass(frozen=True, kw_only=True)
class Resume(Command):
    """Trade again."""


@dataclass(frozen=True, kw_only=True)
class Expire(Command):
    """Let the symbol be delivered at a settlement price (by default the index)."""

    after: Annotated[Millis, values.period] = 60_000
    """From the announcement to the delivery; trading stops before."""
    price: Annotated[Decimal | None, values.price] = None


@dataclass(frozen=True, kw_only=True)
class Delist(Command):
    """Announce that the symbol ends, and when: positions are then settled at the index."""

    after: Annotated[Millis, values.period]


@dataclass(frozen=True, kw_only=True)
class Funding(Command):
    """Set rate and interval of the regular funding."""

    rate: Annotated[Decimal, values.share("-4", "4")]
    interval: Annotated[Millis, values.period] = 0


@dataclass(frozen=True, kw_only=True)
class FundingSpike(Command):
    """Charge one special funding at once."""

    rate: Annotated[Decimal, values.share("-4", "4")]


@dataclass(frozen=True, kw_only=True)
class Gap(Command):
    """Let prices jump; what follows on the same path is shifted too."""

    by: Annotated[Decimal, values.share("-90", "900")]
    of: Annotated[tuple[Gauge, ...], values.gauges] = ALL


@dataclass(frozen=True, kw_only=True)
class Thin(Command):
    """Let makers show only a part of their size."""

    keep: Annotated[Decimal, values.share("1", "100")] = Decimal("0.1")


@dataclass(frozen=True, kw_only=True)
class Vanish(Command):
    """Let makers cancel everything and stay away."""


@dataclass(frozen=True, kw_only=True)
class Restore(Command):
    """Let makers come back with their full size."""


@dataclass(frozen=True, kw_only=True)
class Personal(Command):
    """Something that an actor, or the testee, does or suffers."""

    of: Annotated[str, values.text]


@dataclass(frozen=True, kw_only=True)
class Liquidate(Personal):
    """Move the mark price just past the liquidation price of a position."""


@dataclass(frozen=True, kw_only=True)
class PositionMode(Personal):
    """Change between one-way and hedge mode."""

    hedge: Annotated[bool, values.flag]


@dataclass(frozen=True, kw_only=True)
class Margin(Personal):
    """Change between cross and isolated margin."""

    mode: Annotated[MarginMode, values.word_of(MarginMode)]


@dataclass(frozen=True, kw_only=True)
class Take(Personal):
    """Trade at the market."""

    side: Annotated[Side, values.word_of(Side)]
    size: Annotated[int, values.size]


@dataclass(frozen=True, kw_only=True)
class Rest(Take):
    """Place a limit order."""

    price: Annotated[Decimal, values.price]
    how: Annotated[TimeInForce, values.word_of(TimeInForce)] = TimeInForce.GTC


@dataclass(frozen=True, kw_only=True)
class Cancel(Personal):
    """Take all its resting orders out."""


COMMANDS: dict[str, type[Command]] = {
    "halt": Halt,
    "resume": Resume,
    "expire": Expire,
    "delist": Delist,
    "funding": Funding,
    "funding-spike": FundingSpike,
    "gap": Gap,
    "thin": Thin,
    "vanish": Vanish,
    "restore": Restore,
    "liquidate": Liquidate,
    "position-mode": PositionMode,
    "margin-mode": Margin,
    "take": Take,
    "rest": Rest,
    "cancel": Cancel,
}
"""Commands by their word."""


def word(command: Command) -> str:
    """Return the word of a command."""
    return next(word for word, form in COMMANDS.items() if form is type(command))
