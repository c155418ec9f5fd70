"""Secrets stay where they are: no repr, no pickle, no log line shows them."""

import copy
import logging
import pickle

import pytest

from conformance import venues, virtual
from conformance.client import ReferenceClient
from conformance.client.keyring import Keyring
from conformance.client.transport import HttpxTransport
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.errors import AdapterError, HostRefused
from conformance.venues.binance_usdm.client import Client

CREDENTIALS = Credentials("hmac", "canary-key-1234", "canary-secret-5678")


def test_a_keyring_shows_its_kind_alone():
    keyring = Keyring(Client(), CREDENTIALS)
    assert repr(keyring) == "Keyring(hmac)"
    assert "canary" not in str(keyring)


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_keyring_is_neither_pickled_nor_copied(leak):
    with pytest.raises(TypeError, match="secrets"):
        leak(Keyring(Client(), CREDENTIALS))


def endpoints(port=1):
    return venues.load("binance_usdm").endpoints(
        f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}", ""
    )


def test_a_client_shows_its_health_alone():
    client = ReferenceClient(endpoints(), CREDENTIALS)
    assert repr(client) == "ReferenceClient(starting)"


@pytest.mark.parametrize(
    ("rest", "streams"),
    [
        ("https://fapi.binance.com", "ws://127.0.0.1:1"),
        ("http://127.0.0.1:1", "wss://fstream.binance.com"),
    ],
)
def test_production_is_refused_before_a_byte_is_sent(rest, streams):
    with pytest.raises(HostRefused):
        ReferenceClient(Endpoints("binance_usdm", rest, streams), CREDENTIALS)


@pytest.mark.parametrize("httpx", [False, True])
def test_no_log_line_of_a_failing_start_carries_a_secret(httpx, caplog):
    extra = {"transport": HttpxTransport} if httpx else {}

    async def main():
        client = ReferenceClient(endpoints(), CREDENTIALS, **extra)
        with pytest.raises(AdapterError):
            await client.start()

    with caplog.at_level(logging.DEBUG):
        virtual.run(main)
    assert "canary" not in caplog.text
