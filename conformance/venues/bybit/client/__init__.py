"""The client half: intents to bytes, bytes to values, refusals to categories."""

from conformance.venues.bybit.client.half import Client

__all__ = ["Client"]
