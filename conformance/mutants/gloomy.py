"""Never be ready again."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.session import Session
from conformance.contracts.adapter import Health


class _Session(Session):
    fell = False

    def _down(self) -> None:
        super()._down()
        self.fell = True


@mutant("never-ready-again", kills=("RSY-01",), bug="B141")
class NeverReadyAgain(ReferenceClient):
    """Calls itself degraded for ever once its stream was down."""

    session_type = _Session

    @property
    def health(self) -> Health:
        fell = isinstance(self._session, _Session) and self._session.fell
        now = self._health()
        return Health.DEGRADED if fell and now is Health.READY else now
