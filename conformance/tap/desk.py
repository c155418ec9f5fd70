"""What happens to one request between the client and the venue behind the tap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from conformance.contracts.dialect import ServerHalf
from conformance.errors import WorldError
from conformance.gateway import plan as plans
from conformance.gateway.clock import Clock
from conformance.gateway.door import Door
from conformance.gateway.http import Connection
from conformance.gateway.plan import PUSH_LEAD_MS, Fate, Plan
from conformance.gateway.transcript import Transcript
from conformance.gateway.ws import Channel
from conformance.model.wire import RoundTrip, WireReply, WireRequest
from conformance.tap.hub import Hub
from conformance.tap.tunnel import Tunnel
from conformance.tap.upstream import Lost, Pipe, Unreachable, Upstream


class Desk(Door):
    """Passes requests on to the venue, one upstream connection for each of the client's."""

    tunnels = True

    def __init__(
        self,
        sight: ServerHalf,
        upstream: Upstream,
        clock: Clock,
        transcript: Transcript,
        hub: Hub,
        tunnel: Tunnel,
    ) -> None:
        super().__init__(clock.now, transcript, hub.failures)
        self._sight = sight
        self._upstream = upstream
        self._hub = hub
        self._tunnel = tunnel
        self._pipes: dict[object, Pipe] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        hub.on_lost = self.lost

    def serve(
        self, request: WireRequest, pieces: tuple[bytes, ...], connection: Connection
    ) -> None:
        """Take note of a request and pass it on; the answer follows."""
        try:
            at = self.now()
            reading = self._sight.read(request, at)
            plan = plans.make(self.faults, reading) or Plan()
            trip = self._transcript.call(request, at, reading, pieces)
        except Exception as error:  # noqa: BLE001 - our own bug: kept, and told by the world
            self._fail(error, connection)
            return
        self._start(self._carry(plan, trip, connection), connection)

    def upgrade(self, connection: Connection, request: WireRequest, rest: bytes) -> None:
        """Make a stream or a tunnel of a connection, or refuse."""
        if request.method == "CONNECT":
            refusal = self._tunnel.open(connection.transport, request.path)
            if refusal is None:
                self.lost(connection)
            else:
                connection.send_last(refusal)
            return
        if self.declines_stream(connection, request):
            return
        connection.transport.pause_reading()
        self._start(self._stream(connection, request, rest), connection)

    def lost(self, connection: object) -> None:
        """Forget a connection; a request of it that is under way goes on to its end."""
        super().lost(connection)
        if not any(task.get_name() == str(id(connection)) for task in self._tasks):
            self._release(connection)

    def owns(self, task: asyncio.Task[Any]) -> bool:
        """Say whether a task is the tap's own."""
        return task in self._tasks

    async def close(self) -> None:
        """Cut every connection on either side."""
        await super().close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self._pipes):
            self._release(connection)

    async def _carry(self, plan: Plan, trip: RoundTrip, connection: Connection) -> None:
        if plan.request_delay_ms:
            await asyncio.sleep(plan.request_delay_ms / 1000)
        reply = await self._execute(plan, trip, connection)
        if plan.substitute is not None:
            reply = plan.substitute(trip.request, self.now())
            if plan.code:
                trip.reading = trip.reading._replace(code=plan.code)
        if plan.fate is Fate.STALLED:
            return
        if plan.fate is Fate.CUT or reply is None:
            self._transcript.cut(trip)
            self._cut(connection, plan)
            return
        if plan.rewrite is not None:
            reply = plan.rewrite(reply)
        delay_ms = plan.answer_delay_ms
        if plan.push_first:
            delay_ms = max(delay_ms, PUSH_LEAD_MS)
        if delay_ms:
            await asyncio.sleep(delay_ms / 1000)
        if plan.push_first:
            self._hub.flush()
        self._answer(connection, reply, trip, plan)

    async def _execute(
        self, plan: Plan, trip: RoundTrip, connection: Connection
    ) -> WireReply | None:
        """Let the venue answer; None when it is not asked, or did not."""
        if not plan.executed:
            return None
        pipe = self._pipes.setdefault(connection, Pipe(self._upstream))
        try:
            trip.executed = True
            request = trip.request if plan.corrupt is None else plan.corrupt(trip.request)
            reply = await pipe.exchange(request)
        except Unreachable as error:
            trip.executed = False
            raise WorldError(
                f"the venue behind the tap cannot be reached: {error}", hint="is it running?"
            ) from error
        except Lost:
            return None
        trip.reading = trip.reading._replace(code=self._sight.code(reply))
        return reply

    async def _stream(self, connection: Connection, request: WireRequest, rest: bytes) -> None:
        opened = await self._hub.open(request, connection.transport, rest)
        if connection not in self.live:
            return
        if isinstance(opened, Channel):
            self.live.discard(connection)
            self.live.add(opened)
        elif isinstance(opened, WireReply):
            self._transcript.declined(request, opened, self.now())
            connection.send_last(opened)
        elif isinstance(opened, bytes):
            connection.transport.write(opened)
            connection.transport.close()
        else:
            connection.cut()

    def _start(self, work: Coroutine[Any, Any, None], connection: Connection) -> None:
        name = str(id(connection))
        task = asyncio.get_running_loop().create_task(self._kept(work, connection), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended(connection))

    def _ended(self, connection: Connection) -> Callable[[asyncio.Task[None]], None]:
        def forget(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if connection not in self.live:
                self._release(connection)

        return forget

    async def _kept(self, work: Coroutine[Any, Any, None], connection: Connection) -> None:
        """Do something; keep what goes wrong, for the world to tell."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - our own bug, or no venue: told by the world
            self._fail(error, connection)

    def _release(self, connection: object) -> None:
        pipe = self._pipes.pop(connection, None)
        if pipe is not None:
            pipe.close()
