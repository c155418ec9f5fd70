"""What every server half does in the same way: keys, commands from outside, and what is due."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from conformance.contracts.adapter import Credentials
from conformance.contracts.core import Core
from conformance.model.commands import Command
from conformance.model.events import CommandRefused, Event
from conformance.model.ids import AccountId, Millis
from conformance.model.wire import Push
from conformance.venues.keys import Keyring, key


class Front(ABC):
    """The venue-neutral part of ``contracts.dialect.ServerHalf``; a dialect adds its words."""

    def __init__(self, core: Core, keys: Keyring) -> None:
        self._core = core
        self._keys = keys
        self._outbox: list[Push] = []

    def add_key(self, credentials: Credentials, account: AccountId) -> None:
        """Make ``credentials`` valid for ``account``."""
        self._keys.add(credentials.key, key(credentials.kind, credentials.secret), account)

    def revoke_key(self, key: str) -> None:
        """Make ``key`` invalid from now on."""
        self._keys.revoke(key)

    def command(self, command: Command, at: Millis) -> Sequence[Push]:
        """Apply a command from outside the wire; raise ValueError when the core refuses it."""
        self._catch_up(at)
        events = self._core.apply(command, at)
        for event in events:
            if isinstance(event, CommandRefused):
                why = f"{event.reason} {event.detail}".rstrip()
                raise ValueError(f"{command} was refused: {why}")  # noqa: TRY004 - the contract
        self._publish(events, at)
        return self._sent()

    @abstractmethod
    def _publish(self, events: tuple[Event, ...], at: Millis) -> None:
        """Tell whoever listens what happened, into the outbox."""

    def _catch_up(self, at: Millis) -> None:
        """Let the core do by itself what was due before."""
        due = self._core.due()
        if due is not None and due <= at:
            self._publish(self._core.advance(at), at)

    def _sent(self) -> Sequence[Push]:
        """Empty the outbox."""
        sent, self._outbox = self._outbox, []
        return sent
