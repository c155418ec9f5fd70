"""Throw-away keys: the same ones every time, and no two alike."""

from __future__ import annotations

import pytest

from conformance.venues import load

VENUES = [load(name) for name in ("binance_usdm", "bybit")]
KINDS = [(venue, kind) for venue in VENUES for kind in venue.key_kinds]


@pytest.mark.parametrize(("venue", "kind"), KINDS)
def test_keys_are_the_same_every_time_and_obvious(venue, kind):
    made = venue.credentials(kind, 1)
    assert made == venue.credentials(kind, 1)
    assert (made.kind, made.key.startswith("ThrowAwayKey")) == (kind, True)


@pytest.mark.parametrize(("venue", "kind"), KINDS)
def test_keys_and_secrets_differ_by_number(venue, kind):
    one, ten = venue.credentials(kind, 1), venue.credentials(kind, 10)
    assert one.key != ten.key
    assert one.secret != ten.secret


@pytest.mark.parametrize(("venue", "length"), list(zip(VENUES, (64, 18), strict=True)))
def test_a_thousand_keys_are_a_thousand(venue, length):
    keys = [venue.credentials("hmac", number).key for number in range(1_000)]
    assert len(set(keys)) == 1_000
    assert {len(key) for key in keys[:100]} == {length}


@pytest.mark.parametrize("venue", VENUES)
def test_keys_of_an_unknown_kind_are_not_made(venue):
    with pytest.raises(ValueError, match="no kind of key"):
        venue.credentials("dsa", 1)
