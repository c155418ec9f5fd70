"""Take-profit, stop-loss and trailing stop of a position.

Source: docs/v5/position/trading-stop, 2026-07-24: Full replaces what the position has, Partial
adds to it; the same values again, or none, are "not modified". ccxt leaves out tpslMode and
positionIdx.
"""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

from conformance.model.commands import (
    AmendConditional,
    CancelConditional,
    Command,
    PlaceConditional,
)
from conformance.model.ids import AccountId, Lots, Ticks
from conformance.model.orders import Gauge, Kind, PositionSide, Side
from conformance.model.records import ConditionalRecord
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server.answers import DONE, Answer, Refused, invalid
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import UNITS, Desk, Extras, stop_of
from conformance.venues.bybit.server.entry import (
    FULL,
    PARTIAL,
    WHICH,
    exit_extra,
    read_gauge,
    read_leg,
)
from conformance.venues.bybit.server.params import Params, optional, text
from conformance.venues.bybit.server.terms import Terms
from conformance.venues.bybit.server.words import GAUGES, SIDES

TRAILING = "TrailingStop"
_WHOLE = (TRAILING, *(word for _, word in WHICH.values()))
_MARKETS = {"tp": Kind.TAKE_PROFIT_MARKET, "sl": Kind.STOP_MARKET}
_LIMITS = {"tp": Kind.TAKE_PROFIT_LIMIT, "sl": Kind.STOP_LIMIT}
_STOPS_MAX: int = FACTS["orders"]["stops_max"]
_OFF = "0"
_ZERO = "can not set tp/sl/ts for zero position"


class Target(NamedTuple):
    """The position whose exits are meant."""

    account: AccountId
    terms: Terms
    leg: PositionSide
    lots: Lots
    """Signed."""

    @property
    def side(self) -> Side:
        """The side that closes it."""
        return Side.SELL if self.lots > 0 else Side.BUY


def exits_of(
    account: AccountId, terms: Terms, leg: PositionSide, desk: Desk
) -> dict[str, ConditionalRecord]:
    """Return the exits of a whole position that wait, by stopOrderType."""
    return {
        stop_of(record): record
        for record in desk.core.open_conditionals(account, terms.symbol)
        if record.command.position_side is leg and stop_of(record) in _WHOLE
    }


