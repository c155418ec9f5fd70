"""A venue where everything that has rows has some, and one request to every endpoint."""

from __future__ import annotations

import json

from conformance.model.commands import SetFunding, SetLast, SetMark
from conformance.venues.binance_usdm.facts import ENDPOINTS

STOP = {
    "algoType": "CONDITIONAL",
    "side": "BUY",
    "type": "STOP_MARKET",
    "quantity": "0.001",
    "triggerPrice": "70000",
}
REQUESTS = {
    "query-order": {"origClientOrderId": "taken"},
    "query-open-order": {"origClientOrderId": "resting"},
    "cancel": {"origClientOrderId": "resting"},
    "amend": {
        "origClientOrderId": "resting",
        "side": "BUY",
        "quantity": "0.02",
        "price": "59100",
        "modifyId": "4",
    },
    "klines": {"interval": "1m"},
    "leverage": {"leverage": "30"},
    "margin-type": {"marginType": "ISOLATED", "symbol": "SOLUSDT"},
    "set-position-mode": {"dualSidePosition": "true"},
    "cancel-batch": {"origClientOrderIdList": '["resting"]'},
    "place": {"side": "BUY", "type": "MARKET", "quantity": "0.001"},
    "place-test": {"side": "BUY", "type": "MARKET", "quantity": "0.001"},
    "continuous-klines": {"pair": "BTCUSDT", "contractType": "PERPETUAL", "interval": "1h"},
    "index-klines": {"pair": "BTCUSDT", "interval": "1h"},
    "mark-klines": {"interval": "1h"},
    "premium-klines": {"interval": "1h"},
    "asset-index": {"symbol": "USDTUSD"},
    "index-info": {"symbol": ""},
    "countdown": {"countdownTime": "60000"},
    "algo-place": STOP,
    "algo-cancel": {"clientAlgoId": "waiting"},
    "algo-query": {"clientAlgoId": "fired"},
    "set-multi-assets": {"multiAssetsMargin": "true", "symbol": ""},
    "move-margin": {"amount": "1.5", "type": "1"},
    "set-fee-burn": {"feeBurn": "false"},
}
ELEMENTS = {
    "place-batch": {"side": "BUY", "type": "MARKET", "quantity": "0.001"},
    "amend-batch": {
        "origClientOrderId": "two",
        "side": "BUY",
        "quantity": "0.02",
        "price": "59100",
    },
}
FLAT_ONLY = {"set-position-mode", "set-multi-assets"}
"""Refused while orders rest or a position is open."""


def stage(make_counter):
    """Return a counter at which much has happened."""
    counter = make_counter(agreement_reply="json")
    counter.others("sell", 600_100, 50)
    counter.others("buy", 599_900, 50)
    counter.ok("POST", "/fapi/v1/marginType", {"symbol": "BTCUSDT", "marginType": "ISOLATED"})
    counter.place(price="60010", quantity="0.005", newClientOrderId="taken")
    counter.place(newClientOrderId="resting")
    counter.place(newClientOrderId="two")
    changed = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.02", "price": "59200"}
    counter.ok("PUT", "/fapi/v1/order", {**changed, "origClientOrderId": "two", "modifyId": "1"})
    counter.ok("POST", "/fapi/v1/positionMargin", {"symbol": "BTCUSDT", "amount": "7", "type": "1"})
    counter.ok("POST", "/fapi/v1/algoOrder", counter.stop(clientAlgoId="waiting"))
    counter.ok("POST", "/fapi/v1/algoOrder", counter.stop(clientAlgoId="fired", side="SELL"))
    counter.command(SetFunding("BTCUSDT", 10_000, 4))
    counter.until_quiet(counter.at + 5 * 3600 * 1000)
    counter.command(SetMark("BTCUSDT", 57_500 * 10**8))
    counter.command(SetLast("BTCUSDT", 57_500 * 10**8))
    return counter


def ask(counter, name):
    """Return the reply of an endpoint."""
    endpoint = ENDPOINTS[name]
    if name in FLAT_ONLY:
        counter.ok("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
        counter.ok("DELETE", "/fapi/v1/algoOpenOrders", {"symbol": "BTCUSDT"})
        counter.close("0.004")
        counter.ok("POST", "/fapi/v1/marginType", {"symbol": "BTCUSDT", "marginType": "CROSSED"})
    if name == "listen-key-extend":
        counter.user_stream()
    params = {"symbol": "BTCUSDT", **REQUESTS.get(name, {})}
    if name in ELEMENTS:
        params = {"batchOrders": json.dumps([{"symbol": "BTCUSDT", **ELEMENTS[name]}])}
    return counter.ok(endpoint.method, endpoint.path, params, signed=endpoint.signed)
