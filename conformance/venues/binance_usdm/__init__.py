"""Binance USDⓈ-M futures (``/fapi``): facts, signing, instruments, and both halves."""

from conformance.venues.binance_usdm.profile import VENUE

__all__ = ["VENUE"]
