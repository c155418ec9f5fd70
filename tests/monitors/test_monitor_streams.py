"""Rules about streams: pings, subscriptions, upkeep and snapshots."""

import pytest

from conformance.model.study import Told
from conformance.model.wire import Operation


def ping(stage, number, payload=b"p"):
    stage.push(number, opcode="ping", payload=payload)


def test_a_ping_wants_its_pong_in_time(watched, words):
    stage = watched("MON-30")
    stage.open(1, words.book)
    ping(stage, 1)
    stage.say(1, b"p", "pong")
    ping(stage, 1, b"q")
    stage.wait(9_999)
    assert stage.breaches == []
    stage.wait(1)
    assert len(stage.breaches) == 1


def test_a_pong_answers_all_pings_before_it(watched, words):
    stage = watched("MON-30")
    stage.open(1, words.book)
    ping(stage, 1, b"p")
    ping(stage, 1, b"q")
    stage.say(1, b"q", "pong")
    stage.wait(60_000)
    assert stage.breaches == []


def test_what_cannot_be_heard_is_not_expected(watched, words):
    stage = watched("MON-30")
    stage.open(1, words.book)
    stage.open(2, words.book)
    ping(stage, 1)
    ping(stage, 2)
    stage.hanging = {1}
    stage.close(2)
    stage.wait(60_000)
    assert stage.breaches == []


def test_messages_stay_within_their_rate(watched):
    stage = watched("MON-31")
    for stream in (1, 1, 1, 2):
        stage.say(stream)
    stage.say(1, opcode="close")
    assert stage.breaches == []
    stage.say(1)
    assert stage.breaches == ["4"]


def test_an_old_connection_may_overlap_a_new_one_for_a_while(watched, words):
    stage = watched("MON-32")
    stage.open(1, words.account)
    stage.open(2, words.account)
    stage.wait(10_000)
    stage.close(1)
    stage.wait(60_000)
    assert stage.breaches == []


def test_two_connections_for_one_subscription_are_one_too_many(watched, words):
    stage = watched("MON-32")
    stage.open(1, words.account)
    stage.open(2, words.book)
    stage.wait(60_000)
    assert stage.breaches == []
    stage.open(3, words.account)
    stage.wait(60_000)
    assert stage.breaches == ["2 connections for orders "]


def test_two_testees_may_have_two_connections(watched, words):
    stage = watched("MON-32")
    stage.testees = 2
    stage.open(1, words.account)
    stage.open(2, words.account)
    stage.wait(60_000)
    assert stage.breaches == []


def test_what_was_lost_comes_back_by_any_stream(watched, words):
    stage = watched("MON-33")
    stage.open(1, words.account, words.book)
    stage.close(1)
    stage.open(2, words.account)
    stage.wait(60_000)
    assert stage.breaches == ["none 50000 ms later"]


@pytest.mark.parametrize("excuse", ["own wish", "stopped", "killed", "no key"])
def test_nobody_needs_what_he_gave_up(watched, words, excuse):
    stage = watched("MON-33")
    stage.open(1, words.account)
    stage.close(1, by_peer=excuse == "own wish")
    if excuse == "stopped":
        stage.rule.stopped()
    if excuse == "killed":
        stage.rule.killed()
    stage.key_in_force = excuse != "no key"
    stage.wait(60_000)
    assert stage.breaches == []


def test_a_closed_door_gives_time(watched, words):
    stage = watched("MON-33")
    stage.open(1, words.account)
    stage.refusing = True
    stage.close(1)
    stage.wait(60_000)
    stage.refusing = False
    stage.wait(30_000)
    assert stage.breaches == []
    stage.wait(30_000)
    assert len(stage.breaches) == 1


def test_an_opened_account_stream_is_reconciled(watched, words):
    stage = watched("MON-34")
    stage.open(1, words.account)
    stage.ask(Operation.OPEN_ORDERS)
    stage.open(2, words.book)
    stage.wait(60_000)
    assert stage.breaches == []
    stage.open(3, words.account)
    stage.wait(60_000)
    assert stage.breaches == ["none"]


def test_an_account_stream_that_a_message_opens_is_reconciled_once(watched, words):
    stage = watched("MON-34")
    stage.open(1, words.book)
    stage.say(1)
    stage.subscribed[1][1].add(words.account)
    stage.say(1, opcode="pong")
    stage.wait(60_000)
    assert stage.breaches == []
    stage.say(1)
    stage.say(1)
    stage.wait(60_000)
    assert stage.breaches == ["none"]


