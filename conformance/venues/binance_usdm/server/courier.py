"""Carries user events to whoever listens to an account."""

from __future__ import annotations

from conformance.model.ids import AccountId
from conformance.model.wire import Push, Topic
from conformance.venues.binance_usdm.server.hub import PRIVATE, Hub
from conformance.venues.binance_usdm.server.sessions import Sessions


class Courier:
    """Collects the frames that one command causes."""

    def __init__(self, hub: Hub, sessions: Sessions) -> None:
        self._hub = hub
        self._sessions = sessions
        self._pushes: list[Push] = []

    def __bool__(self) -> bool:
        return bool(self._sessions)

    def heard(self, account: AccountId) -> bool:
        """Say whether somebody listens to the account."""
        return self._sessions.key(account) is not None

    def send(self, account: AccountId, name: str, topic: Topic, payload: str) -> None:
        """Send an event to the listeners of an account."""
        key = self._sessions.key(account)
        if key is not None:
            self._pushes += self._hub.deliver(key, PRIVATE, topic, payload.encode(), name)

    def collect(self) -> list[Push]:
        """Return what was sent since the last time."""
        pushes, self._pushes = self._pushes, []
        return pushes
