from __future__ import annotations

import pytest

from conformance.errors import InvariantBroken
from conformance.exchange.ledger import Ledger, move


def test_money_moves_between_two_pots():
    ledger = Ledger()
    first, second = ledger.open("USDT"), ledger.open("USDT")
    move(first, second, 5)
    move(first, second, -2)
    assert (first.balance, second.balance) == (-3, 3)
    assert ledger.sum("USDT") == 0


def test_money_of_two_assets_is_never_mixed():
    ledger = Ledger()
    with pytest.raises(InvariantBroken, match="USDT posted against BTC"):
        move(ledger.open("USDT"), ledger.open("BTC"), 1)


def test_the_shared_pots_are_opened_once():
    ledger = Ledger()
    assert ledger.fees("USDT") is ledger.fees("USDT")
    assert ledger.outside("USDT") is ledger.outside("USDT")
    assert ledger.fees("USDT") is not ledger.fees("BTC")


def test_a_ledger_that_does_not_sum_to_zero_stops_loudly():
    ledger = Ledger()
    ledger.open("USDT").balance = 1
    with pytest.raises(InvariantBroken, match="USDT sums to 1"):
        ledger.sum("USDT")


def test_an_asset_nobody_holds_sums_to_zero():
    assert Ledger().sum("XYZ") == 0