def test_a_stream_key_is_extended_before_its_end(watched, words):
    stage = watched("MON-35")
    stage.answer(stage.ask(Operation.STREAM_KEY_CREATE))
    stage.open(1, words.account)
    stage.wait(3_000_000)
    stage.answer(stage.ask(Operation.STREAM_KEY_EXTEND))
    stage.wait(3_599_998)
    assert stage.breaches == []
    stage.wait(1)
    assert stage.breaches == ["none"]


def test_a_key_that_nobody_uses_may_end(watched):
    stage = watched("MON-35")
    stage.answer(stage.ask(Operation.STREAM_KEY_CREATE))
    stage.wait(4_000_000)
    assert stage.breaches == []


def gap(watched, words):
    stage = watched("MON-36")
    stage.open(1, words.book)
    stage.change(previous=5, last=7)
    stage.change(previous=7, last=9)
    stage.change(previous=10, last=12)
    return stage


def test_a_gap_wants_a_snapshot(watched, words):
    stage = gap(watched, words)
    stage.wait(8_000)
    assert len(stage.breaches) == 1


def test_a_snapshot_asked_for_closes_the_gap(watched, words):
    stage = gap(watched, words)
    stage.ask(Operation.BOOK, symbol="BTCUSDT")
    stage.wait(8_000)
    assert stage.breaches == []
    assert stage.rule.tested == 1


def test_a_snapshot_under_way_closes_what_it_reaches(watched, words):
    stage = watched("MON-36")
    stage.open(1, words.book)
    asked = stage.ask(Operation.BOOK, symbol="BTCUSDT")
    stage.change(previous=5, last=7)
    stage.change(previous=9, last=12)
    stage.answer(asked, Told(sequence=9))
    stage.change(previous=12, last=13)
    stage.wait(8_000)
    assert stage.breaches == []


def test_a_whole_book_on_the_stream_closes_the_gap_and_begins_anew(watched, words):
    stage = gap(watched, words)
    stage.change(previous=0, last=1, whole=True)
    stage.change(previous=1, last=2)
    stage.wait(8_000)
    assert stage.breaches == []
    stage.change(previous=3, last=4)
    stage.wait(8_000)
    assert len(stage.breaches) == 1


def test_whole_books_on_the_stream_count_as_asking_often(watched, words):
    stage = gap(watched, words)
    for _ in range(3):
        stage.change(previous=0, last=1, whole=True)
    stage.change(previous=5, last=6)
    stage.wait(8_000)
    assert stage.breaches == []
    stage.wait(22_000)
    assert len(stage.breaches) == 1


def test_the_first_change_must_join_the_snapshot(watched, words):
    stage = watched("MON-36")
    stage.open(1, words.book)
    stage.answer(stage.ask(Operation.BOOK, symbol="BTCUSDT"), Told(sequence=9))
    stage.change(previous=10, last=12)
    stage.wait(8_000)
    assert len(stage.breaches) == 1


def test_who_has_asked_often_may_take_his_time(watched, words):
    stage = watched("MON-36")
    stage.open(1, words.book)
    stage.change(previous=5, last=7)
    for _ in range(3):
        stage.ask(Operation.BOOK, symbol="BTCUSDT")
    stage.change(previous=8, last=9)
    stage.wait(20_000)
    assert stage.breaches == []
    stage.wait(10_000)
    assert len(stage.breaches) == 1


def test_a_repeated_change_is_no_gap(watched, words):
    stage = watched("MON-36")
    stage.open(1, words.book)
    for previous, last in ((5, 7), (7, 9), (5, 7), (9, 10)):
        stage.change(previous=previous, last=last)
    stage.wait(60_000)
    assert stage.breaches == []


def test_snapshots_are_bounded(watched):
    stage = watched("MON-37")
    for number in range(120):
        stage.ask(Operation.BOOK, symbol=("BTCUSDT", "ETHUSDT")[number % 2])
    assert stage.breaches == []
    stage.ask(Operation.BOOK, symbol="BTCUSDT")
    assert len(stage.breaches) == 1


def test_connections_are_bounded(watched, words):
    stage = watched("MON-38")
    for number in range(60):
        stage.open(number, words.book)
    assert stage.breaches == []
    stage.open(60, words.book)
    assert stage.breaches == ["61"]
