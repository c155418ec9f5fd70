"""The server half: what Bybit v5 answers, as pure protocol logic."""

from conformance.venues.bybit.server.half import Server
from conformance.venues.bybit.server.interpreter import Interpreter

__all__ = ["Interpreter", "Server"]
