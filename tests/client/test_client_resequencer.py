"""The local book: joined by rule, doubted at once, never shown crossed or guessed."""

from decimal import Decimal

from conformance.client.resequencer import Resequencer
from conformance.contracts.client import BookDelta, Snapshot
from conformance.venues.binance_usdm.client import Client

HALF = Client()


def rows(*pairs):
    return tuple((Decimal(price), Decimal(quantity)) for price, quantity in pairs)


def delta(first, last, previous, bids=(), asks=()):
    return BookDelta("BTCUSDT", first, last, previous, rows(*bids), rows(*asks))


def book(levels_max=1000):
    return Resequencer(
        "BTCUSDT",
        lambda d, sequence, fresh: HALF.link(d, sequence, fresh=fresh),
        buffer_max=100,
        levels_max=levels_max,
    )


SNAPSHOT = Snapshot(100, rows((99, 1), (98, 2)), rows((101, 1), (102, 2)))


def test_buffered_deltas_join_the_snapshot():
    it = book()
    assert it.feed(delta(80, 90, 79, [(1, 1)]))
    assert it.feed(delta(95, 105, 90, [(99, 5)]))
    assert it.feed(delta(110, 115, 105, asks=[(101, 0)]))
    assert it.load(SNAPSHOT)
    assert it.valid
    assert it.book().bids == rows((99, 5), (98, 2))
    assert it.book().asks == rows((102, 2))
    assert it.sequence == 115


def test_a_snapshot_is_not_trusted_until_a_delta_or_a_second_look_confirms_it():
    it = book()
    it.load(SNAPSHOT)
    assert it.unproven()
    assert not it.book().valid
    assert it.shows(Snapshot(101, rows((99, 1)), rows((101, 1))))
    assert not it.shows(Snapshot(101, rows((99, 2)), rows((101, 1))))
    it.confirm()
    assert it.book().valid


def test_a_snapshot_older_than_the_buffer_does_not_join_and_the_buffer_stays():
    it = book()
    it.feed(delta(120, 130, 110, [(99, 7)]))
    it.feed(delta(131, 140, 130, [(98, 7)]))
    assert not it.load(SNAPSHOT)
    assert not it.tracking
    assert it.load(Snapshot(125, SNAPSHOT.bids, SNAPSHOT.asks))
    assert it.book().bids == rows((99, 7), (98, 7))


def test_a_gap_makes_the_book_invalid_before_the_next_read():
    it = book()
    it.load(SNAPSHOT)
    it.feed(delta(95, 105, 90))
    assert it.book().valid
    assert not it.feed(delta(111, 115, 110))
    shown = it.book()
    assert not shown.valid
    assert shown.bids == ()


def test_repeated_deltas_change_nothing():
    it = book()
    it.load(SNAPSHOT)
    once = delta(95, 105, 90, [(99, 5)])
    it.feed(once)
    it.feed(delta(106, 108, 105, [(99, 4)]))
    assert it.feed(once)
    assert it.book().bids[0] == (Decimal(99), Decimal(4))


def test_a_crossed_book_is_not_shown_as_valid():
    it = book()
    it.load(SNAPSHOT)
    it.feed(delta(95, 105, 90, [(101, 1)]))
    assert it.crossed
    assert not it.book().valid


def test_a_negative_quantity_is_a_gap():
    it = book()
    it.load(SNAPSHOT)
    assert not it.feed(delta(95, 105, 90, [(99, -1)]))
    assert not it.valid


def test_removing_an_absent_level_is_normal():
    it = book()
    it.load(SNAPSHOT)
    assert it.feed(delta(95, 105, 90, [(50, 0)]))
    assert it.valid


def test_the_number_of_levels_is_bounded_and_the_best_are_kept():
    it = book(levels_max=10)
    it.load(SNAPSHOT)
    it.feed(delta(95, 105, 90, [(n, 1) for n in range(50, 98)], [(n, 1) for n in range(103, 140)]))
    shown = it.book()
    assert shown.bids[0][0] == 99
    assert shown.asks[0][0] == 101
    assert max(len(shown.bids), len(shown.asks)) <= 10
