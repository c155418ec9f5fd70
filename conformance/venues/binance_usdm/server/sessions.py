"""Listen keys: one active key per account, an hour long, extended by POST and PUT.

Source: usds-margined-futures/user-data-streams, 2026-05-28.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.model.ids import AccountId, Millis
from conformance.model.wire import Push, Topic
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.hub import PRIVATE, Hub
from conformance.venues.binance_usdm.server.refusals import Refused

_LIFE_MS: Millis = FACTS["streams"]["key_life_ms"]


@dataclass(slots=True)
class Session:
    """One listen key in force."""

    account: AccountId
    key: str
    ends_ms: Millis


class Sessions:
    """All listen keys in force."""

    def __init__(self, desk: Desk, hub: Hub) -> None:
        self._desk = desk
        self._hub = hub
        self._sessions: dict[AccountId, Session] = {}
        self._owners: dict[str, AccountId] = {}

    def __bool__(self) -> bool:
        return bool(self._sessions)

    def create(self, call: Call) -> str:
        """POST /fapi/v1/listenKey: make a key, or extend the one in force."""
        session = self._in_force(call.account, call.at)
        if session is None:
            session = Session(call.account, self._desk.draw(f"listen-key:{call.account}"), 0)
            self._sessions[call.account] = session
            self._owners[session.key] = call.account
        session.ends_ms = call.at + _LIFE_MS
        return f'{{"listenKey":"{session.key}"}}'

    def extend(self, call: Call) -> str:
        """PUT /fapi/v1/listenKey; a ``listenKey`` parameter is ignored."""
        session = self._in_force(call.account, call.at)
        if session is None:
            raise Refused(-1125)
        session.ends_ms = call.at + _LIFE_MS
        return f'{{"listenKey":"{session.key}"}}'

    def remove(self, call: Call) -> str:
        """DELETE /fapi/v1/listenKey: connected sockets get no more events."""
        session = self._in_force(call.account, call.at)
        if session is not None:
            self._forget(session)
        return "{}"

    def owner(self, key: str) -> AccountId | None:
        """Return whose key it is, or None when it is none in force."""
        return self._owners.get(key)

    def key(self, account: AccountId) -> str | None:
        """Return the account's key, where somebody listens to it."""
        session = self._sessions.get(account)
        return session.key if session is not None and self._hub.wanted(session.key) else None

    def expire(self, account: AccountId, at: Millis) -> list[Push]:
        """End a session: listenKeyExpired on the open sockets, which then stay silent."""
        session = self._sessions.get(account)
        if session is None:
            return []
        payload = f'{{"e":"listenKeyExpired","E":{at},"listenKey":"{session.key}"}}'.encode()
        pushes = self._hub.deliver(
            session.key, PRIVATE, Topic.STREAM_KEY, payload, "listenKeyExpired"
        )
        self._forget(session)
        return pushes

    def due(self) -> Millis | None:
        """Return when the next session with listeners ends, or None."""
        if not self._sessions:
            return None
        wanted = self._hub.wanted
        return min((s.ends_ms for s in self._sessions.values() if wanted(s.key)), default=None)

    def tick(self, at: Millis) -> list[Push]:
        """End the sessions whose hour is over."""
        over = [session.account for session in self._sessions.values() if session.ends_ms <= at]
        return [push for account in over for push in self.expire(account, at)]

    def _in_force(self, account: AccountId, at: Millis) -> Session | None:
        session = self._sessions.get(account)
        if session is not None and session.ends_ms <= at:
            self._forget(session)
            return None
        return session

    def _forget(self, session: Session) -> None:
        del self._sessions[session.account]
        del self._owners[session.key]
