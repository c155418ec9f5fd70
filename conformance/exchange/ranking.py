"""Who gives up a position when nobody else takes a bankrupt one (ADL, USD-M FAQ, 2026-11)."""

from __future__ import annotations

from fractions import Fraction

from conformance.exchange.accounts import Leg
from conformance.exchange.contract import truncated
from conformance.exchange.market import Market
from conformance.model.ids import INSURANCE

QUANTILES = 5


def counterparties(bankrupt: Leg) -> list[Leg]:
    """Return the legs against a bankrupt one, first the one that gives up first.

    The insurance fund and the bankrupt's own other leg come last: they always suffice.
    """
    sign = 1 if bankrupt.lots > 0 else -1
    account = bankrupt.holding.account
    others = [leg for leg in bankrupt.holding.market.exposed if leg.lots * sign < 0]

    def key(leg: Leg) -> tuple[bool, bool, Fraction]:
        owner = leg.holding.account
        return owner is account, owner.name == INSURANCE, -_score(leg)

    return sorted(others, key=key)


def quantile(leg: Leg) -> int:
    """Return a leg's place in the queue of its side: 4 gives up first, 0 last (or is flat)."""
    if not leg.lots:
        return 0
    market: Market = leg.holding.market
    side = [_score(each) for each in market.exposed if each.lots * leg.lots > 0]
    above = sum(score > _score(leg) for score in side)
    return QUANTILES - 1 - above * QUANTILES // len(side)


def _score(leg: Leg) -> Fraction:
    """Return profit weighted by leverage; a loss weighs less the higher the leverage."""
    holding = leg.holding
    entered = truncated(abs(leg.cost), holding.market.contract.grain)
    gained = Fraction(leg.unrealised, max(1, entered))
    return gained * holding.leverage if gained > 0 else gained / holding.leverage
