"""What holds in every world, whatever venue is behind it: waiting, naming, legal values."""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from types import TracebackType
from typing import Any, Protocol, Self

from conformance.contracts import faults
from conformance.contracts import world as contracts
from conformance.contracts.adapter import Adapter, AdapterFactory, Credentials, Endpoints
from conformance.contracts.dialect import ErrorRow, Venue
from conformance.contracts.oracle import Oracle, Testimony
from conformance.errors import Beyond, Finding, WorldError
from conformance.gateway.clock import Clock
from conformance.gateway.door import Door
from conformance.gateway.plan import Armed
from conformance.gateway.streams import Streams
from conformance.gateway.transcript import Transcript
from conformance.model.capabilities import Way
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Listing
from conformance.model.orders import OrderRequest, PositionSide, Side
from conformance.model.wire import WireRequest

POLL_FIRST_S, POLL_LAST_S, POLL_GROWTH = 0.001, 0.025, 1.5
"""How often a condition is looked at: often at first, then less."""
CLIENT_ID_CHARS = re.compile(r"[^A-Za-z0-9]")
LABEL_CHARS_MAX = 12
SYMBOLS_MIN = 3
GOODBYE_TURNS_MAX = 1000
"""Loop turns that a killed adapter's tasks may take to end."""


class Troubles(faults.Faults, Protocol):
    """The faults of a world, with what whoever runs cases must know of them."""

    planned: list[Armed]
    """Every fault ever armed; one with ``delivered == 0`` never struck."""

    def seal(self) -> Armed:
        """Reset every new connection until withdrawn; not one of a case's planned faults."""


class Front(Protocol):
    """What stands between a testee and its venue: sockets, streams and a clock."""

    @property
    def desk(self) -> Door:
        """Where the testee's connections come in."""

    @property
    def hub(self) -> Streams:
        """The testee's WebSocket streams."""

    @property
    def clock(self) -> Clock:
        """The clock by which the transcript is stamped."""

    def check(self) -> None:
        """Raise what went wrong inside our own house."""

    def owns(self, task: asyncio.Task[Any]) -> bool:
        """Say whether a task is the house's own."""


class Silent:
    """Stands for witnesses where nobody has called any."""

    def testify(self, request: WireRequest, credentials: Credentials) -> Sequence[Testimony]:
        """Return nothing."""
        del request, credentials
        return ()


