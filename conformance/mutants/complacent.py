"""Trust a stream that says nothing."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.reconcile import Reconciler


class _Reconciler(Reconciler):
    async def _poll(self) -> None:
        """Compare nothing while the stream is open."""


@mutant("mute-stream-trusted", kills=("RSY-07",), bug="B137")
class MuteStreamTrusted(ReferenceClient):
    """Takes the silence of an open stream for calm."""

    reconciler_type = _Reconciler
