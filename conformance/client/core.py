"""What stands behind the reference client's methods: its parts, its health, its beginning."""

from __future__ import annotations

import asyncio
import logging
import secrets
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import ClassVar, TypeVar

from conformance import venues
from conformance.client.courier import Courier
from conformance.client.funding import Fundings
from conformance.client.keyring import Keyring
from conformance.client.legs import Legs
from conformance.client.margin import Margin
from conformance.client.market import Market
from conformance.client.orders import Orders
from conformance.client.receipts import Receipts
from conformance.client.reconcile import Reconciler
from conformance.client.resolve import Resolver
from conformance.client.session import Session
from conformance.client.settings import Settings
from conformance.client.stream import Planner, Stream
from conformance.client.tasks import Tasks
from conformance.client.transport import Transport, tls_context
from conformance.client.wire import WireTransport
from conformance.contracts.adapter import Credentials, Endpoints, Health
from conformance.contracts.client import (
    ClientHalf,
    Execution,
    Held,
    MarginCall,
    OrderNews,
    StreamEvent,
)
from conformance.errors import AdapterError, Banned, NotAuthorised, Throttled
from conformance.guard import permit
from conformance.model.categories import Category
from conformance.model.ids import Symbol
from conformance.model.instruments import Instrument, Phase
from conformance.model.orders import Status
from conformance.model.outcomes import Accepted, Outcome, Rejected

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
_SWEEPS_AT_START = 3
_BAN_SHADOW_S = 600
"""A key may be called invalid while its address is banned (ccxt maps -2015 so)."""


