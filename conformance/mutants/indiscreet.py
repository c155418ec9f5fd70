"""Log what was sent, as it was sent."""

from __future__ import annotations

import logging
from typing import TypeVar

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.courier import Courier
from conformance.contracts.client import Call
from conformance.model.outcomes import Outcome

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


class _Courier(Courier):
    async def _carry(self, call: Call[T]) -> Outcome[T]:
        request = self._keyring.sign(call, self.clock.now_ms())
        _LOG.debug("%s %s?%r %s", request.method, request.path, request.query, request.headers)
        return await super()._carry(call)


@mutant(
    "requests-logged-whole",
    kills=("LOG-01", "LOG-02"),
    bug="binance/binance-futures-connector-python#256",
)
class RequestsLoggedWhole(ReferenceClient):
    """Logs addresses and headers as they are sent, key and signature among them."""

    courier_type = _Courier
