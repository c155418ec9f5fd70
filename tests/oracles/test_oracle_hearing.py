"""The witnesses of a case: what they say, who is missing, and that none is left out silently."""

from __future__ import annotations

import dataclasses
import sys
from contextlib import ExitStack

import pytest

from conformance.cases import CASES
from conformance.client import ReferenceClient
from conformance.contracts.adapter import Credentials
from conformance.errors import OracleError
from conformance.evidence.verdicts import Verdict
from conformance.model.wire import WireRequest
from conformance.oracles import hearing, homes, judge
from conformance.oracles.hearing import Hearing, proven
from conformance.oracles.witnesses import Witness
from conformance.plugin import hearing as plugin
from conformance.plugin.discovery import all_cases
from conformance.plugin.running import run_case
from conformance.venues import load

all_cases()
VENUE = "binance_usdm"
ORDERED = Witness("ordered", "python", "fake", "fake-sdk", "1.2.3")
SORTING = dataclasses.replace(ORDERED, name="sorting", rewrites=True)
KEY = Credentials("hmac", "key", "secret")
SIGNED = b"b=2&a=1&timestamp=7"
GUEST = """
import hashlib, hmac, json, sys, urllib.parse
for line in sys.stdin:
    ask = json.loads(line)
    told = {"number": ask["number"], "sdk": "fake-sdk", "version": "VERSION"}
    if ask["do"] == "sign":
        pairs = list(ask["logical"]["query"].items())
        if ORDER:
            pairs.sort()
        text = urllib.parse.urlencode(pairs)
        secret = ask["key"]["secret"].encode()
        told["signed"] = text
        told["signature"] = hmac.new(secret, text.encode(), "sha256").hexdigest()
        pass
    print(json.dumps(told), flush=True)
"""


@pytest.fixture
def guests(monkeypatch):
    """Let witnesses be small programs; the dictionary holds what else one does or is."""
    habits = {"version": "1.2.3", "also": "pass"}

    def command(witness, _home):
        script = GUEST.replace("ORDER", str(witness.rewrites)).replace("VERSION", habits["version"])
        return [sys.executable, "-c", script.replace("pass", habits["also"])]

    with ExitStack() as stack:
        monkeypatch.setattr(hearing, "_STACK", stack)
        monkeypatch.setattr(hearing, "_LIVING", {})
        monkeypatch.setattr(homes, "command", command)
        yield habits


@pytest.fixture
def hear(chosen, guests, tmp_path):
    def begin(*witnesses: Witness) -> Hearing:
        return Hearing(dataclasses.replace(chosen, witnesses=witnesses), tmp_path)

    return begin


def request(signature: str, query: bytes = SIGNED) -> WireRequest:
    return WireRequest(
        "GET", "/fapi/v1/order", query + b"&signature=" + signature.encode(), (), b""
    )


def mac(chosen, text: bytes = SIGNED) -> str:
    return chosen.signer.sign(KEY, text)


def words(testimonies):
    return {word.witness.split(" ")[0]: word.agrees for word in testimonies}


def test_a_right_request_has_every_witness_on_its_side(chosen, hear):
    told = hear(ORDERED, SORTING).testify(request(mac(chosen)), KEY)
    assert len(told) == len(proven(VENUE, "hmac")) + 2
    assert all(word.agrees for word in told)
    assert {word.said for word in told} >= {told[0].seen}


def test_a_wrong_signature_has_every_witness_against_it(hear):
    assert not any(word.agrees for word in hear(ORDERED, SORTING).testify(request("0" * 64), KEY))


def test_a_witness_that_keeps_the_order_objects_to_bytes_it_would_not_send(chosen, hear):
    raw = b"a=%7e&timestamp=7"
    told = hear(ORDERED).testify(request(mac(chosen, raw), raw), KEY)
    assert [word.agrees for word in told][-1] is False
    assert "a=~&timestamp=7" in told[-1].said


def test_a_witness_that_sorts_objects_to_other_fields(chosen, hear):
    raw = b"b=%7e&a=1&timestamp=7"
    told = hear(SORTING).testify(request(mac(chosen, raw), raw), KEY)
    assert told[-1].agrees is False


def test_a_witness_that_sorts_and_signs_badly_is_heard_as_objecting(chosen, hear, guests):
    guests["also"] = "told['signature'] = '0' * 64"
    assert hear(SORTING).testify(request(mac(chosen)), KEY)[-1].agrees is False


def test_a_witness_that_crashes_is_an_error_and_is_started_anew(chosen, hear, guests):
    session = hear(ORDERED)
    guests["also"] = "sys.exit(3)"
    hearing._LIVING.clear()
    with pytest.raises(OracleError, match="died with exit code 3"):
        session.testify(request(mac(chosen)), KEY)
    guests["also"] = "pass"
    assert session.testify(request(mac(chosen)), KEY)[-1].agrees


def test_a_wrong_version_is_an_error_before_anything_is_judged(hear, guests):
    guests["version"] = "9.9.9"
    with pytest.raises(OracleError, match=r"is fake-sdk 9\.9\.9"):
        hear(ORDERED)


def test_the_recorded_speak_without_any_toolchain(chosen, monkeypatch):
    monkeypatch.setenv("PATH", "")
    told = Hearing(chosen, None).testify(request(mac(chosen)), KEY)
    sources = [word.witness for word in told]
    assert sum("recorded: binance-" in source for source in sources) == 3
    assert all(word.agrees for word in told)


@pytest.mark.parametrize("kind", ["hmac", "rsa", "ed25519"])
def test_our_signer_is_held_against_the_records_first(kind, monkeypatch):
    proven.cache_clear()
    monkeypatch.setattr(judge, "same", lambda *_: False)
    with pytest.raises(OracleError, match="our signer contradicts the vector"):
        proven(VENUE, kind)


def test_who_is_missing_is_told_with_reason_and_mend(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    told = []
    plugin.hear(VENUE, tmp_path, lambda **fields: told.append(fields))
    assert [f"{each['title']} ({each['reason']})" for each in told] == [
        "Python oracle (python3 missing)",
        "JavaScript oracle (node missing)",
        "Rust oracle (cargo missing)",
    ]
    assert all(each["hint"] and not each["heard"] and not each["required"] for each in told)


def test_a_venue_without_oracles_has_nobody_to_hear(tmp_path):
    silent = plugin.hear("nowhere", tmp_path, lambda **_: pytest.fail("someone was called"))
    assert silent.testify(request("x"), KEY) == ()


def test_the_case_hears_the_recorded_and_makes_thirty_private_calls(monkeypatch):
    asked = []

    def note(self, request, credentials):
        asked.append(request)
        return real(self, request, credentials)

    real = Hearing.testify
    monkeypatch.setattr(Hearing, "testify", note)
    result = run_case(CASES.get("SIG-01"), venue=load(VENUE), adapter_factory=ReferenceClient)
    assert result.verdict is Verdict.PASS
    assert len({(call.method, call.path, call.query, call.body) for call in asked}) >= 30
