"""The stories that come with the package keep their promises, the same for the same seed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from decimal import Decimal

import pytest

from conformance import scenarios, venues
from conformance.errors import UsageError, WorldError
from conformance.model.ids import Symbol
from conformance.sim.rehearsal import BEGAN_MS, Rehearsal, listing_for

VENUE = venues.load(venues.names()[0])


def played(name, seed=0):
    rehearsal = Rehearsal(scenarios.load(name), VENUE, seed=seed)
    rehearsal.run()
    return rehearsal


def happened(rehearsal):
    return [json.loads(line) for line in rehearsal.journal()]


def fills(events, account):
    return [e["fill"] for e in events if e["event"] == "OrderFilled" and e["order"][0] == account]


def share(rehearsal, ticks):
    listing = rehearsal.listing
    return listing.prices.value(ticks) / listing.initial_price


@pytest.mark.parametrize("name", scenarios.names())
def test_a_story_plays_to_the_same_journal_byte_for_byte(name):
    first, second = (
        hashlib.sha256("\n".join(played(name, seed=5).journal()).encode()).hexdigest()
        for _ in range(2)
    )
    assert first == second


def test_another_seed_tells_the_story_differently():
    assert list(played("flash-crash", 1).journal()) != list(played("flash-crash", 2).journal())


PROMISED = {
    "dead-market": {"FundingSet": 1, "TradePrinted": 0},
    "deleveraging": {"LiquidationStarted": 1, "AdlStruck": 1},
    "delisting": {"DeliverySet": 1, "CommandRefused": 1, "PhaseChanged": 3},
    "delivery-day": {"SettlementSet": 1, "OrderExpired": 1, "PhaseChanged": 3},
    "funding-flip": {"FundingSet": 3, "FundingCharged": 22},
    "gap-through-stop": {"ConditionalTriggered": 1},
    "halt-and-resume": {"PhaseChanged": 2, "CommandRefused": 1},
    "liquidation-cascade": {"LiquidationStarted": 3, "LiquidationFinished": 3},
    "mode-switch-refused": {
        "CommandRefused": 2,
        "PositionModeChanged": 1,
        "MarginModeChanged": 1,
    },
    "short-squeeze": {"LiquidationStarted": 3},
    "trailing-stop-ride": {"ConditionalActivated": 1, "ConditionalTriggered": 1},
}
"""How often what a story is about happens."""


@pytest.mark.parametrize("name", PROMISED)
def test_what_a_story_is_about_happens(name):
    counted = Counter(event["event"] for event in happened(played(name)))
    assert {what: counted[what] for what in PROMISED[name]} == PROMISED[name]


def test_the_flash_crash_falls_8_percent_and_recovers():
    samples = played("flash-crash").score().samples
    start = samples[0].last
    assert min(sample.last for sample in samples) < start * Decimal("0.93")
    assert samples[-1].last > start * Decimal("0.97")


def test_a_stop_is_filled_where_the_market_is_after_a_gap():
    rehearsal = played("gap-through-stop")
    *_, last = fills(happened(rehearsal), "story:asleep")
    assert last["side"] == "sell"
    assert share(rehearsal, last["price"]) < Decimal("0.93")


def test_the_patient_order_is_eaten_in_eleven_bites_or_more():
    assert len(fills(happened(played("partial-fills")), "story:patient")) >= 11


def test_the_cascade_deleverages_who_profits():
    struck = [e for e in happened(played("liquidation-cascade")) if e["event"] == "AdlStruck"]
    assert "story:bear" in {event["account"] for event in struck}


def test_the_elephant_finds_fewer_counterparties_than_it_wants():
    events = happened(played("thin-book"))
    expired = [e for e in events if e["event"] == "OrderExpired"]
    assert [e["order"][0] for e in expired] == ["story:elephant"]


def test_nobody_is_there_when_depth_vanishes():
    samples = played("depth-vanishes").score().samples
    gone = [s for s in samples if 15_000 < s.at < 27_000]
    assert gone
    assert all(s.bid is None and s.ask is None and not s.bids and not s.asks for s in gone)
    assert all(s.bid and s.ask for s in samples if s.at > 27_000)


def test_the_storm_brings_a_hundred_trades_a_second():
    events = happened(played("trade-storm"))
    stormy = [e for e in events if e["event"] == "TradePrinted" and 15_000 <= e["at"] < 20_000]
    assert len(stormy) >= 500


def test_delivery_settles_at_the_announced_price():
    rehearsal = played("delivery-day")
    *_, last = fills(happened(rehearsal), "story:long")
    assert (last["side"], share(rehearsal, last["price"])) == ("sell", Decimal("1.0005"))


def story(tmp_path, tables, lasts="10s"):
    path = tmp_path / "s.toml"
    path.write_text(f'title = "x"\nlasts = "{lasts}"\n{tables}')
    return scenarios.read(path)


TRADER = '[[actor]]\nkind = "trader"\nname = "a"\n'
MAKER = '[[actor]]\nkind = "maker"\nname = "m"\nsize = 9\n'


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        ('[[do]]\nat = "1s"\ncommand = "resume"\nrefused = true\n', "it was not refused"),
        ('[[do]]\nat = "1s"\ncommand = "liquidate"\nof = "a"\n', "holds nothing to liquidate"),
        (
            '[[do]]\nat = "1s"\ncommand = "funding"\nrate = "1%"\ninterval = "7h"\n',
            "funding-interval-invalid",
        ),
    ],
)
def test_a_story_whose_course_is_not_the_foretold_one_breaks_off(tmp_path, tables, why):
    rehearsal = Rehearsal(story(tmp_path, TRADER + tables), VENUE)
    with pytest.raises(WorldError, match=why):
        rehearsal.run()


def test_liquidate_moves_the_mark_past_the_price_of_liquidation(tmp_path):
    holder = (
        '[[actor]]\nkind = "holder"\nname = "h"\nat = "1s"\nside = "{}"\nsize = 30\nleverage = 20\n'
    )
    for side in ("buy", "sell"):
        order = '[[do]]\nat = "3s"\ncommand = "liquidate"\nof = "h"\n'
        rehearsal = Rehearsal(story(tmp_path, MAKER + holder.format(side) + order), VENUE)
        rehearsal.run()
        began = [e for e in happened(rehearsal) if e["event"] == "LiquidationStarted"]
        assert [(e["at"], e["group"]["account"]) for e in began] == [(3000, "story:h")]


def test_absolute_prices_are_played_as_they_are(tmp_path):
    ramp = '[[path]]\nkind = "ramp"\nuntil = "2s"\nevery = "1s"\ntarget = 61000\n'
    rehearsal = Rehearsal(story(tmp_path, "base = 60000\nabsolute = true\n" + ramp), VENUE)
    rehearsal.run()
    assert rehearsal.score().samples[-1].mark == 61_000


def test_a_maker_may_leave_early_and_refused_orders_are_remembered(tmp_path):
    maker = MAKER + 'until = "5s"\n'
    wild = '[[actor]]\nkind = "taker"\nname = "wild"\nsize = 900000\nodds = "100%"\n'
    rehearsal = Rehearsal(story(tmp_path, maker + wild), VENUE)
    rehearsal.run()
    assert rehearsal.score().samples[-1].bids == 0
    assert rehearsal.refused[-1].startswith("wild: PlaceOrder was refused: quantity-above-max")


def test_a_story_is_played_in_the_symbol_that_is_asked_for():
    told = scenarios.load("flash-crash")
    second = VENUE.listings[1]
    assert listing_for(told, VENUE.listings, second.symbol) is second
    with pytest.raises(UsageError, match="no symbol"):
        listing_for(told, VENUE.listings, Symbol("NOPE"))


def test_a_rehearsal_begins_between_two_fundings():
    assert BEGAN_MS % (8 * 3_600_000) == 4 * 3_600_000
