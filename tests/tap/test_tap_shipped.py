"""The tapes that are shipped: they replay, and hold no secret."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from conformance import resources
from conformance.plugin import discovery
from conformance.plugin.environments import Replaying, shelf, tape_name
from conformance.plugin.running import run_case
from conformance.plugin.selection import choose
from conformance.tap import tape

ADAPTERS = {
    "conformance.client:ReferenceClient": (28, 0),
    "conformance.client:PortableClient": (2, 2),
    "conformance.peers.binance_sdk:BinanceSdkAdapter": (5, 5),
    "conformance.peers.ccxt:CcxtAdapter": (3, 3),
}
"""How many tapes and cassettes of each there are."""
OURS = "conformance.client:"
ROOT = resources.data("cassettes")
FILES = sorted(path for path in ROOT.rglob("*") if path.suffix in (".jsonl", ".yaml"))
DEPARTURES = re.compile(r"recorded|what led to it")


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_every_adapter_has_its_tapes(adapter):
    kinds = Counter(path.suffix for path in shelf(None, "binance_usdm", adapter).iterdir())
    assert (kinds[".jsonl"], kinds[".yaml"]) == ADAPTERS[adapter]


def _taped():
    for adapter in ADAPTERS:
        folder = shelf(None, "binance_usdm", adapter)
        for case, example in choose(discovery.all_cases(), level=5, names=()):
            if (folder / tape_name(case, example)).is_file():
                name = f"{adapter.rpartition(':')[2]}/{tape_name(case, example)}"
                yield pytest.param(adapter, case, example, id=name)


@pytest.mark.parametrize(("adapter", "case", "example"), list(_taped()))
def test_a_shipped_tape_replays(venue, adapter, case, example):
    if not adapter.startswith(OURS):
        pytest.importorskip(adapter.split(":")[0])
    result = run_case(
        case,
        example,
        venue=venue,
        adapter_factory=discovery.load_adapter(adapter),
        environment=Replaying(shelf(None, venue.name, adapter)),
    )
    # What other people's clients are found to do wrong, they do on the tape as well.
    if adapter.startswith(OURS):
        assert (result.verdict, result.observed) == ("pass", "")
    assert DEPARTURES.search(result.claim) is None, result.observed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shipped_tape_holds_no_secret(venue, path):
    text = path.read_text()
    for kind in venue.key_kinds:
        credentials = venue.credentials(kind, 0)
        assert credentials.key not in text
        assert credentials.secret not in text
    assert set(re.findall(r"signature=(\S+)", text)) <= {"[redacted"}
    assert set(re.findall(r'listenKey\\?":\s*\\?"([^"\\]*)', text)) <= {"[redacted listenKey]"}
    assert re.search(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", text) is None


def test_every_shipped_file_is_a_tape_of_a_case_or_a_cassette_beside_one():
    names = {
        tape_name(case, example)
        for case, example in choose(discovery.all_cases(), level=5, names=())
    }
    for path in FILES:
        assert path.with_suffix(".jsonl").name in names
        assert tape.read(path.with_suffix(".jsonl")).head["venue"] == path.parts[-3]