class Core:
    """The parts of one client, wired together. Raises HostRefused before any byte is sent.

    A variant of the client puts parts of its own in place of those named here.
    """

    courier_type: ClassVar[type[Courier]] = Courier
    stream_type: ClassVar[type[Stream]] = Stream
    orders_type: ClassVar[type[Orders]] = Orders
    legs_type: ClassVar[type[Legs]] = Legs
    market_type: ClassVar[type[Market]] = Market
    fundings_type: ClassVar[type[Fundings]] = Fundings
    margin_type: ClassVar[type[Margin]] = Margin
    session_type: ClassVar[type[Session]] = Session
    resolver_type: ClassVar[type[Resolver]] = Resolver
    reconciler_type: ClassVar[type[Reconciler]] = Reconciler

    def __init__(
        self,
        endpoints: Endpoints,
        credentials: Credentials,
        *,
        settings: Settings | None = None,
        transport: Callable[..., Transport] = WireTransport,
    ) -> None:
        half = self._dialect(endpoints.venue)
        rest = permit(endpoints.rest, testnets=half.testnets)
        streams = permit(endpoints.streams, testnets=half.testnets)
        tls = self._trust(endpoints.ca_file) if rest.secure or streams.secure else None
        # Unlike in every run, and like in a repeated one: virtual time repeats as well.
        random = Random(f"{credentials.key} {time.time_ns()}")  # noqa: S311 - jitter
        settings = settings or Settings()
        self._half = half
        self._settings = settings
        self._stage = Health.STARTING
        self._begun = False
        self._failure: Rejected | None = None
        self._hedge = False
        self._instruments: dict[Symbol, Instrument] = {}
        self._alerts: deque[str] = deque(maxlen=settings.alerts_kept)
        self._tasks = Tasks(self._alert)

        def stream(plan: Planner) -> Stream:
            context = tls if streams.secure else None
            return self.stream_type(endpoints.streams, context, settings, random, plan)

        keyring = Keyring(half, credentials)
        lanes = transport(rest, tls if rest.secure else None, settings)
        self._courier = self.courier_type(half, keyring, lanes, settings, random)
        self._courier.on_rejected = self._rejected
        self._orders = self.orders_type(settings)
        self._legs = self.legs_type(settings)
        shared = (settings, self._tasks, self._alert)
        self._market = self.market_type(half, self._courier, stream, *shared)
        self._session = self.session_type(half, self._courier, keyring, stream, *shared)
        self._receipts = Receipts(half, self._courier, self._orders, settings)
        self._resolver = self.resolver_type(half, self._courier, self._orders, *shared)
        self._reconciler = self.reconciler_type(
            half, self._courier, self._session, self._orders, self._legs, *shared
        )
        self._fundings = self.fundings_type(half, self._courier)
        self._margin = self.margin_type(half, self._courier, self._legs, *shared)
        self._session.on_event = self._event
        self._session.on_gap = self._reconciler.ask

    def _dialect(self, venue: str) -> ClientHalf:
        half: ClientHalf = venues.load(venue).client()
        return half

    def _trust(self, ca_file: str) -> ssl.SSLContext:
        return tls_context(ca_file)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._health()})"

    def _alert(self, text: str) -> None:
        self._alerts.append(text)
        _LOG.warning("%s", text)

    def _health(self) -> Health:
        if self._stage is not Health.READY:
            return self._stage
        if self._courier.limiter.banned:
            return Health.HALTED
        sound = (
            self._session.up
            and self._market.trusted
            and not self._reconciler.pending
            and not self._resolver.troubled
            and not self._margin.called
            and not self._courier.limiter.silent_s
        )
        return Health.READY if sound else Health.DEGRADED

    async def _connect(self) -> None:
        """Measure the clock, read rules and mode, open the stream, compare."""
        if not await self._courier.sync():
            raise self._error("the venue's clock could not be measured")
        self._reconciler.since_ms = self._courier.clock.now_ms()
        self._need(await self._read_catalogue())
        self._hedge = self._need(await self._courier.send(self._half.hedge(self._any_symbol())))
        if not await self._session.open():
            raise self._error("the user stream could not be opened")
        current = False
        for _ in range(_SWEEPS_AT_START):
            current = await self._reconciler.sweep()
            if current:
                break
        if not self._reconciler.read:
            raise self._error("the account could not be read")
        self._reconciler.begin(current=current)
        self._tasks.start(self._keep_time())
        self._stage = Health.READY

    async def _read_catalogue(self) -> Outcome[Sequence[Instrument]]:
        """Take over what can be traded, and the budgets in force."""
        found: list[Instrument] = []
        call = self._half.catalogue()
        for _ in range(self._settings.pages_max):
            outcome = await self._courier.send(call)
            if not isinstance(outcome, Accepted):
                return outcome
            found += outcome.value.instruments
            self._courier.limiter.resize(outcome.value.pools)
            if outcome.value.more is None:
                break
            call = outcome.value.more
        self._instruments = {row.symbol: row for row in found}
        return Accepted(tuple(found))

    def _any_symbol(self) -> Symbol:
        trading = [row.symbol for row in self._instruments.values() if row.phase is Phase.TRADING]
        return next(iter(trading or self._instruments), "")

    def _need(self, outcome: Outcome[T]) -> T:
        if isinstance(outcome, Accepted):
            return outcome.value
        raise self._error(f"a question at the start went unanswered: {outcome}")

    def _error(self, text: str) -> AdapterError:
        """Return the error that says what the venue refused last."""
        refused = self._failure
        limiter = self._courier.limiter
        if refused is not None and refused.category is Category.AUTH:
            return NotAuthorised(f"{refused.code} {refused.text}")
        until_ms = self._courier.clock.now_ms() + int(limiter.silent_s * 1000)
        if limiter.banned:
            return Banned(text, until_ms=until_ms)
        if limiter.silent_s:
            return Throttled(text, retry_at_ms=until_ms)
        return AdapterError(text)

    def _rejected(self, refused: Rejected) -> None:
        """React to refusals that concern more than the one call."""
        self._failure = refused
        if refused.category is Category.AUTH and self._stage is not Health.STOPPED:
            shadow = time.monotonic() - self._courier.limiter.banned_until_s < _BAN_SHADOW_S
            if not (shadow and self._courier.limiter.banned_until_s):
                self._alert(f"the venue refuses the key: {refused.code}")
                self._session.halted = True
                self._stage = Health.HALTED
        elif refused.category is Category.MAINTENANCE:
            self._alert(f"the venue is closed for maintenance: {refused.code}")
            self._reconciler.ask("maintenance")

    def _event(self, event: StreamEvent) -> None:
        if isinstance(event, OrderNews):
            self._news(event)
        elif isinstance(event, Execution):
            self._count(event)
        elif isinstance(event, MarginCall):
            self._margin.call(event)
        elif isinstance(event, Held):
            self._legs.state(event)
            self._reconciler.check()

    def _news(self, news: OrderNews) -> None:
        if news.order.status is Status.UNKNOWN:
            self._alert(f"an order has a state we do not know: {news.order.reason}")
        known = self._orders.merge(news.order)
        if news.fill is not None:
            self._count(Execution(news.fill, news.order.venue_id))
        elif known.filled:
            self._reconciler.check()

    def _count(self, execution: Execution) -> None:
        fill = self._orders.count(*execution)
        if fill is not None:
            self._legs.count(fill)
        self._reconciler.check()

    async def _instrument(self, symbol: Symbol) -> Instrument | None:
        """Return the rules of a symbol, read anew once when it is not known."""
        if symbol not in self._instruments:
            await self._read_catalogue()
        return self._instruments.get(symbol)

    async def _read_mode(self) -> bool:
        outcome = await self._courier.send(self._half.hedge(self._any_symbol()))
        if isinstance(outcome, Accepted):
            self._hedge = outcome.value
        return isinstance(outcome, Accepted)

    async def _read_positions(self) -> bool:
        outcome = await self._courier.pages(self._half.positions())
        return isinstance(outcome, Accepted)

    async def _keep_time(self) -> None:
        while not self._session.halted:
            await asyncio.sleep(self._settings.clock_sync_ms / 1000)
            await self._courier.sync()

    def _visibility(self) -> Iterator[float]:
        """Yield pauses in seconds that together outlast the venue's read lag."""
        pause_ms, waited_ms = self._settings.ask_ms, 0
        while waited_ms < self._settings.visible_ms:
            yield pause_ms / 1000
            waited_ms += pause_ms
            pause_ms = min(pause_ms * 2, self._settings.ask_ms_max)

    def _fresh_id(self) -> str:
        # Not from the seeded generator: two clients of one account must never draw the same.
        return f"c{secrets.token_hex(12)}"
