"""Keys, clocks, signatures and limits: who may pass.

Source: usds-margined-futures/general-info, 2026-05-28.
"""

from __future__ import annotations

import pytest

from conformance.errors import UsageError
from conformance.model.wire import Operation, WireRequest
from conformance.venues.binance_usdm.signing import sign

TIME = ("GET", "/fapi/v1/time")
BALANCE = ("GET", "/fapi/v2/balance")
ORDER = ("POST", "/fapi/v1/order")


def stamped(counter, offset, **more):
    return {"timestamp": counter.at + offset, **more}


@pytest.mark.parametrize(
    ("offset", "window", "code"),
    [
        (0, None, 0),
        (999, None, 0),
        (1000, None, -1021),
        (-5000, None, 0),
        (-5001, None, -1021),
        (-9000, 9000, 0),
        (-9001, 9000, -1021),
        (-1, 0, -1021),
        (0, 0, 0),
        (-9_999_999, 9_999_999, 0),
        (0, "soon", -1102),
        (0, -1, -1102),
    ],
)
def test_the_window_opens_and_closes_at_its_boundaries(counter, offset, window, code):
    params = stamped(counter, offset)
    if window is not None:
        params["recvWindow"] = window
    status, body = counter.ask(*BALANCE, params)
    assert (status, body["code"] if code else 0) == (400 if code else 200, code)


def test_being_ahead_and_being_late_are_told_apart(counter):
    ahead = counter.ask(*BALANCE, stamped(counter, 1000))[1]["msg"]
    late = counter.ask(*BALANCE, stamped(counter, -5001))[1]["msg"]
    assert ahead == "Timestamp for this request was 1000ms ahead of the server's time."
    assert late == "Timestamp for this request is outside of the recvWindow."


def test_the_longest_window_is_a_switch(make_counter):
    counter = make_counter(window_max_ms=60_000)
    assert counter.code(*BALANCE, stamped(counter, 0, recvWindow=60_001)) == (400, -1102)
    counter.ok(*BALANCE, stamped(counter, 0, recvWindow=60_000))


def test_a_timestamp_is_mandatory(counter):
    assert counter.code(*BALANCE, {"timestamp": ""}) == (400, -1102)
    assert counter.code(*BALANCE, {"timestamp": "1.5"}) == (400, -1102)


def test_a_signature_is_mandatory_and_comes_last(counter):
    raw = f"timestamp={counter.at}".encode()
    assert counter.code(*BALANCE, raw=raw) == (400, -1102)
    signed = counter.request(*BALANCE).query
    payload, _, signature = signed.rpartition(b"&")
    assert counter.code(*BALANCE, raw=signature + b"&" + payload) == (400, -1022)
    assert counter.code(*BALANCE, raw=signed[:-1] + b"0" + signed[-1:]) == (400, -1022)


@pytest.mark.parametrize("kind", ["hmac", "ed25519", "rsa"])
@pytest.mark.parametrize("body", [False, True])
def test_every_kind_of_key_may_sign_query_or_body(make_counter, kind, body):
    counter = make_counter(kind)
    assert counter.ok(*ORDER, counter.limit(), body=body)["status"] == "NEW"


def test_query_and_body_are_signed_as_one_text_without_a_joint(counter):
    whole = counter.request(*ORDER, counter.limit()).query
    head, tail = whole[:40], whole[40:]
    request = WireRequest(*ORDER, head, (("x-mbx-apikey", counter.key.key),), tail)
    assert counter.server.read(request, counter.at).signature_valid


def test_a_base64_signature_that_lost_its_plus_is_refused(make_counter):
    # A '+' that is not percent-encoded arrives as a blank.
    counter = make_counter("rsa")
    for number in range(20):
        request = counter.request(*BALANCE, {"timestamp": counter.at - number})
        if b"%2B" in request.query:
            raw = request.query.replace(b"%2B", b"+")
            assert counter.code(*BALANCE, raw=raw) == (400, -1022)
            return
    pytest.fail("no signature with a plus among twenty")


@pytest.mark.parametrize(
    ("headers", "code"),
    [((), -2014), ((("x-mbx-apikey", "short"),), -2014), ((("x-mbx-apikey", "k" * 64),), -2015)],
)
def test_keys_are_refused_before_the_clock_and_the_signature(counter, headers, code):
    for path in (BALANCE, ("POST", "/fapi/v1/listenKey"), ("GET", "/fapi/v1/historicalTrades")):
        assert counter.code(*path, {"timestamp": "x"}, headers=headers) == (401, code)


def test_a_revoked_key_is_refused(counter):
    counter.server.revoke_key(counter.key.key)
    counter.server.revoke_key("never-known")
    assert counter.code(*BALANCE) == (401, -2015)


def test_the_clock_is_checked_before_the_signature(counter):
    raw = f"timestamp={counter.at - 99_999}&signature=00".encode()
    assert counter.code(*BALANCE, raw=raw) == (400, -1021)


