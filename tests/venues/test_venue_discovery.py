from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest

from conformance.contracts.dialect import Venue
from conformance.errors import ConfigError, UsageError
from conformance.venues import discovery, load, names
from conformance.venues.binance_usdm import VENUE


def publish(monkeypatch, name, value):
    points = EntryPoints([EntryPoint(name, value, discovery.GROUP)])
    monkeypatch.setattr(discovery, "entry_points", lambda group: points.select(group=group))


def test_every_folder_is_a_venue_of_its_own_name():
    assert "binance_usdm" in names()
    for name in names():
        assert load(name).name == name


def test_a_misspelt_name_is_answered_with_the_nearest_one():
    with pytest.raises(UsageError) as caught:
        load("binance_usdn")
    assert "did you mean binance_usdm?" in caught.value.hint


def test_a_name_like_no_other_is_answered_with_the_list():
    with pytest.raises(UsageError) as caught:
        load("zzz")
    assert "did you mean" not in caught.value.hint
    assert "binance_usdm" in caught.value.hint


def test_another_distribution_may_publish_a_venue(monkeypatch):
    publish(monkeypatch, "elsewhere", "conformance.venues.binance_usdm:VENUE")
    assert "elsewhere" in names()
    with pytest.raises(ConfigError):
        load("elsewhere")


def test_an_entry_point_that_is_no_venue_is_refused(monkeypatch):
    publish(monkeypatch, "elsewhere", "conformance.venues.discovery:GROUP")
    with pytest.raises(ConfigError):
        load("elsewhere")


def test_a_foreign_venue_of_the_right_name_loads(monkeypatch):
    publish(monkeypatch, "binance_usdm", "conformance.venues.binance_usdm:VENUE")
    monkeypatch.setattr(discovery, "_folders", set)
    assert load("binance_usdm") is VENUE


def test_a_venue_names_what_its_users_need():
    assert isinstance(VENUE, Venue)
    assert VENUE.settle_asset == VENUE.listings[0].margin_asset == "USDT"
    assert VENUE.key_kinds[0] == "hmac"
    endpoints = VENUE.endpoints("http://127.0.0.1:1/", "ws://127.0.0.1:2/", "ca.pem")
    assert (endpoints.rest, endpoints.streams) == ("http://127.0.0.1:1", "ws://127.0.0.1:2")
    assert (endpoints.venue, endpoints.ca_file) == ("binance_usdm", "ca.pem")
