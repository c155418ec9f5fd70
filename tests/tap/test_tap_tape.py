"""Tapes: what is on them, what never is, and how they are read."""

from __future__ import annotations

import base64
import re
from typing import ClassVar
from urllib.parse import quote, quote_plus

import orjson
import pytest

from conformance.client import ReferenceClient
from conformance.errors import EvidenceError
from conformance.evidence.redaction import Redactor
from conformance.model.wire import Operation
from conformance.tap import tape
from conformance.tap.recorded import Recorded
from conformance.tap.tapped import Tapped


class Keeping(Recorded):
    """Keeps the raw wire, to know every secret that was on it."""

    kept: ClassVar[list[bytes]] = []

    async def __aexit__(self, *error):
        for call in self.wire.calls():
            self.kept.extend([*call.received, call.sent])
        self.kept.extend(frame.payload for frame in self.wire.frames())
        self.kept.extend(stream.query.encode() for stream in self.wire.streams())
        await super().__aexit__(*error)


SECRETS = (
    rb"(?i)x-mbx-apikey: (\S+)",
    rb"signature=([^&\s]+)",
    rb'"listenKey":"([^"]+)"',
    rb"listenKey=([^&\s]+)",
)


def _forms(secret):
    text = secret.decode()
    yield from (text, quote(text, safe=""), quote_plus(text))
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + secret).decode()
        yield coded[4:-4]


@pytest.mark.parametrize("name", ["RSY-03", "SIG-03", "UNK-01[answer=cut,stream=mute]"])
def test_no_secret_that_was_on_the_wire_is_on_the_tape(studio, name, monkeypatch):
    Keeping.kept = []
    monkeypatch.setattr("conformance.tap.recorded.Recorded", Keeping)
    studio.record(name, ReferenceClient)
    wire = b"\r\n".join(Keeping.kept)
    found = {secret for pattern in SECRETS for secret in re.findall(pattern, wire)}
    assert len(found) >= 3
    text = studio.tape(name).read_text()
    assert [form for secret in found for form in _forms(secret) if form in text] == []


def test_what_the_client_may_know_but_never_sends_is_not_on_the_tape_either(studio, venue):
    studio.record("ORD-01[side=buy]", ReferenceClient)
    text = studio.tape("ORD-01[side=buy]").read_text()
    credentials = venue.credentials("hmac", 0)
    assert credentials.secret not in text
    assert credentials.key not in text


def test_faults_that_the_tap_delivered_are_seen_on_its_tape(studio):
    name = "UNK-01[answer=cut,stream=telling]"
    assert studio.record(name, ReferenceClient).verdict == "pass"
    lines = tape.read(studio.tape(name)).lines
    armed = next(i for i, line in enumerate(lines) if line.get("what") == "faults.lose_answer")
    placed = next(
        line for line in lines[armed:] if line["kind"] == "request" and line["method"] == "POST"
    )
    after = [line["kind"] for line in lines if line.get("n") == placed["n"]]
    assert after == ["request", "cut"]
    assert lines[-1]["kind"] == "ended"
    assert {"name": "lose_answer", "delivered": 1, "excused": False} in lines[-1]["faults"]


def test_faults_that_the_tap_delivered_are_seen_in_its_transcript(stage):
    async def story(world):
        client = ReferenceClient(world.endpoints, world.credentials)
        await client.start()
        cut = world.faults.lose_answer(Operation.PLACE, executed=True)
        late = world.faults.delay_answer(Operation.BALANCES, 700)
        placed = await client.place(world.request())
        await client.balances()
        await client.stop()
        return cut, late, placed, world.wire.calls(), world.truth.open_orders()

    cut, late, placed, calls, orders = stage(story)
    assert (cut.delivered, late.delivered) == (1, 1)
    lost = next(call for call in calls if call.reading.operation is Operation.PLACE)
    assert lost.executed
    assert lost.reply is None
    asked = [call for call in calls if call.reading.operation is Operation.BALANCES]
    assert [call.replied_ms - call.received_ms for call in asked] == [700]
    assert [order.client_id for order in orders] == [placed.value.client_id]


def test_a_world_behind_the_tap_passes_on_what_only_the_venue_can_do(stage):
    async def story(world):
        assert isinstance(world, Tapped)
        stepped = world.faults.step_clock(5_000)
        ahead = world.now() - world.clock.now()
        stepped.withdraw()
        return [fault.name for fault in world.faults.planned], stepped.delivered, ahead

    assert stage(story) == (["step_clock"], 1, 0)


def test_bytes_that_are_no_utf8_survive_the_tape():
    line = {"body": b"\xff\x00caf\xe9".decode("latin-1"), "encoding": "latin-1"}
    assert tape.raw(line, "body") == b"\xff\x00caf\xe9"
    assert tape.raw({"body": "café"}, "body") == "café".encode()


@pytest.mark.parametrize(
    "content",
    [b"", b"{}\n", b'{"kind":"tape","schema":99}\n', b"no json\n", b"[]\n"],
    ids=["empty", "no-head", "of-tomorrow", "no-json", "no-object"],
)
def test_what_is_no_tape_is_told(tmp_path, content):
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(EvidenceError, match="is no tape"):
        tape.read(path)


HEAD = b'{"kind":"tape","schema":1}\n'


@pytest.mark.parametrize(
    "line", [b'{"kind":"banana","t":1}', b'{"kind":"cut","n":1}', b'{"kind":"cut","t":1}', b"{}"]
)
def test_a_line_that_lacks_something_is_told_with_its_number(tmp_path, line):
    path = tmp_path / "x.jsonl"
    path.write_bytes(HEAD + line + b"\n")
    with pytest.raises(EvidenceError, match=r"x\.jsonl:2 is no line of a tape"):
        tape.read(path)


def test_a_tape_that_cannot_be_written_is_told(tmp_path, within):
    (tmp_path / "file").touch()

    async def begin():
        tape.Tape(tmp_path / "file" / "x.jsonl", Redactor())

    with pytest.raises(EvidenceError, match=r"x\.jsonl cannot be written: "):
        within(begin)


def test_a_missing_tape_is_told(tmp_path):
    with pytest.raises(EvidenceError, match="is no tape"):
        tape.read(tmp_path / "none.jsonl")


def test_every_line_says_when_and_what(studio):
    studio.record("MKT-01", ReferenceClient)
    reel = tape.read(studio.tape("MKT-01"))
    assert (reel.head["venue"], reel.head["case_id"]) == ("binance_usdm", "MKT-01")
    times = [line["t"] for line in reel.lines]
    assert times == sorted(times)
    raw = studio.tape("MKT-01").read_bytes().splitlines()
    assert [orjson.loads(line) for line in raw[1:]] == list(reel.lines)
