"""The witnesses themselves, where their toolchains and environments are."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.contracts.adapter import Credentials
from conformance.model.wire import WireRequest
from conformance.oracles import homes, judge, record, vectors
from conformance.oracles.asks import Logical
from conformance.oracles.child import Refused
from conformance.oracles.hearing import as_wire
from conformance.venues import load

SDKS = [
    "binance-python",
    "binance-js",
    pytest.param("binance-rust", marks=pytest.mark.rust),
    "ccxt-python",
]
OFFICIAL = SDKS[:3]
EVERYWHERE = pytest.mark.parametrize(
    ("venue", "living"),
    [
        ("binance_usdm", "binance-python"),
        ("binance_usdm", "binance-js"),
        pytest.param("binance_usdm", "binance-rust", marks=pytest.mark.rust),
        ("binance_usdm", "ccxt-python"),
        ("bybit", "bybit/pybit"),
        ("bybit", "bybit/bybit-api"),
        ("bybit", "bybit/ccxt-python"),
    ],
    indirect=["living"],
)

# The places of a request that are free text, and texts of every kind but lone surrogates.
texts = st.one_of(
    st.text(st.sampled_from("aZ0 -_.~!*'()%+/@&=#?\"\\,:;[]{}<>|^`$é币🚀"), max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=8, max_value=10**9)
numbers = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    decimals.map(lambda number: {"$decimal": str(number)}),
)
scalars = st.one_of(texts, numbers, st.booleans(), st.none())
rows = st.dictionaries(st.sampled_from(["side", "price", "newClientOrderId"]), scalars)
names = st.sampled_from(
    ["price", "quantity", "side", "newClientOrderId", "stopPrice", "reduceOnly"]
)
symbols = st.fixed_dictionaries({"symbol": st.sampled_from(["BTCUSDT", "币安人生USDT"])})


def fields(values):
    """Parameters in every order, a symbol among them."""
    merged = st.tuples(symbols, st.dictionaries(names, values, max_size=5))
    return merged.flatmap(lambda parts: st.permutations([*(parts[0] | parts[1]).items()]).map(dict))


http = st.builds(
    Logical,
    st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    st.just("/fapi/v1/order"),
    fields(scalars),
)
bodies = st.builds(
    Logical, st.just("POST"), st.just("/fapi/v1/order"), fields(texts), fields(texts)
)
batches = st.builds(
    lambda method, orders: Logical(method, "/fapi/v1/batchOrders", {"batchOrders": orders}),
    st.sampled_from(["POST", "PUT"]),
    st.lists(rows, min_size=1, max_size=3),
)
cancels = st.builds(
    lambda field, values: Logical("DELETE", "/fapi/v1/batchOrders", {field: values}),
    st.sampled_from(["orderIdList", "origClientOrderIdList"]),
    st.lists(texts, max_size=3),
)
frames = st.builds(Logical, st.just("WS"), st.just("order.place"), fields(scalars))
requests = st.one_of(http, bodies, batches, cancels, frames)
keys = st.sampled_from(["hmac", "hmac", "hmac", "ed25519", "rsa"])


@pytest.mark.parametrize("living", SDKS, indirect=True)
@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(logical=requests, key=keys)
def test_no_disagreement_is_ours_and_every_other_is_known(living, chosen, files, logical, key):
    try:
        fresh = record.ask(chosen, living, "generated", logical, key)
    except Refused:
        return  # the SDK's own checks said no: there is nothing to disagree about
    file = next(file for file in files if file.source.name == living.witness.name)
    assert judge.classify(chosen, file, fresh) != "ours-wrong", judge.troubles(chosen, file, fresh)
    if fresh.verdict != "agree":
        assert fresh.finding, fresh


@pytest.mark.parametrize("living", OFFICIAL, indirect=True)
@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(params=st.dictionaries(names, texts, max_size=5), key=keys)
def test_our_client_signs_what_it_was_told_as_the_witness_does(living, chosen, params, key):
    credentials = chosen.keys[key].credentials()
    request = as_wire(ours(params, credentials, chosen.now_ms))
    told, now_ms, _ = chosen.retell(request)
    assert told.query == params | {"timestamp": str(chosen.now_ms)}
    claim = chosen.read(request)
    text, signature = living.sign(told, credentials, now_ms=now_ms)
    # Where the two spell a value differently, each must have signed its own spelling, and both
    # must mean the same: that is all a venue can ask that verifies the bytes it receives.
    assert judge.same(key, chosen.signer.sign(credentials, text.encode()), signature)
    mine, theirs = (sorted(parse_qsl(each, keep_blank_values=True)) for each in (claim[0], text))
    assert mine == theirs
    plain = all(re.fullmatch(r"[\w.-]*", value, re.ASCII) for value in params.values())
    if plain and not living.witness.rewrites:
        assert (text, signature) == claim


def ours(params, credentials, now_ms) -> WireRequest:
    """Sign parameters as our client half does."""
    half = load("binance_usdm").client()
    asked = half.order("BTCUSDT", client_id="x")
    return half.sign(dataclasses.replace(asked, params=tuple(params.items())), credentials, now_ms)


@EVERYWHERE
def test_a_known_defect_is_still_there_in_its_smallest_form(living, chosen):
    mine = [defect for defect in chosen.defects if living.witness.name in defect.witnesses]
    assert mine
    for defect in mine:
        fresh = record.ask(chosen, living, defect.name, defect.minimal, "hmac")
        assert (fresh.verdict, fresh.finding) == (defect.verdict, defect.name)


@EVERYWHERE
def test_the_witness_repeats_its_vectors(living, chosen, files):
    file = next(file for file in files if file.source.name == living.witness.name)
    for stored in file.vectors[::7]:
        case = stored.id.removesuffix(f"/{stored.key}")
        assert record.ask(chosen, living, case, stored.logical, stored.key) == stored


@pytest.mark.parametrize("living", OFFICIAL, indirect=True)
def test_signing_alone_gives_what_sending_gives(living, chosen):
    asked = {"symbol": "BTCUSDT", "side": "BUY"}
    timed = Logical("POST", "/fapi/v1/order", asked | {"timestamp": chosen.now_ms})
    for key in chosen.keys:
        sent = record.ask(chosen, living, "x", Logical("POST", "/fapi/v1/order", asked), key)
        credentials = chosen.keys[key].credentials()
        alone = living.sign(timed, credentials, now_ms=chosen.now_ms)
        assert alone == (sent.signed, sent.signature)


@pytest.mark.parametrize("living", ["ccxt-python"], indirect=True)
def test_ccxt_takes_an_ed25519_key_with_windows_line_ends_for_rsa(living, chosen):
    pem = vectors.pem("throw-away-ed25519.pem")
    account = Logical("GET", "/fapi/v3/account")
    unix, windows = (Credentials("ed25519", "key", text) for text in (pem, _windows(pem)))
    living.send(account, unix, now_ms=chosen.now_ms)
    with pytest.raises(Refused, match=r"sent no /fapi/v3/account: .*Ed25519PrivateKey"):
        living.send(account, windows, now_ms=chosen.now_ms)


def _windows(text: str) -> str:
    return text.replace("\n", "\r\n")


@pytest.mark.parametrize("living", ["binance-python"], indirect=True)
@pytest.mark.parametrize("door", ["send_request", "send_signed_request"])
def test_the_generic_calls_of_the_python_sdk_always_fail(living, door):
    code = (
        "from binance_sdk_derivatives_trading_usds_futures import DerivativesTradingUsdsFutures\n"
        "from binance_common.configuration import ConfigurationRestAPI\n"
        "made = ConfigurationRestAPI(api_key='k', api_secret='s', base_path='http://127.0.0.1:1')\n"
        "api = DerivativesTradingUsdsFutures(config_rest_api=made).rest_api\n"
        f"api.{door}('/fapi/v1/openOrders', 'GET', {{'symbol': 'BTCUSDT'}})\n"
    )
    python = homes.command(living.witness, homes.default_home())[0]
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert "TypeError: 'function' object is not subscriptable" in done.stderr
