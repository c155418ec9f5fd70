"""The dialect as the rest of the house sees it. Both halves are imported when asked for."""

from __future__ import annotations

from conformance.contracts.adapter import Endpoints
from conformance.contracts.dialect import Venue
from conformance.venues.binance_usdm.facts import ERRORS, FACTS
from conformance.venues.binance_usdm.listings import SETTLE, listings, rules
from conformance.venues.halves import Halves
from conformance.venues.throwaway import credentials


def _endpoints(rest: str, streams: str, ca_file: str) -> Endpoints:
    host = streams.rstrip("/")
    return Endpoints(
        venue=FACTS["name"],
        rest=rest.rstrip("/"),
        streams=host,
        ca_file=ca_file,
        extra=(("ws-api", host + FACTS["methods"]["path"]),),
    )


HALVES = Halves(__name__.rpartition(".")[0])

VENUE = Venue(
    name=FACTS["name"],
    title=FACTS["title"],
    facts=FACTS,
    listings=listings(),
    server=HALVES.server,
    client=HALVES.client,
    credentials=credentials,
    endpoints=_endpoints,
    key_kinds=tuple(FACTS["signing"]["kinds"]),
    settle_asset=SETTLE,
    errors=tuple(ERRORS.values()),
    rules=rules(),
    interpreter=HALVES.interpreter,
)
"""Binance USDⓈ-M futures."""