def test_the_signature_is_checked_before_the_format(counter):
    raw = f"symbol=NONE&timestamp={counter.at}&signature=00".encode()
    assert counter.code(*ORDER, raw=raw) == (400, -1022)


@pytest.mark.parametrize(
    ("verify", "raw_ok", "decoded_ok"),
    [("raw", True, False), ("decoded", False, True), ("either", True, True)],
)
def test_what_the_signature_is_taken_over_is_a_switch(make_counter, verify, raw_ok, decoded_ok):
    counter = make_counter(verify=verify)
    secret = counter.key.secret
    sent = f"symbol=%42TCUSDT&timestamp={counter.at}".encode()
    for text, fine in ((sent, raw_ok), (sent.replace(b"%42", b"B"), decoded_ok)):
        raw = sent + f"&signature={sign('hmac', secret, text)}".encode()
        status, _ = counter.ask("GET", "/fapi/v1/openOrders", raw=raw)
        assert status == (200 if fine else 400)


def test_names_are_case_insensitive_and_the_query_beats_the_body(counter):
    whole = counter.request("DELETE", "/fapi/v1/allOpenOrders", {"SYMBOL": "BTCUSDT"})
    assert counter.server.handle(whole, counter.at).reply.status == 200
    request = counter.request("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"}, body=True)
    both = request._replace(query=b"symbol=ETHUSDT")
    assert counter.server.read(both, counter.at).symbol == "ETHUSDT"


@pytest.mark.parametrize("raw", [b"symbol=BTCUSDT&symbol=ETHUSDT", b"symbol=A&SYMBOL=A"])
def test_a_repeated_name_is_refused(counter, raw):
    assert counter.code("GET", "/fapi/v1/depth", raw=raw, signed=False) == (400, -1101)


def test_stray_ampersands_are_harmless(counter):
    status, _ = counter.ask("GET", "/fapi/v1/depth", raw=b"&symbol=BTCUSDT&&", signed=False)
    assert status == 200


def test_non_ascii_symbols_travel_percent_encoded(counter):
    rows = counter.ok("GET", "/fapi/v1/premiumIndex", {"symbol": "币安人生USDT"}, signed=False)
    assert rows["symbol"] == "币安人生USDT"
    order = counter.place(symbol="币安人生USDT", price="0.1990", quantity="100")
    assert (order["price"], order["origQty"]) == ("0.19900", "100")


# Limits


def test_every_answer_says_the_weight_used(counter):
    deep = {"symbol": "BTCUSDT", "limit": "1000"}
    served = counter.send("GET", "/fapi/v1/depth", deep, signed=False)
    assert dict(served.reply.headers) == {"x-mbx-used-weight-1m": "20"}
    served = counter.send(*TIME, signed=False)
    assert dict(served.reply.headers) == {"x-mbx-used-weight-1m": "21"}
    served = counter.send("GET", "/fapi/v1/fundingRate", signed=False)
    assert served.reply.headers == ()


@pytest.mark.parametrize(
    ("path", "params", "weight"),
    [
        ("depth", {"symbol": "BTCUSDT", "limit": "5"}, 2),
        ("depth", {"symbol": "BTCUSDT", "limit": "100"}, 5),
        ("depth", {"symbol": "BTCUSDT"}, 10),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": "99"}, 1),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": "100"}, 2),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": "1500"}, 10),
        ("ticker/24hr", {"symbol": "BTCUSDT"}, 1),
        ("ticker/24hr", {}, 40),
        ("ticker/bookTicker", {}, 5),
        ("exchangeInfo", {}, 1),
    ],
)
def test_weights_are_the_published_ones(counter, path, params, weight):
    served = counter.send("GET", f"/fapi/v1/{path}", params, signed=False)
    assert served.reading.weight == weight
    assert dict(served.reply.headers)["x-mbx-used-weight-1m"] == str(weight)


