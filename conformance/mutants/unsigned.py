"""Forget that a short earns when prices fall."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Held, Page
from conformance.mutants.altered import Altered, AlteredClient, remade_rows


class _Half(Altered):
    def positions(self) -> Call[Page[Held]]:
        return remade_rows(self.original.positions(), _long)


def _long(held: Held) -> Held:
    leg = held.position
    profit = (leg.mark_price - leg.entry_price) * abs(leg.quantity)
    return held._replace(position=replace(leg, unrealised=profit))


@mutant("profit-of-shorts-reversed", kills=("POS-07",), bug="B087")
class ProfitOfShortsReversed(AlteredClient):
    """Works out the profit of a short position as if it were a long one."""

    half_type = _Half
