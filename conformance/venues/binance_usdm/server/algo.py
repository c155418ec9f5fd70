"""The endpoints of conditional orders, which the venue calls algo orders.

Source: usds-margined-futures/trade New-Algo-Order, Cancel-Algo-Order, Query-Algo-Order,
2026-05-28; freqtrade #12681, 2026-01, for the codes of an unknown one.
"""

from __future__ import annotations

from collections.abc import Iterable

from conformance.model.commands import CancelAllConditional, CancelConditional
from conformance.model.events import ConditionalAccepted
from conformance.model.ids import Millis
from conformance.model.orders import ConditionalStatus
from conformance.model.records import ConditionalRecord
from conformance.venues.binance_usdm.facts import ENDPOINTS, FACTS
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.conditional import ALGO, read_conditional
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.params import Params, text, whole
from conformance.venues.binance_usdm.server.queries import limit_of, span
from conformance.venues.binance_usdm.server.refusals import Refused, either, invalid
from conformance.venues.binance_usdm.server.trading import CANCELLED_ALL
from conformance.venues.binance_usdm.server.waiting import placed, queried, stop_of

_TYPE = "CONDITIONAL"
_BARE_MS: Millis = FACTS["orders"]["retention_bare_ms"]
_KEPT_MS: Millis = FACTS["orders"]["retention_ms"]


class Algo:
    """Places, cancels and reads conditional orders."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._core = desk.core

    def place(self, call: Call) -> str:
        """POST /fapi/v1/algoOrder."""
        if text(call.params, "algoType") != _TYPE:
            raise invalid("algoType")
        command = read_conditional(call.params, call.account, self._desk, call.at, ALGO)
        first = self._desk.carry_out(command, call.at)[0]
        assert type(first) is ConditionalAccepted
        return placed(first.conditional, self._desk.terms[command.symbol])

    def cancel(self, call: Call) -> str:
        """DELETE /fapi/v1/algoOrder."""
        record = self._find(call.params, call)
        if record is None:
            raise Refused(-2011)
        self._desk.carry_out(CancelConditional(call.account, record.conditional_id), call.at)
        return (
            f'{{"algoId":{record.conditional_id},"clientAlgoId":"{record.command.client_id}",'
            '"code":"200","msg":"success"}'
        )

    def cancel_all(self, call: Call) -> str:
        """DELETE /fapi/v1/algoOpenOrders: 200 also when nothing waits."""
        terms = self._desk.terms_of(call)
        self._desk.carry_out(CancelAllConditional(call.account, terms.symbol), call.at)
        return CANCELLED_ALL

    def query(self, call: Call) -> str:
        """GET /fapi/v1/algoOrder."""
        record = self._find(call.params, call)
        if record is None or _forgotten(record, call.at):
            raise Refused(-2013)
        return queried(record, self._desk.terms[record.command.symbol])

    def open(self, call: Call) -> str:
        """GET /fapi/v1/openAlgoOrders."""
        terms = self._desk.terms_if_sent(call)
        sent = call.params.get("algotype")
        if sent and sent != _TYPE:
            raise invalid("algoType")
        number = whole(call.params, "algoId")
        records = self._core.open_conditionals(call.account, terms.symbol if terms else None)
        return self._rows(r for r in records if number in (None, r.conditional_id))

    def all(self, call: Call) -> str:
        """GET /fapi/v1/allAlgoOrders."""
        terms = self._desk.terms_of(call)
        first = whole(call.params, "algoId") or 0
        start, end = span(call.params, call.at)
        rows = [
            record
            for record in self._core.conditionals(call.account, terms.symbol)
            if record.conditional_id >= first
            and start <= record.created_ms <= end
            and not _forgotten(record, call.at)
        ]
        kept = limit_of(ENDPOINTS["algo-history"], call.params)
        return self._rows(rows[:kept] if first or "starttime" in call.params else rows[-kept:])

    def _find(self, params: Params, call: Call) -> ConditionalRecord | None:
        """Return the order that algoId (which wins) or clientAlgoId names."""
        number = whole(params, "algoId")
        name = params.get("clientalgoid", "")
        if number is None and not name:
            raise either("algoId", "clientAlgoId")
        if number is None:
            found = self._core.conditional(call.account, client_id=name)
        elif number > 0:
            found = self._core.conditional(call.account, conditional_id=number)
        else:
            return None
        return None if found is None or stop_of(found).legacy else found

    def _rows(self, records: Iterable[ConditionalRecord]) -> str:
        terms = self._desk.terms
        rows = (queried(r, terms[r.command.symbol]) for r in records if not stop_of(r).legacy)
        return f"[{','.join(rows)}]"


def _forgotten(record: ConditionalRecord, at: Millis) -> bool:
    """Say whether the venue has forgotten it: as orders, 3 days without a fill, 90 days else."""
    if not record.status.terminal:
        return False
    bare = record.status is not ConditionalStatus.FINISHED or (
        record.order is not None and not record.order.filled
    )
    return at - record.updated_ms > (_BARE_MS if bare else _KEPT_MS)
