"""Read no history."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.reconcile import Reconciler


class _Reconciler(Reconciler):
    async def _history(self, symbols: Iterable[str]) -> bool:  # noqa: ARG002 - the fault
        return True


@mutant("fill-history-not-read", kills=("LIF-14", "RSY-07", "RSY-08", "UNK-04"), bug="B045")
class FillHistoryNotRead(ReferenceClient):
    """Learns after a gap that an order was filled, but not by which executions."""

    reconciler_type = _Reconciler
