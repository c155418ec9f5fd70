"""The commands of a story, turned into commands of the exchange."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import singledispatchmethod

from conformance.errors import WorldError
from conformance.model.commands import (
    SetDelivery,
    SetFunding,
    SetMarginMode,
    SetMark,
    SetPhase,
    SetPositionMode,
    SetSettlement,
    SettleFunding,
)
from conformance.model.ids import Millis
from conformance.model.instruments import Phase
from conformance.model.money import ATOM, to_atoms
from conformance.scenarios import commands
from conformance.sim.cast import Cast, liquidation_price

HOUR_MS = 3_600_000
E8 = 100_000_000
"""Funding rates count 1e-8."""
PAST_TICKS = 1
"""How far past the liquidation price the mark goes."""


class Director:
    """Carries the commands of a story out through its cast; ``now`` is the venue's time."""

    def __init__(self, cast: Cast, now: Callable[[], Millis]) -> None:
        self._cast = cast
        self._stage = cast.stage
        self._symbol = cast.stage.listing.symbol
        self._now = now

    def order(self, command: commands.Command) -> None:
        """Carry a command out; raise WorldError when its fate is not the one foretold."""
        word = commands.word(command)
        try:
            self._do(command)
        except WorldError as error:
            if not command.refused:
                raise WorldError(
                    f"the story breaks off at {word} ({command.at} ms): {error.message}",
                    hint="mend the story, or say refused = true there",
                ) from error
            return
        if command.refused:
            raise WorldError(
                f"the story breaks off at {word} ({command.at} ms): it was not refused",
                hint="see what comes before it in the story",
            )

    @singledispatchmethod
    def _do(self, command: commands.Command) -> None:
        raise WorldError(f"nobody can {command}", hint="see `conformance scenario show`")

    @_do.register
    def _(self, _: commands.Halt) -> None:
        self._stage.submit(SetPhase(self._symbol, Phase.HALTED))
        self._cast.withdraw_quotes()

    @_do.register
    def _(self, _: commands.Resume) -> None:
        self._stage.submit(SetPhase(self._symbol, Phase.TRADING))
        self._cast.show(self._cast.depth)

    @_do.register
    def _(self, command: commands.Expire) -> None:
        if command.price is not None:
            price = self._cast.real(command.price)
            self._stage.submit(SetSettlement(self._symbol, _atoms(price)))
        self._stage.submit(SetDelivery(self._symbol, self._now() + command.after))

    @_do.register
    def _(self, command: commands.Delist) -> None:
        self._stage.submit(SetDelivery(self._symbol, self._now() + command.after))

    @_do.register
    def _(self, command: commands.Funding) -> None:
        hours = command.interval // HOUR_MS or None
        self._stage.submit(SetFunding(self._symbol, int(command.rate * E8), hours))

    @_do.register
    def _(self, command: commands.FundingSpike) -> None:
        self._stage.submit(SettleFunding(self._symbol, int(command.rate * E8)))

    @_do.register
    def _(self, command: commands.Thin) -> None:
        self._cast.show(command.keep)

    @_do.register
    def _(self, _: commands.Vanish) -> None:
        self._cast.show(Decimal(0))

    @_do.register
    def _(self, _: commands.Restore) -> None:
        self._cast.show(Decimal(1))

    @_do.register
    def _(self, command: commands.Liquidate) -> None:
        account = self._cast.account(command.of)
        price, sign = liquidation_price(self._stage, account)
        past = price - sign * PAST_TICKS * self._stage.listing.tick
        self._stage.submit(SetMark(self._symbol, _atoms(past)))

    @_do.register
    def _(self, command: commands.PositionMode) -> None:
        self._stage.submit(SetPositionMode(self._cast.account(command.of), command.hedge))

    @_do.register
    def _(self, command: commands.Margin) -> None:
        account = self._cast.account(command.of)
        self._stage.submit(SetMarginMode(account, self._symbol, command.mode))

    @_do.register
    def _(self, command: commands.Take) -> None:
        self._cast.take(command.of, command.side, command.size)

    @_do.register
    def _(self, command: commands.Rest) -> None:
        self._cast.rest(command.of, command.side, command.size, command.price, command.how)

    @_do.register
    def _(self, command: commands.Cancel) -> None:
        self._cast.cancel(command.of)


def _atoms(price: Decimal) -> int:
    return to_atoms(price.quantize(ATOM))
