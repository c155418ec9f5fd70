"""Whatever the bytes, a request gets a reading and an answer in the venue's words."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange import Engine
from conformance.model.commands import Deposit
from conformance.model.wire import Reading, WireRequest
from conformance.venues.binance_usdm import VENUE
from conformance.venues.binance_usdm.facts import ENDPOINTS
from conformance.venues.binance_usdm.signing import sign

AT = 1_700_000_000_000
NAMES = sorted(
    {name for each in ENDPOINTS.values() for name in each.required + each.optional}
    | {"timestamp", "signature", "recvWindow"}
)
WORDS = "BTCUSDT BUY LIMIT MARKET GTC GTD 1 0.01 59000 -1 1e5 NaN true ISOLATED [1] [{}] % %ff ٣"
VALUES = st.sampled_from(["", *WORDS.split(), '["a"]', str(AT), "9" * 30]) | st.text(max_size=8)
FORMS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=8).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "replace")
)
RAW = FORMS | st.binary(max_size=60)


def fresh():
    core = Engine(VENUE.listings, VENUE.rules)
    server = VENUE.server(core, {})
    server.add_key(VENUE.credentials("hmac", 1), "testee")
    server.command(Deposit("testee", "USDT", 10**13), AT)
    return server


@given(
    place=st.sampled_from([(each.method, each.path) for each in ENDPOINTS.values()])
    | st.tuples(st.text(max_size=5), st.text(max_size=10)),
    query=RAW,
    body=RAW,
    keyed=st.booleans(),
)
def test_any_bytes_are_read_and_answered(place, query, body, keyed):
    server = fresh()
    headers = (("x-mbx-apikey", VENUE.credentials("hmac", 1).key),) if keyed else ()
    request = WireRequest(*place, query, headers, body)
    assert isinstance(server.read(request, AT), Reading)
    served = server.handle(request, AT)
    assert served.reply.status in (200, 400, 401, 404, 429)
    orjson.loads(served.reply.body)


@given(form=FORMS, name=st.sampled_from(sorted(ENDPOINTS)))
def test_any_signed_form_is_answered(form, name):
    server, key = fresh(), VENUE.credentials("hmac", 1)
    endpoint = ENDPOINTS[name]
    sent = b"&".join(
        pair
        for pair in form.split(b"&")
        if not pair.lower().startswith((b"signature", b"timestamp"))
    )
    payload = sent + f"&timestamp={AT}".encode()
    raw = payload + b"&signature=" + sign("hmac", key.secret, payload).encode()
    request = WireRequest(endpoint.method, endpoint.path, raw, (("x-mbx-apikey", key.key),), b"")
    served = server.handle(request, AT)
    assert served.reading.signature_valid
    assert served.reply.status in (200, 400, 401)
    assert name == "agreement" or orjson.loads(served.reply.body) is not None


@given(payload=st.binary(max_size=40) | VALUES.map(lambda text: text.encode("utf-8", "replace")))
def test_any_frame_is_answered(payload):
    server = fresh()
    server.open(1, "/public/ws", "", (), AT)
    (push,) = server.receive(1, payload, AT).pushes
    assert orjson.loads(push.text)["error"]


@given(
    path=st.text(max_size=30).map(lambda text: f"/public/{text}") | st.text(max_size=20),
    query=st.text(max_size=30),
)
def test_any_handshake_is_answered(path, query):
    opened = fresh().open(1, path, query, (), AT)
    assert opened.accepted or opened.reply is not None
