"""Strictness: what counts as the same saying, and what departs from a tape."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.tap import saying
from conformance.tap.score import Score
from conformance.tap.tape import Reel


def asked(n, t, method="GET", path="/a", query="", body="", **more):
    line = {"method": method, "path": path, "query": query, "body": body, "headers": []}
    return {"kind": "request", "n": n, "t": t, **line, **more}


def answered(n, t):
    return {"kind": "reply", "n": n, "t": t, "status": 200, "headers": [], "body": "{}"}


def framed(stream, t, payload, *, inbound=True):
    line = {"inbound": inbound, "opcode": "text", "payload": payload, "topic": None}
    return {"kind": "frame", "stream": stream, "t": t, **line}


def acted(t, what, *args):
    return {"kind": "act", "t": t, "what": what, "args": list(args)}


def told(t, ask, value, *args):
    return {"kind": "told", "t": t, "ask": ask, "args": list(args), "value": value}


def score(*lines):
    return Score(Reel(Path("x"), {}, lines))


def say(play, line, at=0):
    return play.say((line["kind"],), saying.__dict__[_WORD[line["kind"]]](line), at)


_WORD = {"request": "request", "frame": "frame", "act": "act"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (asked(1, 0, query="a=1&timestamp=5&signature=x"), asked(1, 0, query="a=1&timestamp=6")),
        (asked(1, 0, query="b=2&a=1"), asked(1, 0, query="a=1&b=2")),
        (asked(1, 0, query="a=%2F"), asked(1, 0, query="a=/")),
        (asked(1, 0, "POST", body="a=1&signature=y"), asked(1, 0, "POST", query="a=1")),
        (
            asked(1, 0, "POST", body='{"b":2,"a":{"sign":"x","c":1}}'),
            asked(1, 0, "POST", body='{"a":{"c":1},"b":2}'),
        ),
        (
            asked(1, 0, path="/ws/%5Bredacted%20listenKey%5D"),
            asked(1, 0, path="/ws/[redacted listenKey]"),
        ),
    ],
    ids=["stamp", "order", "encoding", "place", "json", "masked"],
)
def test_what_changes_every_time_is_not_compared(one, other):
    assert saying.request(one) == saying.request(other)


@pytest.mark.parametrize(
    "other",
    [
        asked(1, 0, "POST", query="a=1"),
        asked(1, 0, path="/b", query="a=1"),
        asked(1, 0, query="a=2"),
        asked(1, 0, query="a=1&a=1"),
        asked(1, 0, query="a=1&b="),
        asked(1, 0, query="A=1"),
    ],
    ids=["method", "path", "value", "twice", "more", "case"],
)
def test_everything_else_is(other):
    assert saying.request(asked(1, 0, query="a=1")) != saying.request(other)


def test_a_request_is_used_up_by_being_sent():
    play = score(asked(1, 0), answered(1, 1))
    assert say(play, asked(1, 0))["n"] == 1
    assert say(play, asked(1, 0)) is None
    assert play.deviations[0].claim == "the client sends what was recorded"
    assert play.deviations[0].expected == "nothing more of this kind"


def test_a_deviation_says_how_the_nearest_differs():
    play = score(asked(1, 0, "POST", "/order", "price=1&side=BUY"))
    assert say(play, asked(1, 0, "POST", "/order", "price=2&side=BUY&x=1")) is None
    [deviation] = play.deviations
    assert deviation.expected == "POST /order price=1 side=BUY"
    assert "price is 2, recorded is 1; x is 1, recorded is none" in deviation.observed


def test_nothing_is_sent_before_what_led_to_it():
    play = score(asked(1, 0, path="/a"), answered(1, 1), asked(2, 2, path="/b"))
    assert say(play, asked(2, 0, path="/b"))["n"] == 2
    assert play.deviations[0].claim == "nothing is sent before what led to it"
    assert play.deviations[0].expected == "first: GET /a"


def test_requests_under_way_together_may_overtake_each_other():
    play = score(asked(1, 0, path="/a"), asked(2, 0, path="/b"), answered(1, 1), answered(2, 1))
    say(play, asked(2, 0, path="/b"))
    say(play, asked(1, 0, path="/a"))
    assert play.deviations == []


def test_frames_of_one_stream_keep_their_order_and_those_of_two_need_not():
    lines = (framed(1, 0, "one"), framed(1, 1, "two"), framed(2, 2, "three"))
    play = score(*lines)
    say(play, lines[2])
    assert play.deviations == []
    say(play, lines[1])
    assert play.deviations[0].expected == "first: frame on stream 1: one"


def test_the_case_must_do_what_it_did_in_the_same_order():
    play = score(acted(0, "market.take", 1), acted(1, "market.take", 2))
    assert say(play, acted(0, "market.take", 2)) is not None
    assert play.deviations[0].expected == "first: the case does market.take [1]"


def test_an_answer_is_told_as_it_stood_at_that_point():
    play = score(
        told(0, "truth.hedge", value=False), asked(1, 5), told(9, "truth.hedge", value=True)
    )
    assert play.told("truth.hedge", [], 100) is False
    say(play, asked(1, 5), at=5)
    assert play.told("truth.hedge", [], 8) is False
    assert play.told("truth.hedge", [], 9) is True
    with pytest.raises(KeyError):
        play.told("truth.orders", [], 9)


def test_a_refused_connection_is_refused_when_its_turn_has_come():
    play = score(asked(1, 0), {"kind": "refused", "t": 1, "at_ms": 0})
    assert not play.connect(0)
    say(play, asked(1, 0))
    assert play.connect(1)
    assert not play.connect(2)


def test_questions_at_the_very_end_may_remain_unasked_and_nothing_else():
    lines = (asked(1, 0), asked(2, 1, "DELETE", "/order"), asked(3, 2))
    play = score(*lines)
    assert [str(left) for left in play.unsaid()] == ["GET /a", "DELETE /order"]
    say(play, lines[0])
    say(play, lines[1])
    assert play.unsaid() == []
