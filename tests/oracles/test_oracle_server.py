"""The simulator's server half, as the SDKs' own bytes find it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote_plus

import pytest

from conformance.exchange import Engine
from conformance.model.wire import Operation, Reading, WireRequest
from conformance.oracles.vectors import Vector
from conformance.venues import load

LEAST = {"binance_usdm": 1_000, "bybit": 700}
"""Requests over HTTP among the vectors of each venue."""
UNNAMED = {"/v5/account/info"}
"""What a server knows and no neutral word names."""


def readings(file, **switches) -> Iterator[tuple[Vector, Reading]]:
    """What a server half reads out of the bytes of every HTTP vector, a server for each key."""
    for name, key in file.keys.items():
        server = load(file.venue).server(Engine(load(file.venue).listings), switches)
        server.add_key(key.credentials(), 1)
        for vector in file.vectors:
            wire = vector.wire
            if vector.key == name and wire and wire.method != "WS":
                path, _, query = wire.target.partition("?")
                body = wire.body.encode()
                request = WireRequest(wire.method, path, query.encode(), wire.headers, body)
                yield vector, server.read(request, file.now_ms)


@pytest.mark.parametrize(("venue", "least"), LEAST.items())
def test_the_server_half_believes_exactly_the_vectors_that_agree(files, least):
    wrong, read = [], 0
    for file in files:
        for vector, found in readings(file):
            read += 1
            if (found.signature_valid is True) != (vector.verdict == "agree"):
                wrong.append(f"{file.source.name} {vector.id}")
    assert wrong == []
    assert read > least


@pytest.mark.parametrize("venue", LEAST)
def test_the_server_half_knows_every_request_that_an_sdk_makes(files):
    for file in files:
        for vector, found in readings(file):
            named = found.operation is not Operation.OTHER
            assert named or vector.wire.target.partition("?")[0] in UNNAMED, vector.wire.target
            assert found.key_sent
            assert found.timestamp_ms == file.now_ms or not found.signed


def believes(chosen, vector, verify: str) -> bool:
    """What the switch promises, worked out from what the SDK signed and what it sent."""
    claim = chosen.read(vector.wire)
    raw = claim == (vector.signed, vector.signature)
    decoded = (unquote_plus(claim.payload), claim.signature) == (vector.signed, vector.signature)
    return {"raw": raw, "decoded": decoded, "either": raw or decoded}[verify]


@pytest.mark.parametrize("verify", ["raw", "decoded", "either"])
def test_the_switch_decides_over_which_bytes_the_signature_is_taken(chosen, files, verify):
    wrong, found = [], Counter()
    for file in files:
        if "hmac" in file.keys:
            for vector, reading in readings(file, verify=verify):
                if vector.key == "hmac":
                    found[reading.signature_valid is True] += 1
                    if (reading.signature_valid is True) != believes(chosen, vector, verify):
                        wrong.append(f"{file.source.name} {vector.id}")
    assert wrong == []
    assert min(found[True], found[False]) > 10


def test_the_switch_makes_a_difference_both_ways(chosen, files):
    signed = [v for file in files for v in file.vectors if v.wire and v.wire.method != "WS"]
    raw, decoded, either = (
        {id(v) for v in signed if believes(chosen, v, verify)}
        for verify in ("raw", "decoded", "either")
    )
    assert raw - decoded
    assert decoded - raw
    assert either == raw | decoded
