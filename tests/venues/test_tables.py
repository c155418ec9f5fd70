"""What stands in the tables of every dialect in the same way."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.venues import keys, load, tables

ROW = {"code": -1, "text": "no", "category": "state"}


def test_a_row_without_a_status_needs_a_usual_one():
    with pytest.raises(KeyError, match="status"):
        tables.errors({"errors": {"rows": [ROW]}})
    assert tables.errors({"errors": {"rows": [ROW]}}, status=200)[-1].status == 200


def test_a_status_that_is_stated_goes_before_the_usual_one():
    rows = [{**ROW, "status": 429, "operations": ["place"]}]
    found = tables.errors({"errors": {"rows": rows}}, status=200)[-1]
    assert (found.code, found.status, found.operations) == ("-1", 429, ("place",))


def test_sizes_are_told_in_lots_as_well():
    names = ("tick", "step", "min_quantity", "max_quantity", "min_notional", "market_max_quantity")
    row = dict(zip(names, ("0.1", "0.001", "0.002", "10", "5", "7.5"), strict=True))
    found = tables.sizes(row)
    assert (found["tick"], found["min_notional"]) == (Decimal("0.1"), 5)
    assert [found[name] for name in ("min_lots", "max_lots", "market_max_lots")] == [
        2,
        10_000,
        7500,
    ]


def test_a_key_is_made_ready_once():
    secrets, credentials = keys.Secrets(), load("bybit").credentials("hmac", 1)
    assert secrets[credentials] is secrets[credentials]
    assert secrets[credentials].sign(b"x") == keys.key("hmac", credentials.secret).sign(b"x")
