"""Secrets never reach what is written down."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.evidence.redaction import Redactor, mask

KEY, SECRET = "ThrowAwayKey/0123456789", "ThrowAwaySecret+9876543210="
PEM = "-----BEGIN IT-----\nThrowAwayLineOne0000\nThrowAwayLineTwo1111\n-----END IT-----\n"


def redactor() -> Redactor:
    return Redactor(Credentials(kind="hmac", key=KEY, secret=SECRET, passphrase="ThrowAwayPhrase"))


@pytest.mark.parametrize(
    "text",
    [
        f"x{KEY}x",
        f"OrderRequest({SECRET!r})",
        quote(SECRET, safe=""),
        f'{{"key": "{KEY}"}}',
        "phrase ThrowAwayPhrase",
    ],
)
def test_what_is_known_to_be_secret_is_masked_wherever_it_stands(text: str) -> None:
    told = redactor().text(text)
    assert "ThrowAway" not in told
    assert "[redacted " in told


@pytest.mark.parametrize(
    "text",
    [
        "a=1&signature=c0ffee11c0ffee11&b=2",
        "listenKey=c0ffee11c0ffee11",
        '{"listenKey":"c0ffee11c0ffee11"}',
        '{"listenKey" : "c0ffee11c0ffee11"}',
        '{\\"apiKey\\":\\"c0ffee11c0ffee11\\"}',
        "Credentials(secret=c0ffee11c0ffee11)",
        "api_key=c0ffee11c0ffee11",
        "Signature=c0ffee11c0ffee11",
        "PASSPHRASE=c0ffee11c0ffee11",
        "\u017fignature=c0ffee11c0ffee11",
    ],
)
def test_what_is_called_a_secret_is_masked(text: str) -> None:
    told = Redactor().text(text)
    assert "c0ffee" not in told
    assert "[redacted " in told


def test_what_stands_beside_a_secret_stays() -> None:
    text = Redactor().text(b"symbol=BTCUSDT&signature=c0ffee11c0ffee11&timestamp=1")
    assert text == "symbol=BTCUSDT&signature=[redacted signature]&timestamp=1"


def test_a_stream_key_is_masked_in_a_path_once_it_was_seen_in_an_answer() -> None:
    one = Redactor()
    one.text(b'{"listenKey":"abcdefgh12345678"}')
    assert one.text("/ws/abcdefgh12345678") == f"/ws/{mask('listenKey')}"
    assert one.text("listenKey=abcdefgh12345678") == f"listenKey={mask('listenKey')}"


@pytest.mark.parametrize("value", ["c0ffee11c0ffee11", "c0ffee11&c0ffee11", "c0ffee11+/c0ffee11="])
def test_a_value_met_once_is_masked_wherever_it_has_room(value: str) -> None:
    one = Redactor()
    one.text(f'{{"token":"{value}"}}')
    for text in (f"x{value}x", f'["{value}"]', f"a=1&b={value}", quote(value, safe="")):
        told = one.text(text)
        assert "c0ffee" not in told
        assert mask("token") in told


def test_every_line_of_a_private_key_is_masked_alone() -> None:
    one = Redactor(Credentials(kind="rsa", key=KEY, secret=PEM))
    assert "ThrowAway" not in one.text("...ThrowAwayLineTwo1111...")


def test_a_short_value_is_not_searched_for_in_innocent_text() -> None:
    one = Redactor()
    assert one.text("sign=on") == "sign=[redacted sign]"
    assert one.text("based on") == "based on"


def test_masking_twice_changes_nothing() -> None:
    one = redactor()
    once = one.text(f"signature=c0ffee11c0ffee11&{KEY}")
    assert one.text(once) == once


def test_headers_are_masked_by_name_and_by_value() -> None:
    fields = (("x-mbx-apikey", KEY), ("host", "127.0.0.1"), ("via", KEY), ("cookie", "c"))
    told = dict(redactor().headers(fields))
    assert told["host"] == "127.0.0.1"
    assert {told["x-mbx-apikey"], told["via"], told["cookie"]} == {
        "[redacted x-mbx-apikey]",
        "[redacted key]",
        "[redacted cookie]",
    }


def test_bytes_that_are_no_text_are_shown_as_escapes() -> None:
    assert Redactor().text(b"a\xffb") == "a\\xffb"


def test_an_innocent_word_that_ends_like_a_name_stays() -> None:
    assert Redactor().text("design=nicely-made") == "design=nicely-made"


def test_a_secret_that_is_known_already_keeps_its_name_when_it_is_met_again() -> None:
    one = redactor()
    assert one.text(f"signature={KEY}&a=1") == f"signature={mask('signature')}&a=1"
    assert one.text(f'["{KEY}"]') == f'["{mask("key")}"]'


def test_the_port_of_the_world_is_not_written_down() -> None:
    endpoints = Endpoints("v", "http://127.0.0.1:40123", "ws://127.0.0.1:40124")
    one = Redactor(endpoints=endpoints)
    assert one.text("GET http://127.0.0.1:40123/x") == "GET http://127.0.0.1:port/x"
    assert one.text("localhost:40123") == "localhost:port"
    assert one.text("elsewhere:40123") == "elsewhere:40123"
