"""Keep one answer for everybody."""

from __future__ import annotations

import asyncio
from typing import Any

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.orders import Order, OrderRequest
from conformance.model.outcomes import NotSent, Outcome

_TURN_S = 0.005


@mutant("latest-answer-for-everybody", kills=("ORD-18",), bug="TexasCoding/project-x-py#85")
class LatestAnswerForEverybody(ReferenceClient):
    """Keeps the answer to an order where the answer to the next one replaces it."""

    def __init__(self, *args: Any, **parts: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **parts)
        self._latest: Outcome[Order] = NotSent("nothing was sent")

    async def place(self, request: OrderRequest) -> Outcome[Order]:
        self._latest = await super().place(request)
        await asyncio.sleep(_TURN_S)
        return self._latest
