"""Where a test network's key comes from, and what is said when there is none."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from conformance.errors import HostRefused, UsageError
from conformance.plugin import keys

GIVEN = {
    "CONFORMANCE_BINANCE_USDM_KEY": "canary-key-1",
    "CONFORMANCE_BINANCE_USDM_SECRET": "canary-secret-2",
}


def test_the_key_comes_from_the_environment_and_the_target_from_the_facts(venue):
    endpoints, credentials = keys.target(venue, GIVEN)
    assert endpoints.rest == "https://demo-fapi.binance.com"
    assert endpoints.streams == "wss://fstream.binancefuture.com"
    assert (credentials.kind, credentials.key) == ("hmac", "canary-key-1")
    assert credentials.secret == "canary-secret-2"
    assert "canary" not in repr(credentials)


@pytest.mark.parametrize("missing", [["KEY"], ["SECRET"], ["KEY", "SECRET"]])
def test_a_missing_key_is_a_clear_usage_error(venue, missing, monkeypatch):
    monkeypatch.setattr(keys, "find_spec", lambda _name: None)
    names = [f"CONFORMANCE_BINANCE_USDM_{name}" for name in missing]
    given = {name: value for name, value in GIVEN.items() if name not in names}
    with pytest.raises(UsageError, match="needs a key of its own") as caught:
        keys.target(venue, given)
    assert f"set {' and '.join(names)}" in caught.value.hint
    assert "canary" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_an_unknown_kind_of_key_is_told(venue):
    with pytest.raises(UsageError, match="KIND is 'dsa'") as caught:
        keys.target(venue, GIVEN | {"CONFORMANCE_BINANCE_USDM_KIND": "dsa"})
    assert "hmac" in caught.value.hint


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
@pytest.mark.parametrize("secret", ["canary", "-----BEGIN PRIVATE KEY-----\ncanary\n"])
def test_a_secret_that_is_no_private_key_is_told_without_it(venue, kind, secret):
    given = {"CONFORMANCE_BINANCE_USDM_KIND": kind, "CONFORMANCE_BINANCE_USDM_SECRET": secret}
    with pytest.raises(UsageError, match=f"SECRET holds no private {kind} key") as caught:
        keys.target(venue, GIVEN | given)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_private_key_of_the_other_kind_is_none(venue):
    given = {
        "CONFORMANCE_BINANCE_USDM_KIND": "rsa",
        "CONFORMANCE_BINANCE_USDM_SECRET": venue.credentials("ed25519", 1).secret,
    }
    with pytest.raises(UsageError, match="holds no private rsa key"):
        keys.target(venue, GIVEN | given)


@pytest.mark.parametrize("made", [False, True])
def test_a_file_that_vouches_for_nothing_is_told(venue, tmp_path, made):
    path = tmp_path / "ca.pem"
    if made:
        path.write_text("no certificate\n")
    with pytest.raises(UsageError, match=r"CA_FILE names .*ca\.pem, which cannot be trusted"):
        keys.target(venue, GIVEN | {"CONFORMANCE_BINANCE_USDM_CA_FILE": str(path)})


@pytest.mark.parametrize("name", ["REST", "STREAMS"])
def test_production_is_refused_before_the_key_is_looked_at(venue, name):
    with pytest.raises(HostRefused):
        keys.target(venue, {f"CONFORMANCE_BINANCE_USDM_{name}": "https://fapi.binance.com"})


def test_what_the_environment_lacks_the_keyring_gives(venue, monkeypatch):
    ring = ModuleType("keyring")
    ring.get_password = lambda service, user: f"{service}/{user}"
    monkeypatch.setitem(sys.modules, "keyring", ring)
    monkeypatch.setattr(keys, "find_spec", lambda name: name == "keyring")
    _, credentials = keys.target(venue, {"CONFORMANCE_BINANCE_USDM_KEY": "k"})
    assert (credentials.key, credentials.secret) == ("k", "conformance/binance_usdm.secret")