class Ground(ABC):
    """The ground that worlds stand on, to be opened by ``async with``.

    ``factory`` makes the testee, so that ``restart`` works. What opens and closes it, each world
    says by ``open`` and ``close``.
    """

    truth: contracts.Truth
    market: contracts.Market
    faults: Troubles
    wire: Transcript
    endpoints: Endpoints

    def __init__(
        self, venue: Venue, credentials: Credentials, *, seed: int = 0, case_id: str = ""
    ) -> None:
        if len(venue.listings) < SYMBOLS_MIN:
            raise WorldError(
                f"{venue.name} lists fewer than {SYMBOLS_MIN} symbols", hint="add listings"
            )
        self.seed = seed
        self.case_id = case_id
        self.factory: AdapterFactory | None = None
        self.on_killed: Callable[[], None] = lambda: None
        """Told when adapters were killed without goodbye."""
        self.symbols: Sequence[Symbol] = tuple(listing.symbol for listing in venue.listings)
        self.symbol: Symbol = self.symbols[0]
        self.errors: Sequence[ErrorRow] = venue.errors
        self.limits: Mapping[str, tuple[int, int]] = {
            name: (row["units"], row["window_ms"])
            for name, row in venue.facts.get("limits", {}).items()
        }
        self.credentials = credentials
        self.key_kinds: Sequence[str] = tuple(venue.key_kinds)
        self.oracle: Oracle = Silent()
        self._venue = venue
        self._client_ids = 0
        self._siblings: list[Adapter] = []
        self._bystanders: set[asyncio.Task[Any]] = set()

    def require(self, way: Way) -> None:
        """Raise Beyond unless the venue does this."""
        if way not in self._venue.ways:
            raise Beyond(f"the venue does not do {way}")

    async def __aenter__(self) -> Self:
        self._bystanders = asyncio.all_tasks()
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sibling in self._siblings:
            await sibling.stop()
        await self.close(failed=kind is not None)

    @abstractmethod
    async def open(self) -> None:
        """Open, and set ``endpoints``."""

    @abstractmethod
    async def close(self, *, failed: bool) -> None:
        """Close; raise what went wrong inside. ``failed``: what was played here raised already."""

    @property
    @abstractmethod
    def front(self) -> Front:
        """What stands before the venue."""

    @property
    def door(self) -> Door:
        """Where the testee's connections come in."""
        return self.front.desk

    @property
    def streams(self) -> Streams:
        """The testee's WebSocket streams."""
        return self.front.hub

    @property
    def clock(self) -> Clock:
        """The clock by which the transcript is stamped."""
        return self.front.clock

    def check(self) -> None:
        """Raise what went wrong inside our own house."""
        self.front.check()

    def owns(self, task: asyncio.Task[Any]) -> bool:
        """Say whether a task is the world's own."""
        return self.front.owns(task)

    @abstractmethod
    def listing_of(self, symbol: Symbol) -> Listing:
        """Rules of any symbol."""

    @abstractmethod
    def mark(self, symbol: Symbol) -> Decimal:
        """Return the mark price, or what comes nearest to it."""

    @abstractmethod
    def now(self) -> Millis:
        """Return the venue's time."""

    @property
    def listing(self) -> Listing:
        """Rules of ``symbol``."""
        return self.listing_of(self.symbol)

    def play(
        self, story: str, *, symbol: Symbol = "", seed: int | None = None
    ) -> contracts.Performance:
        """Raise Beyond: a story needs a venue whose every participant is ours."""
        del symbol, seed
        raise Beyond(f"at a venue that is not ours, nobody can play {story}")

    def reference_price(self, symbol: Symbol = "") -> Decimal:
        """Return a legal price near mark."""
        listing = self.listing_of(symbol)
        return listing.prices.value(listing.prices.floor(self.mark(listing.symbol)))

    def price(self, ticks_away: int, side: Side, symbol: Symbol = "") -> Decimal:
        """Return a legal price ``ticks_away`` ticks behind the reference.

        A buy is lower, a sell higher; below zero crosses the reference.
        """
        listing = self.listing_of(symbol)
        return self.reference_price(symbol) - side.sign * ticks_away * listing.tick

    def quantity(self, lots: int = 0, symbol: Symbol = "") -> Decimal:
        """Return a legal quantity ``lots`` steps above the least that satisfies all filters."""
        listing = self.listing_of(symbol)
        return listing.quantities.value(least_lots(listing, self.mark(listing.symbol)) + lots)

    def client_id(self, label: str = "") -> str:
        """Return a legal client order id, unique in this world, that names the case."""
        self._client_ids += 1
        case = CLIENT_ID_CHARS.sub("", self.case_id)
        name = CLIENT_ID_CHARS.sub("", label)[:LABEL_CHARS_MAX]
        return f"{case or 'c'}{name}x{self.seed % 10_000}x{self._client_ids}"

    def request(
        self,
        side: Side = Side.BUY,
        *,
        ticks_away: int = 200,
        lots: int = 0,
        symbol: Symbol = "",
        client_id: str = "",
        position_side: PositionSide = PositionSide.NET,
    ) -> OrderRequest:
        """Return a legal resting limit order with a fresh client id."""
        listing, price = self.listing_of(symbol), self.price(ticks_away, side, symbol)
        least = least_lots(listing, self.mark(listing.symbol), price)
        return OrderRequest(
            symbol=listing.symbol,
            side=side,
            quantity=listing.quantities.value(least + lots),
            price=price,
            position_side=position_side,
            client_id=client_id or self.client_id(),
        )

    async def until(
        self, condition: Callable[[], object], *, within_ms: int = 5_000, what: str = ""
    ) -> None:
        """Wait until ``condition()`` is true; raise Finding naming ``what`` when it is not in time.

        Time is the testee's: in virtual time a long wait costs nothing.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + within_ms / 1000
        pause = POLL_FIRST_S
        while not condition():
            self.check()
            left = end - loop.time()
            if left <= 0:
                claim = what or "the awaited condition comes true"
                raise Finding(claim, expected=f"within {within_ms} ms", observed="not in time")
            await asyncio.sleep(min(pause, left))
            pause = min(pause * POLL_GROWTH, POLL_LAST_S)

    async def quiet(self, for_ms: int = 100) -> None:
        """Let ``for_ms`` pass, so that everything under way arrives."""
        await asyncio.sleep(for_ms / 1000)
        self.check()

    async def restart(self, adapter: Adapter) -> Adapter:
        """Kill the adapter without goodbye and start a new one for the same account.

        Its connections break, its tasks are cancelled, and what they try on their way out is
        refused: the venue hears as little of it as of a killed process.
        """
        del adapter
        if self.factory is None:
            raise WorldError("this world knows no adapter factory", hint="set world.factory")
        refusal = self.faults.seal()
        self.door.cut()
        await self._bury()
        refusal.withdraw()
        self.on_killed()
        again = self.factory(self.endpoints, self.credentials)
        await again.start()
        return again

    def enrol(self, kind: str) -> Credentials:
        """Raise Beyond: only a venue that is ours takes new keys."""
        raise Beyond(f"in this world, nobody can make a key of the kind {kind}")

    async def sibling(self, credentials: Credentials | None = None) -> Adapter:
        """Start one more adapter for the same account; it is stopped with the world."""
        if self.factory is None:
            raise WorldError("this world knows no adapter factory", hint="set world.factory")
        sibling = self.factory(self.endpoints, credentials or self.credentials)
        self._siblings.append(sibling)
        await sibling.start()
        return sibling

    async def _bury(self) -> None:
        """Cancel every task that was born in this world, but the caller's."""
        mine = asyncio.current_task()
        for _ in range(GOODBYE_TURNS_MAX):
            dying = {
                task
                for task in asyncio.all_tasks() - self._bystanders
                if task is not mine and not self.owns(task)
            }
            if not dying:
                return
            for task in sorted(dying, key=asyncio.Task.get_name):
                task.cancel()
            await asyncio.sleep(0)
        raise WorldError(
            f"{len(dying)} tasks of the killed adapter do not end: {dying}",
            hint="let cancelled tasks end",
        )


_HALF = Decimal("0.5")


def least_lots(listing: Listing, mark: Decimal, price: Decimal | None = None) -> int:
    """Return the least quantity, in lots, that is legal at ``price`` and all over the band.

    Where the core has no band, as the venue keeps one of its own, it reaches down to half of mark.
    """
    lowest = mark * (listing.band_down or _HALF)
    worth = min(lowest, lowest if price is None else price) * listing.contract_size * listing.step
    return max(
        listing.min_lots, int((listing.min_notional / worth).to_integral_value(ROUND_CEILING))
    )
