"""Rules about orders: broken where they are broken, silent where they are kept."""

import pytest

from conformance.model.categories import Category
from conformance.model.orders import PositionSide
from conformance.model.study import Carried, Study, Told
from conformance.model.wire import Operation, Topic

RULES = [
    ("MON-12", {"price": "60000.10"}, {"price": "60000.11111"}),
    ("MON-12", {"price": "0.10"}, {"price": "-0.10"}),
    ("MON-12", {"price": ""}, {"price": "0"}),
    ("MON-13", {"quantity": "0.002"}, {"quantity": "0.0021"}),
    ("MON-14", {"price": "60000"}, {"price": "6E+4"}),
    ("MON-14", {"quantity": "0.0000001"}, {"quantity": "1e-7"}),
    ("MON-14", {"price": "1.50"}, {"price": "1,50"}),
    ("MON-14", {"further": ("0.5",)}, {"further": ("+0.5",)}),
    ("MON-15", {"client_id": "a"}, {"client_id": ""}),
    ("MON-16", {"client_id": "a1"}, {"client_id": "a 1"}),
    ("MON-16", {"client_id": "a" * 10}, {"client_id": "a" * 11}),
    (
        "MON-20",
        {"reduce_only": True, "position_side": PositionSide.NET},
        {"reduce_only": True, "position_side": PositionSide.LONG},
    ),
]


@pytest.mark.parametrize(("rule", "kept", "broken"), RULES)
def test_an_order_that_breaks_a_rule_is_told_from_one_that_keeps_it(
    watched, words, rule, kept, broken
):
    stage = watched(rule)
    stage.place(words.order(**kept))
    assert stage.breaches == []
    stage.place(words.order(**broken))
    assert len(stage.breaches) == 1


def test_a_client_id_names_one_order_only(watched, words):
    stage = watched("MON-17")
    stage.place(words.order())
    stage.place(words.order())
    assert stage.breaches == []
    stage.place(words.order(price="60000.20"))
    assert len(stage.breaches) == 1


def test_an_order_in_flight_is_not_sent_again(watched, words):
    stage = watched("MON-18")
    stage.place(words.order())
    stage.place(words.order())
    assert stage.breaches == ["first is sent again while its fate is unknown"]


@pytest.mark.parametrize(
    ("category", "again"),
    [(None, True), (Category.STATE, True), (Category.RETRY, True), (Category.UNKNOWN, False)],
)
def test_only_a_definite_answer_ends_the_doubt(watched, words, category, again):
    stage = watched("MON-18")
    stage.answer(stage.place(words.order()), Told(category))
    stage.place(words.order())
    assert (stage.breaches == []) is again


@pytest.mark.parametrize(
    ("operation", "targets", "category", "again"),
    [
        (Operation.QUERY_ORDER, ("first",), None, True),
        (Operation.QUERY_ORDER, ("first",), Category.NOT_FOUND, True),
        (Operation.QUERY_ORDER, ("first",), Category.UNKNOWN, False),
        (Operation.QUERY_ORDER, ("other",), None, False),
        (Operation.OPEN_ORDERS, (), None, True),
        (Operation.OPEN_ORDERS, (), Category.THROTTLED, False),
        (Operation.BALANCES, (), None, False),
    ],
)
def test_a_question_that_was_answered_ends_the_doubt(
    watched, words, operation, targets, category, again
):
    stage = watched("MON-18")
    stage.place(words.order())
    stage.answer(stage.ask(operation, study=Study(targets=targets)), Told(category))
    stage.place(words.order())
    assert (stage.breaches == []) is again


def test_a_stream_that_tells_of_the_order_ends_the_doubt(watched, words):
    stage = watched("MON-18")
    stage.place(words.order())
    stage.push(1, Carried("BTCUSDT", "first"), topic=Topic.ORDERS)
    stage.place(words.order())
    assert stage.breaches == []


def test_equal_orders_may_travel_together_but_not_after_a_lost_answer(watched, words):
    stage = watched("MON-19")
    stage.place(words.order("first"))
    stage.place(words.order("second"))
    assert stage.breaches == []
    stage.wait(3_000)
    stage.place(words.order("third"))
    assert len(stage.breaches) == 1


def test_an_order_that_the_venue_is_not_sure_of_has_no_twin(watched, words):
    stage = watched("MON-19")
    stage.answer(stage.place(words.order("first")), Told(Category.UNKNOWN))
    stage.place(words.order("second", quantity="0.003"))
    assert stage.breaches == []
    stage.place(words.order("third"))
    assert stage.breaches == ["third repeats first"]


def test_a_new_life_may_repeat_what_it_does_not_know_of(watched, words):
    stage = watched("MON-19")
    stage.answer(stage.place(words.order("first")), Told(Category.UNKNOWN))
    stage.rule.killed()
    stage.place(words.order("second"))
    assert stage.breaches == []


def test_orders_are_meant_by_an_id(watched):
    stage = watched("MON-21")
    stage.ask(Operation.CANCEL, study=Study(targets=("1",)))
    stage.ask(Operation.OPEN_ORDERS)
    assert stage.breaches == []
    stage.ask(Operation.CANCEL)
    assert len(stage.breaches) == 1


@pytest.mark.parametrize(("count", "kept"), [(0, False), (1, True), (5, True), (6, False)])
def test_batches_have_a_bound(watched, words, count, kept):
    stage = watched("MON-22")
    orders = tuple(words.order(f"n{number}") for number in range(count))
    stage.ask(Operation.PLACE_BATCH, study=Study(orders=orders))
    assert (stage.breaches == []) is kept


def test_after_the_last_stop_there_is_no_order(watched, words):
    stage = watched("MON-28")
    stage.testees = 2
    stage.place(words.order())
    stage.testees = 0
    stage.rule.stopped()
    stage.ask(Operation.CANCEL)
    assert stage.breaches == []
    stage.place(words.order())
    assert stage.breaches == [Operation.PLACE]


def test_a_revoked_key_trades_no_more_once_it_was_refused_twice(watched, words):
    stage = watched("MON-29")
    stage.answer(stage.place(words.order()), Told(Category.AUTH))
    stage.key_in_force = False
    stage.answer(stage.place(words.order()), Told(Category.AUTH))
    assert stage.breaches == []
    stage.place(words.order())
    assert stage.breaches == ["an order after 2 refusals of the key"]
