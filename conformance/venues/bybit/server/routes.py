"""Which handler answers which endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from conformance.errors import InvariantBroken
from conformance.model.ids import Symbol
from conformance.venues.bybit.facts import ENDPOINTS
from conformance.venues.bybit.server.answers import Answer
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.info import Info
from conformance.venues.bybit.server.market import Market
from conformance.venues.bybit.server.tape import Tape
from conformance.venues.bybit.server.trading import Trading

Handler: TypeAlias = Callable[[Call], Answer]
"""Answers a request that the gate let pass; raises Refused."""


def handlers(desk: Desk, tapes: Mapping[Symbol, Tape]) -> Mapping[str, Handler]:
    """Return the handler of every endpoint, by its name."""
    market, info, trading = Market(desk, tapes), Info(desk), Trading(desk)
    found: dict[str, Handler] = {
        "time": market.time,
        "orderbook": market.orderbook,
        "instruments": info.instruments,
        "create": trading.create,
        "amend": trading.amend,
        "cancel": trading.cancel,
        "cancel-all": trading.cancel_all,
        "create-batch": trading.create_batch,
        "amend-batch": trading.amend_batch,
        "cancel-batch": trading.cancel_batch,
        "pre-check": trading.pre_check,
    }
    if found.keys() != ENDPOINTS.keys():
        raise InvariantBroken(f"no handler, or no endpoint: {found.keys() ^ ENDPOINTS.keys()}")
    return found
