"""What happens to one request between bytes in and bytes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from conformance.contracts.dialect import ServerHalf
from conformance.gateway import plan as plans
from conformance.gateway.clock import Clock
from conformance.gateway.door import Door
from conformance.gateway.http import Connection
from conformance.gateway.plan import PUSH_LEAD_MS, Fate, Plan
from conformance.gateway.transcript import Transcript
from conformance.gateway.ws import Channel
from conformance.model.ids import Millis
from conformance.model.wire import RoundTrip, WireReply, WireRequest
from conformance.sim.hub import Hub


class Desk(Door):
    """Takes requests from connections to the server half, through the armed faults."""

    def __init__(self, half: ServerHalf, clock: Clock, transcript: Transcript, hub: Hub) -> None:
        super().__init__(clock.now, transcript, hub.failures)
        self.on_input: Callable[[str, Any, Millis], None] | None = None
        """Told of everything that goes into the server half."""
        self._half = half
        self._hub = hub
        hub.on_lost = self.lost

    def serve(
        self, request: WireRequest, pieces: tuple[bytes, ...], connection: Connection
    ) -> tuple[WireReply, RoundTrip] | None:
        """Answer at once, or return None and answer, cut or stall the connection later."""
        try:
            at = self.now()
            hub = self._hub
            if hub.due is not None:
                hub.catch_up(at)
            if self.faults and self._strikes(request, at, pieces, connection):
                return None
            if self.on_input is not None:
                self.on_input("request", request, at)
            served = self._half.handle(request, at)
            trip = self._transcript.call(request, at, served.reading, pieces)
            trip.executed = True
            if served.pushes:
                hub.publish(served.pushes)
            hub.schedule()
        except Exception as error:  # noqa: BLE001 - our own bug: kept, and told by the world
            self._fail(error, connection)
            return None
        return served.reply, trip

    def upgrade(self, connection: Connection, request: WireRequest, rest: bytes) -> None:
        """Make a WebSocket stream of a connection, or refuse."""
        if self.declines_stream(connection, request):
            return
        try:
            opened = self._hub.open(request, connection.transport, rest)
        except Exception as error:  # noqa: BLE001 - our own bug: kept, and told by the world
            self._fail(error, connection)
            return
        if isinstance(opened, Channel):
            self.live.discard(connection)
            self.live.add(opened)
        elif isinstance(opened, bytes):
            connection.transport.write(opened)
            connection.transport.close()
        else:
            reply = opened if isinstance(opened, WireReply) else WireReply(403, b"")
            connection.send_last(reply)

    def _strikes(
        self,
        request: WireRequest,
        at: Millis,
        pieces: tuple[bytes, ...],
        connection: Connection,
    ) -> bool:
        """Say whether a fault takes the request out of the usual way, and let it."""
        reading = self._half.read(request, at)
        plan = plans.make(self.faults, reading)
        if plan is None:
            return False
        self._begin(plan, self._transcript.call(request, at, reading, pieces), connection)
        return True

    def _begin(self, plan: Plan, trip: RoundTrip, connection: Connection) -> None:
        if plan.request_delay_ms:
            self._later(plan.request_delay_ms, self._carry_out, plan, trip, connection)
        else:
            # Never inside the parser: an answer may have to follow at once.
            asyncio.get_running_loop().call_soon(
                self._guarded, self._carry_out, plan, trip, connection
            )

    def _carry_out(self, plan: Plan, trip: RoundTrip, connection: Connection) -> None:
        at = self.now()
        self._hub.catch_up(at)
        reply = self._execute(plan, trip, at)
        if plan.substitute is not None:
            reply = plan.substitute(trip.request, at)
            if plan.code:
                trip.reading = trip.reading._replace(code=plan.code)
        self._hub.schedule()
        if plan.fate is Fate.CUT:
            self._cut(connection, plan)
        elif plan.fate is Fate.SENT and reply is not None:
            if plan.rewrite is not None:
                reply = plan.rewrite(reply)
            delay_ms = plan.answer_delay_ms
            if plan.push_first:
                self._hub.flush()
                delay_ms = max(delay_ms, PUSH_LEAD_MS)
            if delay_ms:
                self._later(delay_ms, self._answer, connection, reply, trip, plan)
            else:
                self._answer(connection, reply, trip, plan)

    def _execute(self, plan: Plan, trip: RoundTrip, at: Millis) -> WireReply | None:
        if not plan.executed:
            return None
        request = trip.request if plan.corrupt is None else plan.corrupt(trip.request)
        if self.on_input is not None:
            self.on_input("request", request, at)
        served = self._half.handle(request, at)
        trip.executed = True
        if plan.corrupt is None:
            trip.reading = served.reading
        else:
            # What stands in the transcript is what was sent, but for the answer.
            trip.reading = trip.reading._replace(code=served.reading.code)
        self._hub.publish(served.pushes)
        return served.reply
