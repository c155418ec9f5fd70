"""The dialect as the rest of the house sees it. Both halves are imported when asked for."""

from __future__ import annotations

from conformance.contracts.adapter import Endpoints
from conformance.contracts.dialect import Venue
from conformance.venues.bybit.facts import ERRORS, FACTS
from conformance.venues.bybit.listings import listings
from conformance.venues.bybit.throwaway import credentials
from conformance.venues.halves import Halves


def _endpoints(rest: str, streams: str, ca_file: str) -> Endpoints:
    host = streams.rstrip("/")
    paths = FACTS["streams"]["paths"]
    return Endpoints(
        venue=FACTS["name"],
        rest=rest.rstrip("/"),
        streams=host,
        ca_file=ca_file,
        extra=tuple((name, host + path) for name, path in paths.items()),
    )


HALVES = Halves(__name__.rpartition(".")[0])
LISTINGS = listings()

VENUE = Venue(
    name=FACTS["name"],
    title=FACTS["title"],
    facts=FACTS,
    listings=LISTINGS,
    server=HALVES.server,
    client=HALVES.client,
    credentials=credentials,
    endpoints=_endpoints,
    key_kinds=tuple(FACTS["signing"]["kinds"]),
    settle_asset=LISTINGS[0].margin_asset,
    errors=tuple(ERRORS.values()),
    ways=frozenset(),  # books come in band, streams open by a login
    interpreter=HALVES.interpreter,
)
"""Bybit v5."""
