"""The server half: what Binance USDⓈ-M answers, as pure protocol logic."""

from conformance.venues.binance_usdm.server.half import Server
from conformance.venues.binance_usdm.server.interpreter import Interpreter

__all__ = ["Interpreter", "Server"]
