"""The wire as events: in order, redacted, bounded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.evidence.redaction import Redactor
from conformance.evidence.wire import FIRST_MAX, LAST_MAX, TEXT_MAX, WireLog
from conformance.model.wire import (
    Frame,
    Operation,
    Reading,
    RoundTrip,
    Stream,
    Topic,
    WireReply,
    WireRequest,
)

FRAME = Frame(2, 1, 5, inbound=False, opcode="text", payload=b"{}", topic=Topic.ORDERS)


def log() -> tuple[WireLog, list[tuple[str, dict[str, Any]]]]:
    seen: list[tuple[str, dict[str, Any]]] = []
    return WireLog("v/A", lambda kind, **f: seen.append((kind, f)), Redactor()), seen


def trip() -> RoundTrip:
    headers = (("x-mbx-apikey", "ThrowAwayKey"),)
    request = WireRequest("POST", "/order", b"signature=c0ffee11c0ffee", headers, b"a=1")
    return RoundTrip(1, request, 3, Reading(operation=Operation.PLACE, client_id="A1"))


def test_a_round_trip_is_a_request_and_later_a_reply_of_the_same_number() -> None:
    write, seen = log()
    one = trip()
    write(one)
    one.reply, one.replied_ms, one.executed = WireReply(200, b'{"listenKey":"abcdefgh1"}'), 7, True
    write(one)
    (asked, request), (answered, reply) = seen
    assert (asked, request["n"], request["at_ms"]) == ("request", 1, 3)
    assert (answered, reply["n"], reply["at_ms"], reply["executed"]) == ("reply", 1, 7, True)
    assert request["query"] == "signature=[redacted signature]"
    assert request["headers"] == [["x-mbx-apikey", "[redacted x-mbx-apikey]"]]
    assert reply["body"] == '{"listenKey":"[redacted listenKey]"}'


def test_a_stream_is_told_when_it_opens_and_when_it_closes() -> None:
    write, seen = log()
    stream = Stream(1, "/ws", "listenKey=abcdefgh1", opened_ms=1)
    write(stream)
    write(replace(stream, query="", closed_ms=9, close_code=1006))
    assert [(f["event"], f["at_ms"], f["path"]) for _, f in seen] == [
        ("opened", 1, "/ws?listenKey=[redacted listenKey]"),
        ("closed", 9, "/ws"),
    ]


def test_a_frame_tells_its_way_and_topic() -> None:
    write, seen = log()
    write(FRAME)
    kind, fields = seen[0]
    assert (kind, fields["inbound"], fields["topic"]) == ("frame", False, "orders")


def test_of_very_much_wire_the_first_and_the_newest_records_are_kept() -> None:
    write, seen = log()
    for number in range(FIRST_MAX + LAST_MAX + 3):
        write(FRAME._replace(number=number))
    assert len(seen) == FIRST_MAX
    write.close()
    kind, fields = seen[FIRST_MAX]
    assert (kind, fields["text"]) == ("note", "3 records of the wire are left out here")
    assert [f["n"] for _, f in seen[FIRST_MAX + 1 :]] == list(
        range(FIRST_MAX + 3, FIRST_MAX + LAST_MAX + 3)
    )


def test_what_follows_a_close_is_written_by_the_next_one_only() -> None:
    write, seen = log()
    for number in range(FIRST_MAX + 1):
        write(FRAME._replace(number=number))
    write.close()
    write(FRAME._replace(number=9_999))
    assert len(seen) == FIRST_MAX + 1
    write.close()
    assert seen[-1][1]["n"] == 9_999


def test_a_long_body_is_cut_and_says_so() -> None:
    write, seen = log()
    write(FRAME._replace(payload=b"x" * (TEXT_MAX + 5)))
    assert seen[0][1]["payload"].endswith("x [5 more characters]")
