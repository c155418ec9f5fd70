from __future__ import annotations

import json
import sys
from contextlib import ExitStack

import pytest

from conformance.contracts.adapter import Credentials
from conformance.errors import OracleError
from conformance.oracles import vectors
from conformance.oracles.asks import Logical, answer
from conformance.oracles.capture import listening
from conformance.oracles.child import Child, Refused
from conformance.oracles.witnesses import Witness

WITNESS = Witness("fake", "python", "fake", "fake-sdk", "1.2.3")
HMAC = Credentials("hmac", "key", "secret")
ORDER = Logical("POST", "/order", {"symbol": "BTCUSDT"})

GUEST = """
import json, sys, urllib.request
for line in sys.stdin:
    ask = json.loads(line)
    told = {"number": ask["number"]}
    if ask["do"] == "hello":
        told |= {"sdk": "fake-sdk", "version": "1.2.3", "runtime": "fake 1"}
    else:
        pass
    print(json.dumps(told), flush=True)
"""


@pytest.fixture
def child():
    """Start guests whose answer to anything but hello is the given code."""
    with ExitStack() as stack:
        capture = stack.enter_context(listening())

        def begin(code: str, *, answer_s_max: float = 20.0, witness: Witness = WITNESS) -> Child:
            script = GUEST.replace("pass", code)
            command = [sys.executable, "-c", script]
            made = Child(witness, command, capture, answer_s_max=answer_s_max)
            return stack.enter_context(made)

        yield begin


def test_what_is_sent_is_captured_and_what_is_signed_is_told(child):
    fake = child(
        "told['signed'] = 'a=1'; urllib.request.urlopen(urllib.request.Request("
        "ask['rest'] + '/order?a=1&signature=x', data='b=é'.encode(), method='PUT',"
        " headers={'X-Key': 'k'})).read()"
    )
    wire, signed = fake.send(ORDER, HMAC, now_ms=1)
    assert (wire.method, wire.target, wire.body) == ("PUT", "/order?a=1&signature=x", "b=é")
    assert ("x-key", "k") in wire.headers
    assert signed == "a=1"
    assert fake.runtime == "fake 1"


def test_the_logical_request_the_key_and_the_time_reach_the_guest(child):
    fake = child("told |= {'signed': json.dumps(ask), 'signature': 's'}")
    signed, signature = fake.sign(ORDER, HMAC, now_ms=1_700_000_000_125)
    asked = json.loads(signed)
    assert signature == "s"
    assert asked["logical"] == {
        "method": "POST",
        "path": "/order",
        "query": {"symbol": "BTCUSDT"},
    }
    assert asked["now_ms"] == 1_700_000_000_125
    assert asked["key"] == {"kind": "hmac", "key": "key", "secret": "secret", "passphrase": ""}


def test_a_refusal_of_the_sdk_is_an_answer(child):
    fake = child("told['refused'] = 'price is missing'")
    with pytest.raises(Refused, match="price is missing"):
        fake.send(ORDER, HMAC, now_ms=1)
    with pytest.raises(Refused, match="price is missing"):
        fake.sign(ORDER, HMAC, now_ms=1)


def test_a_failure_after_signing_counts_only_when_nothing_was_sent(child):
    silent = child("told |= {'signed': 'a=1', 'failed': 'boom'}")
    with pytest.raises(Refused, match="sent no /order: boom"):
        silent.send(ORDER, HMAC, now_ms=1)
    heard = child(
        "told |= {'signed': 'a=1', 'failed': 'boom'}; urllib.request.urlopen(ask['rest']).read()"
    )
    assert heard.send(ORDER, HMAC, now_ms=1)[1] == "a=1"


def test_a_crash_shows_what_the_process_said_last(child):
    fake = child("sys.stderr.write('out of memory'); sys.exit(7)")
    with pytest.raises(OracleError, match="died with exit code") as caught:
        fake.send(ORDER, HMAC, now_ms=1)
    assert "out of memory" in caught.value.message
    assert "build --fresh" in caught.value.hint
    with pytest.raises(OracleError, match="died with exit code"):
        fake.send(ORDER, HMAC, now_ms=1)


def test_silence_is_bounded(child):
    fake = child("sys.stdin.read()", answer_s_max=1.0)
    with pytest.raises(OracleError, match="gave no answer within 1 s"):
        fake.send(ORDER, HMAC, now_ms=1)


def test_nonsense_is_an_error(child):
    fake = child("print('Welcome to the SDK!', flush=True)")
    with pytest.raises(OracleError, match="answered nonsense: 'Welcome to the SDK!'"):
        fake.send(ORDER, HMAC, now_ms=1)


def test_an_answer_to_another_ask_is_an_error(child):
    fake = child("told['number'] = 99")
    with pytest.raises(OracleError, match="answered ask 99 instead of 2"):
        fake.send(ORDER, HMAC, now_ms=1)


def test_two_requests_for_one_ask_are_an_error(child):
    fake = child("[urllib.request.urlopen(ask['rest'] + '/twice').read() for _ in 'ab']")
    with pytest.raises(OracleError, match="more than one request"):
        fake.send(ORDER, HMAC, now_ms=1)


def test_a_request_that_never_arrives_is_an_error(child, monkeypatch):
    monkeypatch.setattr("conformance.oracles.capture.WAIT_S_MAX", 0.1)
    fake = child("told['signed'] = 'a=1'")
    with pytest.raises(OracleError, match="says that it sent a request, but none arrived"):
        fake.send(ORDER, HMAC, now_ms=1)


def test_a_wrong_version_is_refused_at_the_door(child):
    other = Witness("fake", "python", "fake", "fake-sdk", "9.9.9")
    with pytest.raises(OracleError, match=r"is fake-sdk 1\.2\.3, .* want fake-sdk 9\.9\.9"):
        child("pass", witness=other)


def test_a_program_that_is_not_there_is_an_error():
    with (
        listening() as capture,
        pytest.raises(OracleError, match="did not start"),
        Child(WITNESS, ["/nowhere/guest"], capture),
    ):
        pytest.fail("it started")


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_an_unreadable_key_is_refused_before_anyone_is_asked(child, kind):
    fake = child("pass")
    whole = vectors.pem(f"throw-away-{kind}.pem")
    for secret in ("", "not a key", whole.replace("M", "?", 3), whole[:60]):
        with pytest.raises(OracleError, match=f"the {kind} key is unreadable"):
            fake.send(ORDER, Credentials(kind, "key", secret), now_ms=1)


def test_half_an_answer_is_nonsense():
    with pytest.raises(OracleError, match="answered nonsense"):
        answer('{"signed": "a"}', witness="x")
