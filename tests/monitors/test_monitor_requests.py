"""Rules about credentials, time and pace of requests."""

import base64

import pytest

from conformance.model.categories import Category
from conformance.model.study import Study, Told
from conformance.model.wire import Operation, Stream

SIGNED = Study(keyed=True, signed=True, signature="s")


def test_a_signature_is_judged_while_the_key_is_in_force(watched):
    stage = watched("MON-01")
    stage.ask(study=SIGNED, signature_valid=True)
    stage.key_in_force = False
    stage.ask(study=SIGNED, signature_valid=False)
    assert stage.breaches == []
    stage.key_in_force = True
    stage.ask(study=SIGNED, signature_valid=False)
    assert len(stage.breaches) == 1


@pytest.mark.parametrize(
    ("study", "read", "kept"),
    [
        (SIGNED, {"key_sent": True, "timestamp_ms": 1}, True),
        (SIGNED, {"key_sent": True}, False),
        (SIGNED, {"timestamp_ms": 1}, False),
        (Study(keyed=True, signed=True), {"key_sent": True, "timestamp_ms": 1}, False),
        (Study(keyed=True), {"key_sent": True}, True),
        (Study(), {}, True),
    ],
)
def test_private_calls_carry_what_they_want(watched, study, read, kept):
    stage = watched("MON-02")
    stage.ask(study=study, **read)
    assert (stage.breaches == []) is kept


def test_public_calls_carry_nothing(watched):
    stage = watched("MON-03")
    stage.ask()
    stage.ask(study=Study(keyed=True), key_sent=True)
    assert stage.breaches == []
    stage.ask(key_sent=True)
    stage.ask(study=Study(signature="s"))
    assert len(stage.breaches) == 2


def test_the_key_stands_in_its_header_only(watched, words):
    stage = watched("MON-04")
    stage.ask(headers=(("x-key", words.key),))
    stage.calling = {7}
    stage.say(7, words.key.encode())
    assert stage.breaches == []
    stage.ask(headers=(("x-other", f"mine is {words.key}"),))
    stage.say(1, words.key.encode())
    stage.rule.opened(Stream(1, "/ws", f"key={words.key}", 0))
    assert len(stage.breaches) == 3


def test_secrets_are_found_in_every_dress(watched, words):
    stage = watched("MON-05")
    stage.say(1, b"nothing")
    assert stage.breaches == []
    raw = words.secret.encode()
    for dress in (raw, base64.b64encode(raw)):
        stage.say(1, b"<" + dress + b">")
    stage.rule.opened(Stream(1, "/ws", words.secret, 0))
    assert len(stage.breaches) == 3


def test_credentials_go_to_the_venue_only(watched):
    stage = watched("MON-06")
    stage.ask(study=SIGNED, key_sent=True)
    stage.ask()
    assert stage.breaches == []
    stage.endpoints = stage.endpoints.__class__("any", "http://elsewhere:80", "")
    stage.ask()
    assert stage.breaches == []
    stage.ask(study=SIGNED, key_sent=True)
    assert stage.breaches == ["addressed to 127.0.0.1:80"]


@pytest.mark.parametrize(
    ("age_ms", "window_ms", "kept"),
    [
        (0, None, True),
        (5_000, None, True),
        (5_001, None, False),
        (-999, None, True),
        (-1_000, None, False),
        (5_001, 6_000, True),
    ],
)
def test_timestamps_are_fresh(watched, age_ms, window_ms, kept):
    stage = watched("MON-07")
    stage.ask(timestamp_ms=stage.now_ms - age_ms, window_ms=window_ms)
    assert (stage.breaches == []) is kept


def stepped(watched):
    stage = watched("MON-07")
    stage.offset_ms = 60_000
    stage.ask(timestamp_ms=stage.now_ms)
    assert stage.breaches == []
    return stage


def test_a_step_of_the_clock_is_known_once_the_time_was_told(watched):
    stage = stepped(watched)
    stage.answer(stage.ask(Operation.TIME))
    stage.ask(timestamp_ms=stage.now_ms)
    assert len(stage.breaches) == 1


def test_a_measurement_that_took_long_tells_nothing(watched):
    stage = stepped(watched)
    asked = stage.ask(Operation.TIME)
    stage.wait(1_500)
    stage.answer(asked)
    stage.ask(timestamp_ms=stage.now_ms)
    assert stage.breaches == []


def test_a_refusal_for_the_clock_leaves_time_to_measure_it(watched):
    stage = stepped(watched)
    stage.answer(stage.ask(), Told(Category.CLOCK))
    stage.ask(timestamp_ms=stage.now_ms)
    assert stage.breaches == []
    stage.wait(2_500)
    stage.ask(timestamp_ms=stage.now_ms)
    assert len(stage.breaches) == 1


