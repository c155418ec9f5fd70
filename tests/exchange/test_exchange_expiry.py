from __future__ import annotations

from types import SimpleNamespace

from conformance.exchange.expiry import Agenda
from conformance.exchange.settings import EXPIRY_SLACK
from conformance.model.orders import Status


def resting(number=0):
    return SimpleNamespace(status=Status.OPEN, number=number)


def test_an_empty_agenda_has_nothing_due():
    agenda = Agenda()
    assert agenda.due() is None


def test_the_earliest_is_due_first_and_ties_keep_their_order():
    agenda = Agenda()
    for number, at in enumerate((30, 10, 10)):
        agenda.add(resting(number), at)
    assert agenda.due() == 10
    ended = []
    while agenda.due() is not None:
        order = agenda.first()
        order.status = Status.EXPIRED
        agenda.forget()
        ended.append(order.number)
    assert ended == [1, 2, 0]


def test_an_order_that_ended_otherwise_is_not_due():
    agenda = Agenda()
    order = resting()
    agenda.add(order, 10)
    order.status = Status.CANCELLED
    agenda.forget()
    assert agenda.due() is None
    assert len(agenda) == 0


def test_the_dead_do_not_pile_up_behind_a_living_one():
    agenda = Agenda()
    agenda.add(resting(), 1)
    for at in range(10_000):
        order = resting()
        agenda.add(order, 2 + at)
        order.status = Status.CANCELLED
        agenda.forget()
    assert len(agenda) <= EXPIRY_SLACK + 3
    assert agenda.due() == 1
