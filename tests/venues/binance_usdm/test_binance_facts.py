from __future__ import annotations

import re
from decimal import Decimal

import pytest

from conformance.model.categories import Category
from conformance.model.refusals import Reason
from conformance.model.wire import Condition, Operation
from conformance.venues.binance_usdm import VENUE
from conformance.venues.binance_usdm.facts import ENDPOINTS, ERRORS, FACTS, SWITCHES
from conformance.venues.binance_usdm.server.refusals import code_of

DATED = re.compile(r"20\d\d-\d\d")


def test_every_block_cites_its_page_and_its_date():
    for name, block in FACTS.items():
        if not isinstance(block, dict) or name in ("switches", "limits"):
            continue
        assert DATED.search(block["source"]), name
    for name, limit in FACTS["limits"].items():
        assert DATED.search(limit["source"]), name


def test_every_switch_says_why_it_is_open():
    for name, switch in FACTS["switches"].items():
        assert DATED.search(switch["source"]), name
        assert switch["default"] in switch.get("choices", [switch["default"]])
        assert SWITCHES[name] == switch["default"]


def test_every_row_of_the_error_table_has_a_known_category_and_status():
    for row in VENUE.errors:
        assert Category(row.category)
        assert row.status in (400, 401, 408, 429, 503)
        assert row.text
        assert "%s" not in row.text


def test_codes_are_unique():
    codes = [row["code"] for row in FACTS["errors"]["rows"]]
    assert len(codes) == len(set(codes)) == len(ERRORS)


# usds-margined-futures/error-code, 2026-05-28, and general-info HTTP Return Codes
@pytest.mark.parametrize(
    ("code", "status", "category"),
    [
        (-1003, 429, "throttled"),
        (-1007, 408, "unknown"),
        (-1008, 503, "retry"),
        (-1021, 400, "clock"),
        (-1125, 400, "stream-key"),
        (-2011, 400, "not-found"),
        (-2013, 400, "not-found"),
        (-2014, 401, "auth"),
        (-2015, 401, "auth"),
        (-2019, 400, "state"),
        (-4046, 400, "already"),
        (-4059, 400, "already"),
        (-5027, 400, "already"),
        (-1006, 400, "unknown"),
        (-1016, 400, "maintenance"),
        (-5028, 400, "clock"),
    ],
)
def test_well_known_codes_mean_what_the_pages_say(code, status, category):
    assert (ERRORS[code].status, ERRORS[code].category) == (status, category)


def test_every_reason_of_the_core_has_a_documented_code():
    assert {code_of(reason) for reason in Reason} <= ERRORS.keys()


def test_every_endpoint_is_named_once_and_reached_once():
    rows = FACTS["endpoints"]["rows"]
    assert len(ENDPOINTS) == len(rows)
    assert len({(row["method"], row["path"]) for row in rows}) == len(rows)


def test_the_operations_of_an_order_have_endpoints():
    served = {endpoint.operation for endpoint in ENDPOINTS.values()}
    assert served == set(Operation)


def test_the_published_limits_are_those_of_the_integration():
    # CM/UM integration notice, 2026-06-24
    limits = {name: (rule["units"], rule["window_ms"]) for name, rule in FACTS["limits"].items()}
    assert limits["requests"] == (2400, 60_000)
    assert limits["orders"] == (300, 10_000)
    assert limits["orders-minute"] == (1200, 60_000)


def test_production_and_test_hosts_do_not_overlap():
    hosts = FACTS["hosts"]
    assert not set(hosts["production"]) & set(hosts["testnet"])
    assert "fapi.binance.com" in hosts["production"]


def test_bitcoin_is_listed_by_its_published_rules():
    # exchangeInfo captures, 2026-05-28
    bitcoin = VENUE.listings[0]
    assert bitcoin.symbol == "BTCUSDT"
    assert (bitcoin.tick, bitcoin.step) == (Decimal("0.10"), Decimal("0.001"))
    assert bitcoin.min_notional == 50
    assert bitcoin.market_max_lots == 120_000
    assert (bitcoin.band_up, bitcoin.band_down) == (Decimal("1.05"), Decimal("0.95"))


def test_one_symbol_is_not_ascii():
    # change log 2025-10-09; the encoded text is a signing vector of the pages
    names = [listing.symbol for listing in VENUE.listings]
    assert "币安人生USDT" in names
    assert len(names) >= 4


