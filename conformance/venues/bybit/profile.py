"""The dialect as the rest of the house sees it. Both halves are imported when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from conformance.contracts.adapter import Endpoints
from conformance.contracts.core import Core
from conformance.contracts.dialect import ServerHalf, Venue
from conformance.contracts.monitor import Interpreter
from conformance.venues.bybit.facts import ERRORS, FACTS
from conformance.venues.bybit.listings import listings
from conformance.venues.bybit.throwaway import credentials


def _server(core: Core, switches: Mapping[str, Any]) -> ServerHalf:
    half: ServerHalf = import_module(f"{__package__}.server").Server(core, switches)
    return half


def _interpreter() -> Interpreter:
    reader: Interpreter = import_module(f"{__package__}.server").Interpreter()
    return reader


def _client() -> object:
    return import_module(f"{__package__}.client").Client()


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


LISTINGS = listings()

VENUE = Venue(
    name=FACTS["name"],
    title=FACTS["title"],
    facts=FACTS,
    listings=LISTINGS,
    server=_server,
    client=_client,
    credentials=credentials,
    endpoints=_endpoints,
    key_kinds=tuple(FACTS["signing"]["kinds"]),
    settle_asset=LISTINGS[0].margin_asset,
    errors=tuple(ERRORS.values()),
    ways=frozenset(),  # books come in band, streams open by a login
    interpreter=_interpreter,
)
"""Bybit v5."""