class Stops:
    """The endpoint that sets exits."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pairs = count(1)

    def trading_stop(self, call: Call) -> Answer:
        """POST /v5/position/trading-stop."""
        params, account = call.params, call.account
        terms = self._desk.terms_of(params)
        leg = read_leg(params, account, self._desk)
        lots = self._desk.core.stake(account, terms.symbol, leg).lots
        if not lots:
            raise Refused(10001, _ZERO)
        mode = optional(params, "tpslMode") or FULL
        if mode not in (FULL, PARTIAL):
            raise invalid("tpslMode")
        target = Target(account, terms, leg, lots)
        commands = self._partial(params, target) if mode == PARTIAL else self._full(params, target)
        commands += self._followed(params, target)
        if not commands:
            raise Refused(34040)
        for command in commands:
            self._desk.carry_out(command, call.at)
        return DONE

    def _full(self, params: Params, target: Target) -> list[Command]:
        """Return what makes the exits of the whole position as asked for."""
        present = exits_of(target.account, target.terms, target.leg, self._desk)
        commands: list[Command] = []
        for which, (name, word) in WHICH.items():
            sent, held = optional(params, name), present.get(word)
            if optional(params, f"{which}OrderType") == "Limit":
                raise invalid(f"{which}OrderType")
            if sent == _OFF:
                commands += _cancelled(held)
            elif sent:
                commands += self._replaced(params, target, which, held)
        return commands

    def _followed(self, params: Params, target: Target) -> list[Command]:
        """Return what makes the trailing stop as asked for; it is of the whole position."""
        distance = optional(params, "trailingStop")
        if not distance:
            return []
        present = exits_of(target.account, target.terms, target.leg, self._desk)
        if distance == _OFF:
            return _cancelled(present.get(TRAILING))
        return self._trailing(params, target, present.get(TRAILING))

    def _replaced(
        self, params: Params, target: Target, which: str, held: ConditionalRecord | None
    ) -> list[Command]:
        """Return what gives a position this exit: nothing when it has it already."""
        command = self._exit(params, target, which)
        if held is None:
            return [command]
        before = held.command
        if (before.trigger, before.gauge) == (command.trigger, command.gauge):
            return []
        if before.gauge is command.gauge:
            held.command = before._replace(tag=command.tag)
            assert command.trigger is not None
            number, lots = held.conditional_id, before.quantity
            return [AmendConditional(target.account, number, command.trigger, None, lots)]
        return [*_cancelled(held), command]

    def _exit(self, params: Params, target: Target, which: str) -> PlaceConditional:
        """Return an exit of the whole position."""
        name, word = WHICH[which]
        gauge = read_gauge(params, f"{which}TriggerBy")
        trigger = target.terms.read_price(text(params, name), name)
        rises = self._check_side(target, which, trigger, gauge)
        return PlaceConditional(
            account=target.account,
            symbol=target.terms.symbol,
            side=target.side,
            kind=_MARKETS[which],
            quantity=0,
            client_id="",
            trigger=trigger,
            gauge=gauge,
            position_side=target.leg,
            close_position=True,
            position_bound=True,
            tag=exit_extra(word, trigger, gauge, rises=rises),
        )

    def _partial(self, params: Params, target: Target) -> list[Command]:
        """Return the exits to be added for a part of the position."""
        sizes = {optional(params, f"{which}Size") for which in WHICH} - {""}
        if len(sizes) > 1:
            raise invalid("tpSize and slSize")
        wanted = [
            which for which, (name, _) in WHICH.items() if optional(params, name) not in ("", _OFF)
        ]
        waiting = self._desk.core.open_conditionals(target.account, target.terms.symbol)
        partial = [each for each in waiting if stop_of(each).startswith(PARTIAL)]
        if wanted and len(partial) + len(wanted) > _STOPS_MAX:
            raise Refused(110061)
        pair = next(self._pairs) if len(wanted) > 1 else 0
        return [self._part(params, target, which, pair) for which in wanted]

    def _part(self, params: Params, target: Target, which: str, pair: int) -> PlaceConditional:
        whole = self._exit(params, target, which)
        terms, size = target.terms, optional(params, f"{which}Size")
        lots = terms.read_quantity(size) if size else abs(target.lots)
        limit = optional(params, f"{which}LimitPrice")
        if optional(params, f"{which}OrderType") == "Limit" and not limit:
            raise invalid(f"{which}LimitPrice")
        assert isinstance(whole.tag, Extras)
        stop = PARTIAL + whole.tag.stop
        return whole._replace(
            kind=(_LIMITS if limit else _MARKETS)[which],
            quantity=min(lots, abs(target.lots)),
            price=terms.read_price(limit, f"{which}LimitPrice") if limit else None,
            reduce_only=target.leg is PositionSide.NET,
            close_position=False,
            tag=whole.tag._replace(stop=stop, created_by=f"CreateBy{stop}", pair=pair),
        )

    def _trailing(
        self, params: Params, target: Target, held: ConditionalRecord | None
    ) -> list[Command]:
        terms = target.terms
        distance = terms.read_price(text(params, "trailingStop"), "trailingStop")
        sent = optional(params, "activePrice")
        active = terms.read_price(sent, "activePrice") if sent and sent != _OFF else None
        if active is not None:
            self._check_activation(target, active)
        if held is not None:
            before = held.command
            if (before.callback_ticks, before.activation) == (distance, active):
                return []
        extra = exit_extra(TRAILING, active or 0, Gauge.LAST, rises=target.lots > 0)
        command = PlaceConditional(
            account=target.account,
            symbol=terms.symbol,
            side=target.side,
            kind=Kind.TRAILING_STOP,
            quantity=abs(target.lots),
            client_id="",
            reduce_only=target.leg is PositionSide.NET,
            position_side=target.leg,
            position_bound=True,
            activation=active,
            callback_ticks=distance,
            tag=extra,
        )
        return [*_cancelled(held), command]

    def _check_activation(self, target: Target, active: Ticks) -> None:
        """Raise Refused (10001) unless the position must gain before its stop begins to trail."""
        last, sign = self._desk.core.last(target.terms.symbol), target.side.sign
        if (int(target.terms.listing.tick * UNITS) * active - last) * sign >= 0:
            raise invalid("activePrice")

    def _check_side(self, target: Target, which: str, trigger: Ticks, gauge: Gauge) -> bool:
        """Say whether an exit waits for the price to rise; raise Refused if it is there already."""
        core, terms = self._desk.core, target.terms
        ask = {Gauge.LAST: core.last, Gauge.MARK: core.mark, Gauge.INDEX: core.index}[gauge]
        base, rises = ask(terms.symbol), (target.lots > 0) is (which == "tp")
        at = int(terms.listing.tick * UNITS) * trigger
        if (at > base) is rises and at != base:
            return rises
        held, should = SIDES[target.side.opposite], "greater than" if rises else "lower than"
        words = f"{WHICH[which][1]}:{at} set for {held} position should {should}"
        raise Refused(10001, f"{words} base_price:{base}??{GAUGES[gauge]}")


def _cancelled(held: ConditionalRecord | None) -> list[Command]:
    if held is None:
        return []
    return [CancelConditional(held.command.account, held.conditional_id)]