def test_deductions_join_the_tiers_without_a_jump():
    # cum_n = floor_n * (mmr_n - mmr_n-1) + cum_n-1, contractInfo sample, 2026-05-28
    for listing in VENUE.listings:
        for below, above in zip(listing.tiers, listing.tiers[1:], strict=False):
            at = above.floor
            assert below.cap == at
            assert at * below.maintenance_rate - below.deduction == (
                at * above.maintenance_rate - above.deduction
            )
    assert VENUE.listings[0].tiers[1].deduction == 50


def test_listings_lie_on_their_own_grids():
    for listing in VENUE.listings:
        assert listing.prices.units(listing.initial_price) is not None
        assert listing.prices.units(listing.min_price) is not None
        assert listing.quantities.units(listing.min_quantity) == listing.min_lots
        assert listing.initial_price * listing.max_quantity > listing.min_notional


@pytest.mark.parametrize("condition", Condition)
@pytest.mark.parametrize("operation", [Operation.PLACE, Operation.TIME, Operation.AMEND])
def test_every_condition_has_words(counter, condition, operation):
    reply = counter.server.refusal(condition, operation, counter.at)
    assert 200 <= reply.status < 600


# general-info HTTP Return Codes and error-code, 2026-05-28
@pytest.mark.parametrize(
    ("condition", "status", "code"),
    [
        (Condition.THROTTLED, 429, b"-1003"),
        (Condition.ORDER_RATE_EXCEEDED, 429, b"-1015"),
        (Condition.BANNED, 418, b"-1003"),
        (Condition.TIMEOUT_UNKNOWN, 408, b"-1007"),
        (Condition.BUS_UNKNOWN, 400, b"-1006"),
        (Condition.OVERLOADED_UNKNOWN, 503, b"Unknown error, please check your request"),
        (Condition.OVERLOADED_REFUSED, 503, b"-1008"),
        (Condition.INTERNAL_ERROR, 500, b"Request occur unknown error."),
        (Condition.CLOCK_AHEAD, 400, b"1000ms ahead of the server's time"),
        (Condition.CLOCK_LATE, 400, b"outside of the recvWindow"),
        (Condition.BAD_SIGNATURE, 400, b"-1022"),
        (Condition.BAD_KEY, 401, b"-2014"),
        (Condition.NO_PERMISSION, 401, b"-2015"),
        (Condition.INSUFFICIENT_MARGIN, 400, b"-2019"),
        (Condition.UNKNOWN_ORDER, 400, b"-2011"),
        (Condition.NO_SUCH_ORDER, 400, b"-2013"),
        (Condition.MAINTENANCE, 400, b"under maintenance"),
        (Condition.STREAM_KEY_UNKNOWN, 400, b"-1125"),
        (Condition.HTML_GATEWAY, 502, b"<html>"),
        (Condition.HTML_FORBIDDEN, 403, b"cloudfront"),
    ],
)
def test_conditions_are_said_as_the_venue_says_them(counter, condition, status, code):
    reply = counter.server.refusal(condition, Operation.PLACE, counter.at)
    assert reply.status == status
    assert code in reply.body


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (Operation.SET_MARGIN_MODE, b"-4046"),
        (Operation.SET_POSITION_MODE, b"-4059"),
        (Operation.AMEND, b"-5027"),
    ],
)
def test_already_done_depends_on_what_was_asked(counter, operation, code):
    reply = counter.server.refusal(Condition.ALREADY_DONE, operation, counter.at)
    assert code in reply.body


def test_cancels_are_never_answered_with_the_throttle_of_orders(counter):
    # general-info: -1008 applies to new orders only, cancels are exempt
    reply = counter.server.refusal(Condition.OVERLOADED_REFUSED, Operation.CANCEL, counter.at)
    assert (reply.status, b"Service Unavailable." in reply.body) == (503, True)


def test_a_novel_code_is_in_no_document(counter):
    reply = counter.server.refusal(Condition.NOVEL_CODE, Operation.PLACE, counter.at)
    assert FACTS["conditions"]["novel_code"] not in ERRORS
    assert str(FACTS["conditions"]["novel_code"]).encode() in reply.body


def test_a_ban_names_its_end(counter):
    reply = counter.server.refusal(Condition.BANNED, Operation.PLACE, counter.at)
    assert f"banned until {counter.at + 120_000}".encode() in reply.body
    assert dict(reply.headers)["retry-after"] == "120"


def test_a_documented_row_is_said_with_its_status(counter):
    row = ERRORS[-2019]
    reply = counter.server.documented(row)
    assert (reply.status, reply.body) == (400, b'{"code":-2019,"msg":"Margin is insufficient."}')
    assert b'"msg":"other"' in counter.server.documented(row, "other").body
