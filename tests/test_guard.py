"""The host guard: what may be talked to, and what only looks like it."""

import pytest

from conformance.errors import HostRefused
from conformance.guard import permit

TESTNETS = ("demo-fapi.binance.com", "testnet.binancefuture.com")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://127.0.0.1:8000", ("http", "127.0.0.1", 8000, "")),
        ("ws://localhost:9/x", ("ws", "localhost", 9, "/x")),
        ("https://[::1]:8443", ("https", "::1", 8443, "")),
        ("https://127.9.9.9", ("https", "127.9.9.9", 443, "")),
        ("https://demo-fapi.binance.com", ("https", "demo-fapi.binance.com", 443, "")),
        ("WSS://TESTNET.binancefuture.com./ws", ("wss", "testnet.binancefuture.com", 443, "/ws")),
    ],
)
def test_loopback_and_listed_test_networks_are_permitted(url, target):
    assert permit(url, testnets=TESTNETS) == target


@pytest.mark.parametrize(
    "url",
    [
        "https://fapi.binance.com",
        "https://FAPI.BINANCE.COM.",
        "https://demo-fapi.binance.com.evil.test",
        "https://demo-fapi.binance.com@fapi.binance.com",
        "https://fapi.binance.com@127.0.0.1",
        "https://127.0.0.1@fapi.binance.com",
        "https://user:secret@127.0.0.1",
        "https://evil.test/127.0.0.1",
        "https://evil.test#@127.0.0.1",
        "https://evil.test\\@127.0.0.1",
        "http://127.0.0.1\t.evil.test",
        "http://127.0.0.1 .evil.test",
        "http://127.1",
        "http://2130706433",
        "http://0x7f000001",
        "http://0177.0.0.1",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://127.0.0.1%00.evil.test",
        "http://localhost.evil.test",
        "https://demo\u2010fapi.binance.com",
        "https://demo-fap\u0456.binance.com",
        "https://xn--demo-fap-lyj.binance.com",
        "http://127.0.0.1:99999",
        "http://[::ffff:8.8.8.8]",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "127.0.0.1:80",
        "//127.0.0.1",
        "http://",
        "",
    ],
)
def test_everything_else_is_refused_whatever_it_looks_like(url):
    with pytest.raises(HostRefused):
        permit(url, testnets=TESTNETS)


def test_a_test_network_is_refused_unless_it_is_passed_in():
    with pytest.raises(HostRefused):
        permit("https://demo-fapi.binance.com")


def test_the_refusal_names_the_nearest_choice_and_never_a_secret():
    with pytest.raises(HostRefused) as caught:
        permit("https://demo-fapi.binance.co?apiKey=hunter2", testnets=TESTNETS)
    assert "the nearest permitted host is demo-fapi.binance.com" in caught.value.hint
    with pytest.raises(HostRefused) as caught:
        permit("https://me:hunter2@fapi.binance.com/?apiKey=hunter2", testnets=TESTNETS)
    assert "hunter2" not in str(caught.value)


def test_secure_schemes_are_known():
    assert permit("wss://127.0.0.1").secure
    assert not permit("http://127.0.0.1").secure
