"""Golden values: the documented vectors, openssl, RFC 8032 and the official SDKs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import quote, unquote

import pytest

from conformance.contracts.adapter import Credentials
from conformance.resources import data
from conformance.venues.binance_usdm.signing import cut, decoded, sign
from conformance.venues.keys import Ed25519, Hmac, Rsa, key

# usds-margined-futures/general-info, SIGNED Endpoint Examples, 2026-05-28
SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
PAYLOAD = (
    b"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
    b"&recvWindow=5000&timestamp=1591702613943"
)
SIGNATURE = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"


def vectors():
    for path in sorted(data("fixtures", "vectors", "binance_usdm").glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        for vector in file["vectors"]:
            yield path.stem, file["keys"][vector["key"]], vector


def secret_of(source):
    if source.get("secret"):
        return source["secret"]
    return data("fixtures", "vectors", "keys", source["pem"]).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def keys():
    made = {}

    def find(source):
        name = (source["kind"], source.get("secret") or source["pem"])
        if name not in made:
            made[name] = key(source["kind"], secret_of(source))
        return made[name]

    return find


def test_the_documented_order_has_the_documented_signature():
    assert sign("hmac", SECRET, PAYLOAD) == SIGNATURE


def test_the_mixed_order_has_the_signature_the_page_should_print():
    # The page's own value needs a stray space; openssl vouches for this one.
    query, body = PAYLOAD[:34] + b"&timeInForce=GTC", b"quantity=1&price=9000" + PAYLOAD[72:]
    taken = cut(query, body)
    assert taken.signature is None
    assert sign("hmac", SECRET, taken.payload) == (
        "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4"
    )


def test_rfc_8032_test_1_signs_the_empty_message():
    # RFC 8032, 7.1 TEST 1; PKCS#8 of RFC 8410 round the seed.
    seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    der = bytes.fromhex("302e020100300506032b657004220420" + seed)
    pem = f"-----BEGIN PRIVATE KEY-----\n{b64(der)}\n-----END PRIVATE KEY-----\n"
    expected = (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
        "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert Ed25519(pem).sign(b"") == b64(bytes.fromhex(expected))
    assert sign("ed25519", pem, PAYLOAD) == quote(
        "ATEuJPvzWUFs0d1x9FwudUJsSfMMWR+bkdrxtbOYgFkZj36Ol/vwKDGm9UWtKuq0mtnSTOQruQAwFvR128PaDg==",
        safe="",
    )


def b64(raw):
    return base64.b64encode(raw).decode()


def test_every_recorded_signature_verifies_and_can_be_made_again(keys):
    checked = 0
    for source, owner, vector in vectors():
        verdict = vector.get("verdict", "agree")
        if verdict == "doc-wrong":
            assert not keys(owner).verify(vector["signed"].encode(), vector["signature"]), source
        if verdict != "agree":
            continue
        payload, signature = vector["signed"].encode(), unquote(vector["signature"])
        assert keys(owner).verify(payload, signature), (source, vector["id"])
        assert keys(owner).sign(payload) == signature
        checked += 1
    assert checked > 1000


def test_every_recorded_request_is_cut_to_the_text_its_sdk_signed(keys):
    checked = 0
    for source, owner, vector in vectors():
        wire = vector.get("wire")
        if wire is None or wire["method"] == "WS" or vector.get("verdict", "agree") != "agree":
            continue
        _, _, query = wire["target"].partition("?")
        taken = cut(query.encode(), wire["body"].encode())
        assert taken.payload == vector["signed"].encode(), (source, vector["id"])
        assert keys(owner).verify(taken.payload, taken.signature)
        checked += 1
    assert checked > 500


@pytest.mark.parametrize(
    ("query", "body", "payload", "signature"),
    [
        (b"a=1&signature=ff", b"", b"a=1", "ff"),
        (b"signature=ff", b"", b"", "ff"),
        (b"", b"a=1&signature=ff", b"a=1", "ff"),
        (b"a=1", b"b=2&signature=ff", b"a=1b=2", "ff"),
        (b"a=1&signature=ff", b"b=2", b"a=1b=2", "ff"),
        (b"a=1&signature=a%2Bb%3D", b"", b"a=1", "a+b="),
        (b"a=1&signature=a+b", b"", b"a=1", "a b"),
        (b"a=1", b"", b"a=1", None),
        (b"signature=ff&a=1", b"", b"signature=ff&a=1", ""),
        (b"a=1&mysignature=ff", b"", b"a=1&mysignature=ff", None),
    ],
)
def test_the_signature_is_cut_off_the_part_that_ends_with_it(query, body, payload, signature):
    assert cut(query, body) == (payload, signature)


def test_hex_digests_are_compared_without_case():
    assert Hmac(SECRET).verify(PAYLOAD, SIGNATURE.upper())


def test_secrets_longer_than_a_block_are_hashed_first():
    # RFC 2104, section 2; the standard library is the witness.
    secret = "s" * 65
    expected = hmac.digest(secret.encode(), PAYLOAD, hashlib.sha256).hex()
    assert Hmac(secret).sign(PAYLOAD) == expected


@pytest.mark.parametrize("kind", ["hmac", "ed25519", "rsa"])
def test_a_changed_byte_does_not_verify(counter, kind):
    ready = key(kind, counter.venue.credentials(kind, 3).secret)
    signature = ready.sign(PAYLOAD)
    assert ready.verify(PAYLOAD, signature)
    assert not ready.verify(PAYLOAD + b" ", signature)
    assert not ready.verify(PAYLOAD, "nonsense!")
    assert not ready.verify(PAYLOAD, "")


def test_base64_signatures_are_case_sensitive(counter):
    ready = key("ed25519", counter.venue.credentials("ed25519", 3).secret)
    assert not ready.verify(PAYLOAD, ready.sign(PAYLOAD).swapcase())


def test_a_secret_of_another_kind_is_refused(counter):
    with pytest.raises(TypeError):
        Rsa(counter.venue.credentials("ed25519", 1).secret)
    with pytest.raises(TypeError):
        Ed25519(counter.venue.credentials("rsa", 1).secret)
    with pytest.raises(ValueError, match="no kind of key"):
        key("dsa", "")


def test_decoding_makes_of_the_payload_what_a_decoding_venue_sees():
    assert decoded(b"symbol=%E5%B8%81&a=b+c") == "symbol=币&a=b c".encode()


def test_secrets_are_not_shown():
    assert "hunter2" not in repr(Credentials("hmac", "key", "hunter2"))
