"""Keep something of every order for ever: one leak of each kind."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.settings import Settings
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.model.orders import Order, OrderRequest
from conformance.model.outcomes import Outcome

KEPT_OBJECTS = 10_000
"""What the one that hoards memory keeps of each order: about half a MiB."""
KILLS = ("STR-05",)
BUG = "I27"


class Hoarder(ReferenceClient):
    """Hoards whenever it places; otherwise its memories are small, so that growth can be judged."""

    def __init__(self, endpoints: Endpoints, credentials: Credentials) -> None:
        settings = Settings(orders_kept=20, fills_kept=20, updates_kept=20)
        super().__init__(endpoints, credentials, settings=settings)
        self.hoard: list[Any] = []

    async def place(self, request: OrderRequest) -> Outcome[Order]:
        self.keep()
        return await super().place(request)

    async def stop(self) -> None:
        await super().stop()
        self.let_go()
        self.hoard.clear()

    def keep(self) -> None:
        """Keep one more thing."""

    def let_go(self) -> None:
        """End what would outlive a test."""


@mutant("hoards-sockets", kills=KILLS, bug=BUG)
class HoardsSockets(Hoarder):
    """Opens a socket for every order and never closes it."""

    def keep(self) -> None:
        self.hoard.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))

    def let_go(self) -> None:
        for each in self.hoard:
            each.close()


@mutant("hoards-tasks", kills=KILLS, bug=BUG)
class HoardsTasks(Hoarder):
    """Starts a task for every order that waits for ever."""

    def keep(self) -> None:
        self.hoard.append(asyncio.get_running_loop().create_task(asyncio.Event().wait()))

    def let_go(self) -> None:
        for each in self.hoard:
            each.cancel()


@mutant("hoards-futures", kills=(*KILLS, "STR-06"), bug=BUG)
class HoardsFutures(Hoarder):
    """Makes a future for every order that nobody resolves."""

    def keep(self) -> None:
        self.hoard.append(asyncio.get_running_loop().create_future())


@mutant("hoards-memory", kills=KILLS, bug=BUG)
class HoardsMemory(Hoarder):
    """Keeps a history of every order that it never looks at."""

    def keep(self) -> None:
        self.hoard.append([bytes(16) + number.to_bytes(4) for number in range(KEPT_OBJECTS)])


@mutant("hoards-threads", kills=KILLS, bug=BUG)
class HoardsThreads(Hoarder):
    """Starts a thread for every order that waits for ever."""

    def keep(self) -> None:
        over = threading.Event()
        threading.Thread(target=over.wait, daemon=True).start()
        self.hoard.append(over)

    def let_go(self) -> None:
        for each in self.hoard:
            each.set()
