"""Be ready, whatever the venue says."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.adapter import Health
from conformance.errors import AdapterError


@mutant("ready-without-login", kills=("SIG-10",), bug="NT")
class ReadyWithoutLogin(ReferenceClient):
    """Calls itself ready although the venue has refused its signature."""

    @property
    def health(self) -> Health:
        """Say what sounds best."""
        return Health.READY

    async def start(self) -> None:
        """Begin, and let nobody know when that fails."""
        try:
            await super().start()
        except AdapterError as error:
            self._alert(f"did not start: {error}")
