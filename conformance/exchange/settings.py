"""Every bound of the exchange core, by name."""

from __future__ import annotations

CLOSED_ORDERS_RETAINED = 10_000
"""Finished orders kept per account and symbol; the oldest is forgotten first."""

FILLS_RETAINED = 10_000
"""Executions kept per account and symbol."""

FUNDINGS_RETAINED = 1_000
"""Funding records kept per symbol."""

TRADES_RETAINED = 10_000
"""Public trades kept per symbol."""

AMENDMENTS_MAX = 9_999
"""How often one order may be amended (Modify Order, developers.binance.com, 2026-11)."""

LEVERAGE_DEFAULT = 20
"""Leverage before an account chooses one, unless the first tier allows less."""

FIRST_ORDER_ID = 1_000_001
"""Order ids of a symbol count up from here, so that they never look like a count of orders."""

FIRST_TRADE_ID = 1
"""Trade ids of a symbol count up from here."""

EXPIRY_SLACK = 64
"""Dead entries tolerated in the agenda of expiries before it is compacted."""

CONDITIONALS_RETAINED = 10_000
"""Ended conditional orders kept per account; the oldest is forgotten first."""

FIRST_CONDITIONAL_ID = 1_000_000_000_000_001
"""Conditional ids count up from here, over all symbols, so that they never look like order ids."""

HOUR_MS = 3_600_000
"""Funding boundaries are whole multiples of so many milliseconds."""

DAY_H = 24
"""A funding interval divides the day."""

PRE_DELIVERY_MS = 60_000
"""Trading stops so long before delivery (the venues publish no figure)."""
