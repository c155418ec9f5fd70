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
        self._keys: dict[AccountId, str | None] = {}
        """Stream keys asked for since the last collection: no command changes who listens."""

    def __bool__(self) -> bool:
        return bool(self._sessions)

    def heard(self, account: AccountId) -> bool:
        """Say whether somebody listens to the account."""
        return self._key(account) is not None

    def send(self, account: AccountId, name: str, topic: Topic, payload: str) -> None:
        """Send an event to the listeners of an account."""
        key = self._key(account)
        if key is not None:
            self._pushes += self._hub.deliver(key, PRIVATE, topic, payload.encode(), name)

    def collect(self) -> list[Push]:
        """Return what was sent since the last time."""
        pushes, self._pushes = self._pushes, []
        self._keys.clear()
        return pushes

    def _key(self, account: AccountId) -> str | None:
        keys = self._keys
        if account not in keys:
            keys[account] = self._sessions.key(account)
        return keys[account]
