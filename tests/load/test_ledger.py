"""Orders that are lost, doubled or contradicted are named; everything else balances."""

from __future__ import annotations

import pytest

from conformance.load.ledger import Entry, Fate, Known, Ledger


def ledger(*entries: Entry) -> Ledger:
    made = Ledger()
    for entry in entries:
        made.note(entry)
    return made


RESTS, ENDED = Entry("a", Fate.RESTING, "1"), Entry("b", Fate.ENDED, "2")
REFUSED, UNKNOWN = Entry("c", Fate.REFUSED), Entry("d", Fate.UNKNOWN)
ALL = (RESTS, ENDED, REFUSED, UNKNOWN)
HELD = {"a": Known(1, "1", resting=True), "b": Known(1, "2", resting=False)}


def test_a_ledger_that_agrees_with_the_venue_is_sound():
    audit = ledger(*ALL).audit(HELD)
    assert audit.sound
    assert audit[:4] == (2, 1, 1, 2)
    assert ledger(*ALL).audit(HELD | {"d": Known(1, "4", resting=True)}).sound


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ({"a": HELD["a"]}, "1 lost"),
        (HELD | {"a": Known(2, "1", resting=True)}, "1 duplicated"),
        (HELD | {"z": Known(1, "9", resting=True)}, "1 unaccounted for"),
        (HELD | {"c": Known(1, "3", resting=True)}, "1 refused, but the venue has it"),
        (HELD | {"a": Known(1, "7", resting=True)}, "1 of another venue id"),
        (HELD | {"b": Known(1, "2", resting=True)}, "1 ended for the bot, but resting"),
        (HELD | {"a": Known(1, "1", resting=False)}, "1 resting for the bot, but ended"),
    ],
)
def test_a_contradiction_is_told_with_its_orders(held: dict[str, Known], told: str):
    (problem,) = ledger(*ALL).audit(held).problems
    assert problem.startswith(told)
    assert problem[-1] in "abcz"


def test_orders_under_way_when_a_run_was_cut_may_be_unknown_to_bots():
    strangers = HELD | {"y": Known(1, "8", resting=True)}
    assert ledger(*ALL).audit(strangers, cut=1).sound
    assert not ledger(*ALL).audit(strangers | {"z": Known(1, "9", resting=True)}, cut=1).sound


def test_what_is_known_is_not_replaced_by_what_is_not():
    made = ledger(RESTS, Entry("a", Fate.UNKNOWN))
    assert made.orders["a"] == RESTS
    made.note(Entry("a", Fate.ENDED))
    assert made.orders["a"] == Entry("a", Fate.ENDED, "1")


def test_the_plain_form_folds_in_any_order():
    rows = [[each.client_id, each.fate.value, each.venue_id] for each in ALL]
    one, other = Ledger(), Ledger()
    one.fold(rows)
    other.fold(reversed(rows))
    assert one.orders == other.orders == ledger(*ALL).orders
