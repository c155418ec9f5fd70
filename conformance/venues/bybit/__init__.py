"""Bybit v5 futures, linear and inverse: facts, signing, instruments, and both halves."""

from conformance.venues.bybit.profile import VENUE

__all__ = ["VENUE"]
