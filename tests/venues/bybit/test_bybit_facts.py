"""The tables of ``facts.toml`` hold together, and what is published is served."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import HostRefused, InvariantBroken
from conformance.exchange import Engine
from conformance.guard import permit
from conformance.model.categories import Category
from conformance.model.orders import PositionSide, Side
from conformance.model.records import FillRecord
from conformance.model.refusals import Reason
from conformance.venues import bybit
from conformance.venues.binance_usdm import VENUE as OTHER_VENUE
from conformance.venues.bybit import VENUE
from conformance.venues.bybit.facts import ENDPOINTS, ERRORS, FACTS, SWITCHES
from conformance.venues.bybit.server import routes
from conformance.venues.bybit.server.answers import refused
from conformance.venues.bybit.server.ids import Breed, Ids, Numbered
from conformance.venues.bybit.server.terms import Terms

SYMBOLS = tuple(listing.symbol for listing in VENUE.listings)
TERMS = {listing.symbol: Terms(listing) for listing in VENUE.listings}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_the_core_has_a_documented_answer(reason):
    assert refused(reason).code in ERRORS


def test_every_block_says_where_it_is_from():
    blocks = {name: block for name, block in FACTS.items() if isinstance(block, dict)}
    nested = {"limits", "switches"}
    assert [name for name in blocks.keys() - nested if "source" not in blocks[name]] == []
    for name in nested:
        assert all(row["source"] for row in blocks[name].values())


def test_every_endpoint_with_a_rate_has_a_limit_of_its_own():
    rated = {name for name, endpoint in ENDPOINTS.items() if endpoint.rate}
    assert FACTS["limits"].keys() == rated | {"requests", "orders"}
    assert len({(e.method, e.path) for e in ENDPOINTS.values()}) == len(ENDPOINTS)
    assert all(row["units"] > 0 and row["window_ms"] > 0 for row in FACTS["limits"].values())


def test_every_switch_has_a_default_among_its_choices():
    for name, switch in FACTS["switches"].items():
        assert SWITCHES[name] in switch.get("choices", [SWITCHES[name]])


def test_every_error_has_a_class_and_words():
    for row in ERRORS.values():
        assert Category(row.category)
        assert row.text
    assert ERRORS[110001].category == Category.NOT_FOUND
    assert {ERRORS[code].category for code in (110025, 110026, 110027, 110043, 34040)} == {
        Category.ALREADY
    }


def test_what_is_published_is_served_or_excused():
    served = {f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS.values()}
    quirks = Path(bybit.__file__).with_name("quirks.md").read_text(encoding="utf-8")
    missing = set(FACTS["published"]["endpoints"]) - served
    assert {name for name in missing if f"`{name}`" not in quirks} == set()
    assert {name for name in served if f"`{name}`" in quirks} == set()


@pytest.mark.parametrize("host", FACTS["hosts"]["production"])
def test_production_hosts_are_refused(host):
    with pytest.raises(HostRefused):
        permit(f"https://{host}")


def test_an_endpoint_without_a_handler_is_our_own_bug(monkeypatch):
    monkeypatch.setattr(routes, "ENDPOINTS", {})
    with pytest.raises(InvariantBroken, match="no handler"):
        VENUE.server(Engine(VENUE.listings, VENUE.rules), {})


def test_both_halves_and_the_interpreter_are_made_when_asked_for():
    endpoints = VENUE.endpoints("http://127.0.0.1:1/", "ws://127.0.0.1:1/", "")
    assert dict(endpoints.extra)["trade"] == "ws://127.0.0.1:1/v5/trade"
    assert VENUE.client() is not None
    assert VENUE.interpreter().customs.key_header == "x-bapi-api-key"


def test_listings_of_another_venue_are_our_own_bug():
    with pytest.raises(InvariantBroken):
        VENUE.server(Engine(OTHER_VENUE.listings, OTHER_VENUE.rules), {})


@given(
    symbol=st.sampled_from(SYMBOLS),
    breed=st.sampled_from(Breed),
    number=st.integers(0, (1 << 60) - 1),
    seed=st.integers(0, 1 << 40),
)
def test_ids_are_read_back_and_differ(symbol, breed, number, seed):
    ids = Ids(SYMBOLS, seed)
    shown = ids._shown(symbol, breed, number)
    assert ids.read(shown) == Numbered(symbol, breed, number)
    assert ids._shown(symbol, breed, number + 1 if number < 1 << 59 else number - 1) != shown


@given(text=st.text(max_size=40) | st.uuids().map(str))
def test_what_is_no_id_of_ours_stands_for_nothing(text):
    ids = Ids(SYMBOLS, 0)
    found = ids.read(text)
    assert found is None or ids._shown(*found) == text


def test_either_side_of_a_trade_has_an_id_of_its_own():
    ids = Ids(SYMBOLS, 0)
    fill = FillRecord(1, 2, "", "BTCUSDT", Side.BUY, PositionSide.NET, 1, 1, 0, 0, True, 0)
    assert ids.execution(fill) != ids.execution(fill._replace(maker=False))


@given(symbol=st.sampled_from(SYMBOLS), ticks=st.integers(1, 10**7), lots=st.integers(1, 10**7))
def test_prices_and_quantities_survive_the_way_through_text(symbol, ticks, lots):
    terms = TERMS[symbol]
    assert terms.read_price(terms.price.text(ticks)) == ticks
    assert terms.read_price(terms.bare(ticks)) == ticks
    assert terms.read_quantity(terms.quantity.text(lots)) == lots
