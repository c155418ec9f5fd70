"""Never ask what was missed."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.reconcile import Reconciler


class _Reconciler(Reconciler):
    def ask(self, reason: str) -> None:
        """Want nothing."""

    def check(self) -> None:
        """Look at nothing."""

    async def _poll(self) -> None:
        """Compare nothing."""


@mutant("gap-not-reconciled", kills=("MON-34", "RSY-08", "RSY-18"), bug="B139")
class GapNotReconciled(ReferenceClient):
    """Reconnects without asking what happened in between."""

    reconciler_type = _Reconciler
