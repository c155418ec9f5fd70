"""The server half: what Binance USDⓈ-M answers, as pure protocol logic."""

from conformance.venues.binance_usdm.server.half import Server

__all__ = ["Server"]
