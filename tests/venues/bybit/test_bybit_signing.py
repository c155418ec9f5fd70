"""What is signed, and what the venue makes of a signature."""

from __future__ import annotations

import pytest

from conformance.model.wire import WireRequest
from conformance.venues.bybit import VENUE
from conformance.venues.bybit.signing import (
    KEY,
    SIGNATURE,
    STAMP,
    WINDOW,
    Verdict,
    cut,
    login,
    origin,
)
from conformance.venues.keys import key
from tests.venues.bybit.booth import Booth

STAMPED = "1700000000000"
SECRET = key("hmac", "test_secret")
# Inputs of nautilus_trader a95c804 (2026-07-02), crates/adapters/bybit/src/common/credential.rs;
# digests worked out with the hmac module of CPython.
GOLDEN = {
    b"category=linear&symbol=BTCUSDT": (
        "fd4f31228a46109dc6673062328693696df9a96c7ff04e6491a45e7f63a0fdd7"
    ),
    b'{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "test-order-1"}': (
        "2df4a0603d69c08d5dea29ba85b46eb7db64ce9e9ebd34a7802a3d69700cb2a1"
    ),
    b'{"category":"linear","symbol":"BTCUSDT","orderLinkId":"test-order-1"}': (
        "ac0533668112246c285a42b95f4a57c6f147e34a15723b88fa356f7687c7c87e"
    ),
    b"": "cfffd774219bfa1d400476f699f830daaedcd3c41faa1dbdda95a8f4dd8170cc",
}


def asked(method, payload, **fields):
    named = {KEY: "test_api_key", STAMP: STAMPED, WINDOW: "5000", SIGNATURE: "", **fields}
    query, body = (payload, b"") if method == "GET" else (b"", payload)
    return WireRequest(method, "/v5/x", query, tuple(named.items()), body)


@pytest.mark.parametrize("payload", GOLDEN)
def test_a_request_is_signed_as_others_sign_it(payload):
    raw = origin(STAMPED, "test_api_key", "5000", payload)
    assert SECRET.sign(raw) == GOLDEN[payload]
    method = "POST" if payload.startswith(b"{") else "GET"
    signed = cut(asked(method, payload, **{SIGNATURE: GOLDEN[payload]}))
    assert signed.origin == raw
    assert signed.verdict(lambda _name: SECRET) is Verdict.VALID


def test_a_login_is_signed_as_others_sign_it():
    golden = "bacffe7500499eb829bb58c45d36d1b3e5ac67c14eaeba91df5e99ccee013925"
    assert SECRET.sign(login(STAMPED)) == golden


def test_a_query_is_signed_as_it_was_sent_not_as_it_reads():
    plain, escaped = b"cursor=a%2Cb", b"cursor=a,b"
    signature = SECRET.sign(origin(STAMPED, "test_api_key", "5000", plain))
    told = [
        cut(asked("GET", sent, **{SIGNATURE: signature})).verdict(lambda _name: SECRET)
        for sent in (plain, escaped)
    ]
    assert told == [Verdict.VALID, Verdict.INVALID]


@pytest.mark.parametrize("missing", [KEY, STAMP, SIGNATURE])
def test_what_lacks_a_field_is_unsigned(missing):
    fields = {SIGNATURE: "0" * 64, missing: ""}
    assert cut(asked("GET", b"", **fields)).verdict(lambda _name: SECRET) is Verdict.UNSIGNED


def test_a_key_nobody_has_is_told_apart_from_a_wrong_signature():
    signed = cut(asked("GET", b"", **{SIGNATURE: "0" * 64}))
    assert signed.verdict(lambda _name: None) is Verdict.UNKNOWN_KEY
    assert signed.verdict(lambda _name: SECRET) is Verdict.INVALID


@pytest.mark.parametrize("kind", VENUE.key_kinds)
def test_every_kind_of_key_opens_the_account(kind):
    booth = Booth(kind)
    assert booth.ok("GET", "/v5/account/info")["marginMode"] == "REGULAR_MARGIN"
    assert booth.place(orderLinkId="mine")["orderLinkId"] == "mine"


def test_there_are_no_keys_of_a_kind_the_venue_does_not_offer():
    with pytest.raises(ValueError, match="no kind of key"):
        VENUE.credentials("ed25519", 1)