def spend(counter, weight, peer="127.0.0.1"):
    for _ in range(weight // 200):
        request = counter.request(
            "GET", "/fapi/v1/historicalTrades", {"symbol": "BTCUSDT"}, signed=False, peer=peer
        )
        assert counter.server.handle(request, counter.at).reply.status == 200


def test_beyond_the_weight_limit_comes_429_until_the_minute_ends(counter):
    spend(counter, 2400)
    served = counter.send(*TIME, signed=False)
    assert (served.reply.status, served.reading.code) == (429, "-1003")
    # START is twenty seconds into its minute.
    assert dict(served.reply.headers)["retry-after"] == "40"
    counter.at += 39_999
    assert counter.send(*TIME, signed=False).reply.status == 429
    counter.at += 1
    assert counter.send(*TIME, signed=False).reply.status == 200


def test_weight_is_counted_by_address(counter):
    spend(counter, 2400, peer="127.0.0.2")
    assert counter.send(*TIME, signed=False, peer="127.0.0.2").reply.status == 429
    assert counter.send(*TIME, signed=False, peer="127.0.0.3").reply.status == 200


def test_going_on_after_429_brings_a_ban_that_doubles(counter):
    for length_s in (120, 240):
        spend(counter, 2400)
        for _ in range(5):
            assert counter.send(*TIME, signed=False).reply.status == 429
        served = counter.send(*TIME, signed=False)
        assert (served.reply.status, served.reading.code) == (418, "-1003")
        assert f"banned until {counter.at + 1000 * length_s}".encode() in served.reply.body
        assert dict(served.reply.headers)["retry-after"] == str(length_s)
        counter.at += 1000 * length_s - 1
        assert counter.send(*BALANCE).reply.status == 418
        counter.at += 60_001
        assert counter.send(*TIME, signed=False).reply.status == 200
        counter.at += 60_000


def test_retry_after_is_a_switch(make_counter):
    counter = make_counter(send_retry_after=False)
    spend(counter, 2400)
    assert "retry-after" not in dict(counter.send(*TIME, signed=False).reply.headers)


def test_order_counts_are_told_and_enforced(counter):
    for _ in range(300):
        served = counter.send(*ORDER, counter.limit(quantity="0.00"))
        assert served.reading.code == "-4003"
        assert "x-mbx-order-count-10s" not in dict(served.reply.headers)
    served = counter.send(*ORDER, counter.limit())
    assert (served.reply.status, served.reading.code) == (429, "-1015")
    assert dict(served.reply.headers)["retry-after"] == "10"
    counter.at += 10_000
    served = counter.send(*ORDER, counter.limit())
    headers = dict(served.reply.headers)
    assert headers["x-mbx-order-count-10s"] == "1"
    assert headers["x-mbx-order-count-1m"] == "301"


def test_the_minute_pool_of_orders_is_a_second_bound(counter):
    counter.at += 40_000
    for _ in range(4):
        for _ in range(300):
            counter.send(*ORDER, counter.limit(quantity="0.00"))
        counter.at += 10_000
    served = counter.send(*ORDER, counter.limit())
    assert served.reading.code == "-1015"
    assert b"1200 orders per MINUTE" in served.reply.body


def test_a_batch_costs_five_on_ten_seconds_and_one_on_the_minute(counter):
    served = counter.send("POST", "/fapi/v1/batchOrders", {"batchOrders": "[{}]"})
    headers = dict(served.reply.headers)
    assert (headers["x-mbx-order-count-10s"], headers["x-mbx-order-count-1m"]) == ("5", "1")
    assert headers["x-mbx-used-weight-1m"] == "5"


def test_cancels_are_not_counted_as_orders(counter):
    headers = counter.send("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"}).reply.headers
    assert dict(headers) == {"x-mbx-used-weight-1m": "1"}


def test_a_refused_signature_counts_no_order(counter):
    raw = f"timestamp={counter.at}&signature=00".encode()
    counter.send(*ORDER, raw=raw)
    headers = dict(counter.send(*ORDER, counter.limit()).reply.headers)
    assert headers["x-mbx-order-count-10s"] == "1"


def test_funding_endpoints_have_a_pool_of_their_own(counter):
    for _ in range(500):
        counter.ok("GET", "/fapi/v1/fundingInfo", signed=False)
    assert counter.send("GET", "/fapi/v1/fundingRate", signed=False).reply.status == 429
    assert counter.send(*TIME, signed=False).reply.status == 200


def test_the_weight_header_of_orders_may_be_odd(make_counter):
    counter = make_counter(placing_weight_header="-1")
    headers = dict(counter.send(*ORDER, counter.limit()).reply.headers)
    assert headers["x-mbx-used-weight-1m"] == "-1"


# Switches and readings


def test_switches_are_checked(make_counter):
    with pytest.raises(UsageError, match="no switch 'colour'"):
        make_counter(colour="blue")
    with pytest.raises(UsageError, match="cannot be 'upside-down'"):
        make_counter(verify="upside-down")


def test_a_reading_says_what_a_request_is_about(counter):
    request = counter.request(*ORDER, counter.limit(newClientOrderId="mine", recvWindow="4000"))
    reading = counter.server.read(request, counter.at)
    assert reading.operation is Operation.PLACE
    assert (reading.symbol, reading.client_id) == ("BTCUSDT", "mine")
    assert (reading.signed, reading.key_sent, reading.signature_valid) == (True, True, True)
    assert (reading.timestamp_ms, reading.window_ms) == (counter.at, 4000)
    assert (reading.weight, reading.code) == (0, "")
    assert counter.core.open_orders("testee") == ()
    query = counter.request("GET", "/fapi/v1/order", {"orderId": "5"})
    assert counter.server.read(query, counter.at).venue_id == "5"


def test_a_reading_leaves_no_trace(counter):
    request = counter.request(*ORDER, counter.limit())
    for _ in range(3000):
        counter.server.read(request, counter.at)
    headers = dict(counter.send(*ORDER, counter.limit()).reply.headers)
    assert headers["x-mbx-used-weight-1m"] == "0"
    assert headers["x-mbx-order-count-10s"] == "1"


def test_an_unsigned_request_has_no_verdict(counter):
    reading = counter.server.read(counter.request(*TIME, signed=False), counter.at)
    assert reading.signature_valid is None
    assert not reading.signed
