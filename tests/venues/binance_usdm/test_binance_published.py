"""Whatever the venue publishes is served, or quirks.md says why it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import conformance.venues.binance_usdm as folder
from conformance.venues.binance_usdm.facts import ENDPOINTS, FACTS, METHODS

PUBLISHED = FACTS["published"]
QUIRKS = Path(folder.__file__).with_name("quirks.md").read_text(encoding="utf-8")
_, _, REST = QUIRKS.partition("## Not simulated")
ABSENT = set(re.findall(r"`([^`]+)`", REST.partition("\n## ")[0])) - {"/dapi"}


def excused(names):
    return set(names) & ABSENT


def test_every_published_endpoint_is_served_or_excused():
    served = {f"{each.method} {each.path}" for each in ENDPOINTS.values()}
    missing = set(PUBLISHED["endpoints"]) - served
    assert missing == excused(PUBLISHED["endpoints"])
    # what ccxt asks of other products at its start
    beside = {path for path in served if "/sapi/" in path}
    assert served - set(PUBLISHED["endpoints"]) <= beside


def test_every_published_method_is_served():
    assert set(PUBLISHED["methods"]) == METHODS.keys()


@pytest.mark.parametrize("name", PUBLISHED["streams"])
def test_every_published_stream_is_served_or_excused(make_counter, name):
    counter = make_counter(wrong_route="serve")
    counter.open(1, f"/market/ws/{name}")
    assert (name not in counter.server._broadcast._channels) is (name in ABSENT)


def test_every_published_event_is_sent_or_excused():
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (Path(folder.__file__).parent / "server").glob("*.py")
    )
    sent = {name for name in PUBLISHED["events"] if f'"{name}"' in code or f'e":"{name}' in code}
    assert set(PUBLISHED["events"]) - sent == excused(PUBLISHED["events"])


def test_every_published_filter_is_listed_or_excused(counter):
    listed = {
        each["filterType"]
        for symbol in counter.ok("GET", "/fapi/v1/exchangeInfo", signed=False)["symbols"]
        for each in symbol["filters"]
    }
    assert listed == FACTS["filters"].keys() - {"source"}
    assert set(PUBLISHED["filters"]) - listed == excused(PUBLISHED["filters"])


def test_nothing_is_excused_that_is_not_published():
    names = {name for key in PUBLISHED if key != "source" for name in PUBLISHED[key]}
    assert names >= ABSENT


def test_switches_that_quirks_names_exist():
    _, _, table = QUIRKS.partition("## What surprises clients")
    rows = [line.split("|")[-2] for line in table.partition("\n## ")[0].splitlines() if "|" in line]
    named = {name for cell in rows for name in re.findall(r"`([a-z_]+)`", cell)}
    assert named
    assert named <= FACTS["switches"].keys()