def test_what_was_stamped_before_a_suspension_is_forgiven(watched):
    stage = watched("MON-07")
    before = stage.now_ms
    stage.wait(90_000)
    stage.woken_ms = stage.now_ms
    stage.ask(timestamp_ms=before)
    assert stage.breaches == []


def test_timestamps_advance_on_each_connection(watched):
    stage = watched("MON-08")
    for lane, stamp in ((1, 100), (2, 50), (1, 100), (2, 60)):
        stage.ask(timestamp_ms=stamp, lane=lane)
    assert stage.breaches == []
    stage.ask(timestamp_ms=99, lane=1)
    assert len(stage.breaches) == 1


def test_a_measured_clock_may_step_back(watched):
    stage = watched("MON-08")
    stage.ask(timestamp_ms=100)
    stage.answer(stage.ask(Operation.TIME))
    stage.ask(timestamp_ms=50)
    assert stage.breaches == []


@pytest.mark.parametrize(("window_ms", "kept"), [(None, True), (60_000, True), (60_001, False)])
def test_windows_are_bounded(watched, window_ms, kept):
    stage = watched("MON-09")
    stage.ask()
    assert stage.rule.tested == 0
    stage.ask(window_ms=window_ms, timestamp_ms=1)
    assert stage.rule.tested == 1
    assert (stage.breaches == []) is kept


def test_a_signature_is_not_sent_twice(watched):
    stage = watched("MON-10")
    stage.ask(study=SIGNED)
    stage.ask(study=SIGNED)
    assert stage.breaches == []
    stage.wait(500)
    stage.ask(study=SIGNED)
    assert len(stage.breaches) == 1


def test_a_login_is_not_sent_again(watched, words):
    stage = watched("MON-10")
    stage.say(1, b"hello")
    stage.say(1, f"login {words.key} 1".encode())
    stage.wait(500)
    stage.say(2, b"hello")
    stage.say(2, f"login {words.key} 2".encode())
    assert stage.breaches == []
    stage.say(3, f"login {words.key} 1".encode())
    assert len(stage.breaches) == 1


def test_a_refusal_for_good_is_taken(watched):
    stage = watched("MON-23")
    for code in ("a", "b", "a", "b", "a"):
        stage.answer(stage.ask(), Told(Category.STATE, code, asked="same"))
    for _ in range(9):
        stage.answer(stage.ask(), Told(Category.THROTTLED, "c", asked="same"))
    assert stage.breaches == []
    stage.answer(stage.ask(), Told(Category.STATE, "a", asked="same"))
    assert len(stage.breaches) == 1


def test_refusals_of_another_minute_do_not_count(watched):
    stage = watched("MON-23")
    for _ in range(9):
        stage.answer(stage.ask(), Told(Category.AUTH, "a", asked="same"))
        stage.wait(30_000)
    assert stage.breaches == []


def test_cancels_of_what_is_not_found_do_not_storm(watched):
    stage = watched("MON-24")
    for number in range(40):
        study = Study(targets=(str(number % 2),))
        stage.answer(stage.ask(Operation.CANCEL, study=study), Told(Category.NOT_FOUND))
    assert stage.breaches == []
    stage.answer(stage.ask(Operation.CANCEL, study=study), Told(Category.NOT_FOUND))
    assert len(stage.breaches) == 1


def test_limits_hold_in_every_window(watched, words):
    stage = watched("MON-25")
    for _ in range(3):
        stage.place(words.order())
    stage.wait(9_999)
    stage.place(words.order(), code="-1")
    assert stage.breaches == []
    stage.place(words.order())
    assert stage.breaches == ["4"]
    stage.wait(1)
    stage.place(words.order())
    assert len(stage.breaches) == 1


def test_an_order_refused_for_speed_was_one_too_many(watched, words):
    stage = watched("MON-25")
    for _ in range(3):
        stage.place(words.order())
    asked = stage.place(words.order(), code="-1")
    stage.answer(asked, Told(Category.THROTTLED))
    assert stage.breaches == ["4"]


@pytest.mark.parametrize(("rule", "banned"), [("MON-26", False), ("MON-27", True)])
def test_silence_is_kept_until_its_end(watched, rule, banned):
    stage = watched(rule)
    asked = stage.ask()
    stage.answer(asked, Told(Category.THROTTLED, silent_ms=1_000, banned=banned))
    stage.ask()
    assert stage.breaches == []
    stage.wait(999)
    stage.ask()
    assert len(stage.breaches) == 1
    stage.wait(1)
    stage.ask()
    assert len(stage.breaches) == 1


def test_a_silence_of_one_pool_concerns_its_calls_only(watched, words):
    stage = watched("MON-26")
    told = Told(Category.THROTTLED, silent_ms=1_000, pools=("orders",))
    stage.answer(stage.place(words.order()), told)
    stage.wait(500)
    stage.ask()
    assert stage.breaches == []
    stage.place(words.order())
    assert len(stage.breaches) == 1
