"""The simulator's server half, as the SDKs' own bytes find it."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.exchange import Engine
from conformance.model.wire import Operation, Reading, WireRequest
from conformance.oracles.vectors import Vector
from conformance.venues.binance_usdm import VENUE


def readings(file) -> Iterator[tuple[Vector, Reading]]:
    """What a server half reads out of the bytes of every HTTP vector, a server for each key."""
    for name, key in file.keys.items():
        server = VENUE.server(Engine(VENUE.listings), {})
        server.add_key(key.credentials(), 1)
        for vector in file.vectors:
            wire = vector.wire
            if vector.key == name and wire and wire.method != "WS":
                path, _, query = wire.target.partition("?")
                body = wire.body.encode()
                request = WireRequest(wire.method, path, query.encode(), wire.headers, body)
                yield vector, server.read(request, file.now_ms)


def test_the_server_half_believes_exactly_the_vectors_that_agree(files):
    wrong, read = [], 0
    for file in files:
        for vector, found in readings(file):
            read += 1
            if (found.signature_valid is True) != (vector.verdict == "agree"):
                wrong.append(f"{file.source.name} {vector.id}")
    assert wrong == []
    assert read > 1_000


def test_the_server_half_knows_every_request_that_an_sdk_makes(files):
    for file in files:
        for vector, found in readings(file):
            assert found.operation is not Operation.OTHER, vector.wire.target
            assert found.key_sent
            assert found.timestamp_ms == file.now_ms or not found.signed
