"""Bybit's witnesses: what they say of generated requests, and what is stated about them."""

from __future__ import annotations

import dataclasses
import json
import re
from urllib.parse import parse_qs, parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.contracts.adapter import Credentials
from conformance.oracles import judge, record
from conformance.oracles.asks import Logical, Wire
from conformance.oracles.child import Refused
from conformance.oracles.hearing import as_wire
from conformance.venues import load

SDKS = ["bybit/pybit", "bybit/bybit-api", "bybit/ccxt-python"]
CREATE, OPEN = "/v5/order/create", "/v5/order/realtime"
BRIEF = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.one_of(
    st.text(st.sampled_from("aZ0 -_.~!*'()%+/@&=#?\"\\,:;[]{}<>|^`$é币🚀"), max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
numbers = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
scalars = st.one_of(texts, numbers, st.booleans(), st.none())
rows = st.dictionaries(st.sampled_from(["side", "price", "qty", "orderLinkId"]), scalars)
names = st.sampled_from(["price", "qty", "side", "orderLinkId", "reduceOnly", "cursor"])
linear = st.fixed_dictionaries({"category": st.just("linear"), "symbol": st.just("BTCUSDT")})


def fields(values):
    """Parameters in every order, a symbol among them."""
    merged = st.tuples(linear, st.dictionaries(names, values, max_size=5))
    return merged.flatmap(lambda parts: st.permutations([*(parts[0] | parts[1]).items()]).map(dict))


posts = st.builds(lambda body: Logical("POST", CREATE, body=body), fields(scalars))
gets = st.builds(lambda query: Logical("GET", OPEN, query=query), fields(texts))
batches = st.builds(
    lambda orders: Logical("POST", "/v5/order/create-batch", body={"request": orders}),
    st.lists(rows, min_size=1, max_size=3),
)
keys = st.sampled_from(["hmac", "hmac", "rsa"])


@pytest.fixture
def venue():
    return "bybit"


@pytest.mark.parametrize("living", SDKS, indirect=True)
@BRIEF
@given(logical=st.one_of(posts, gets, gets, batches), key=keys)
def test_no_disagreement_is_ours_and_every_other_is_known(living, chosen, files, logical, key):
    try:
        fresh = record.ask(chosen, living, "generated", logical, key)
    except Refused:
        return  # the SDK's own checks said no: there is nothing to disagree about
    file = next(file for file in files if file.source.name == living.witness.name)
    assert judge.classify(chosen, file, fresh) != "ours-wrong", judge.troubles(chosen, file, fresh)
    if fresh.verdict != "agree":
        assert fresh.finding, fresh


@pytest.mark.parametrize("living", SDKS[:2], indirect=True)
@BRIEF
@given(params=st.dictionaries(names, texts, max_size=5), method=st.sampled_from(["GET", "POST"]))
def test_our_client_signs_what_it_was_told_as_the_witness_does(living, chosen, params, method):
    credentials = chosen.keys["hmac"].credentials()
    wire = as_wire(ours(params, method, credentials, chosen.now_ms))
    told, now_ms, window_ms = chosen.retell(wire)
    assert (told.query or told.body, now_ms) == (params, chosen.now_ms)
    claim = chosen.read(wire)
    text, signature = living.sign(told, credentials, now_ms=now_ms, window_ms=window_ms)
    assert judge.same("hmac", chosen.signer.sign(credentials, text.encode()), signature)
    plain = all(re.fullmatch(r"[\w.-]*", value, re.ASCII) for value in params.values())
    if plain or method == "POST":
        assert chosen.meaning(text, credentials) == chosen.meaning(claim.payload, credentials)


def ours(params, method: str, credentials: Credentials, now_ms: int):
    """Sign parameters as our client half does."""
    half = load("bybit").client()
    asked = dataclasses.replace(half.order("BTCUSDT", client_id="x"), method=method)
    return half.sign(dataclasses.replace(asked, params=tuple(params.items())), credentials, now_ms)


def vector(files, source: str, name: str):
    file = next(file for file in files if file.source.name == source)
    return next(vector for vector in file.vectors if vector.id == name)


@pytest.mark.parametrize("source", ["pybit", "ccxt-python"])
def test_what_separates_parameters_is_not_encoded_and_says_something_else(files, source):
    kept = vector(files, source, "text-ampersand-get/hmac")
    assert kept.verdict == "agree"
    heard = parse_qs(kept.wire.target.partition("?")[2])
    assert heard["orderLinkId"] != [kept.logical.query["orderLinkId"]]


def test_a_hash_asks_another_question_than_was_signed(files):
    kept = vector(files, "pybit", "text-hash-get/hmac")
    assert kept.signed.endswith("orderLinkId=a#b&symbol=BTCUSDT")
    assert dict(parse_qsl(kept.wire.target.partition("?")[2])) == {
        "category": "linear",
        "orderLinkId": "a",
    }


def test_the_python_sdk_sorts_queries_and_spaces_json_and_the_others_do_neither(files):
    sorts = vector(files, "pybit", "order-backwards-get/hmac")
    assert sorts.wire.target.partition("?")[2].startswith("baseCoin=")
    assert vector(files, "pybit", "post-limit/hmac").wire.body.startswith('{"category": "linear", ')
    for source in ("bybit-api", "ccxt-python"):
        assert vector(files, source, "order-backwards-get/hmac").wire.target.endswith("linear")
        assert '": ' not in vector(files, source, "post-limit/hmac").wire.body


def test_every_sdk_logs_in_over_the_text_that_the_page_names(chosen, files):
    for source, later_ms in (("pybit", 1_000), ("bybit-api", 5_000)):
        kept = vector(files, source, "ws-login/rsa")
        _key, expires, _signature = json.loads(kept.wire.body)["args"]
        assert expires == chosen.now_ms + later_ms
        assert kept.signed == f"GET/realtime{expires}"


def test_a_signed_text_means_the_same_however_it_is_written(chosen):
    key = Credentials("hmac", "K1", "s")
    same = [
        ('7K15000{"a": 1, "b": [2]}', '7K15000{"b":[2],"a":1}'),
        ("7K15000a=1&b=%7E", "7K15000b=~&a=1"),
        ("7K15000", "7K15000"),
    ]
    other = [
        ("7K15000a=1", "7K15000a=2"),
        ("7K15000a=1", "8K15000a=1"),
        ("7K15000a=1", "7K16000a=1"),
        ('7K15000{"a":1}', '7K15000{"a":"1"}'),
    ]
    assert all(chosen.meaning(a, key) == chosen.meaning(b, key) for a, b in same)
    assert all(chosen.meaning(a, key) != chosen.meaning(b, key) for a, b in other)


def test_whatever_is_signed_is_spoilt_by_one_change(chosen):
    login = Wire("WS", "", (), json.dumps({"op": "auth", "args": ["k", 7, "s"]}))
    for wire in (Wire("GET", "/a?b=1", (), ""), Wire("GET", "/a", (), ""), login):
        assert chosen.read(chosen.spoil(wire)).payload != chosen.read(wire).payload
