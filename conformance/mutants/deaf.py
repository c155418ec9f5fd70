"""Hear nothing before the answer."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import Execution, OrderNews


@mutant("events-before-answer-dropped", kills=("LIF-03",), bug="B028")
class EventsBeforeAnswerDropped(ReferenceClient):
    """Drops what the stream tells of an order whose answer is not there yet."""

    def _news(self, news: OrderNews) -> None:
        entry = self._orders.find(news.order.symbol, client_id=news.order.client_id)
        if entry is None or not entry.assumed:
            super()._news(news)

    def _count(self, execution: Execution) -> None:
        fill = execution.fill
        entry = self._orders.find(fill.symbol, client_id=fill.client_id)
        if entry is None or not entry.assumed:
            super()._count(execution)
