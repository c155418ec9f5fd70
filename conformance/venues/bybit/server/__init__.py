"""The server half: what Bybit v5 answers, as pure protocol logic."""

from conformance.venues.bybit.server.half import Server

__all__ = ["Server"]
