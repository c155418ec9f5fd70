"""Place and cancel many orders on a stand-alone simulator and watch its memory and its ledger.

Run by ``make soak``. Fails when an order is refused, when memory grows with the number of orders,
or when the ledger does not sum to zero in the end.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from loadtests.bench.child import Child, child
from loadtests.bench.generator import drive
from loadtests.bench.orders import Signer

OK = 200
BATCH = 500
WARM_SHARE = 0.6
"""The first part of a run fills rings and caches; memory is judged after it."""
GROWTH_BYTES_MAX = 512
"""Bytes that one more order may cost for good."""


class Soaked(NamedTuple):
    """What a soak has found."""

    orders: int
    refused: int
    seconds: float
    resident_kib: Sequence[int]
    exit_code: int

    @property
    def growth_bytes(self) -> float:
        """Bytes by which memory grew for each order, after the warm part."""
        warm = int(len(self.resident_kib) * WARM_SHARE)
        kept = self.resident_kib[warm:]
        return (kept[-1] - kept[0]) * 1024 / max(1, BATCH * (len(kept) - 1))

    @property
    def sound(self) -> bool:
        """True when nothing was refused, memory is flat and the ledger is balanced."""
        return not self.refused and not self.exit_code and self.growth_bytes <= GROWTH_BYTES_MAX


async def load(server: Child, orders: int) -> tuple[int, float, list[int]]:
    """Place and cancel ``orders`` in batches; return refusals, seconds and memory."""
    clock = asyncio.get_running_loop().time
    signer = Signer(*(server.ready[name] for name in ("key", "secret", "symbol", "quantity")))
    refused = 0
    resident = [server.resident_kib()]
    begun = clock()
    for at, end in pairwise([*range(0, orders, BATCH), orders]):
        requests = list(signer.resting(end - at, server.ready["price"]))
        statuses = await drive(server.port, requests, stride=2)
        refused += statuses.total() - statuses[OK]
        resident.append(server.resident_kib())
    return refused, clock() - begun, resident


def soak(orders: int) -> Soaked:
    """Soak a simulator of its own with ``orders``."""
    with child("-m", "loadtests.bench.venue", "alone") as server:
        refused, seconds, resident = asyncio.run(load(server, orders))
    return Soaked(orders, refused, seconds, resident, server.process.returncode)


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, say what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000, help="how many to place and cancel")
    found = soak(parser.parse_args(arguments).orders)
    print(
        f"{found.orders} orders placed and cancelled in {found.seconds:.0f} s, "
        f"{found.refused} refused\n"
        f"memory {found.resident_kib[0]} to {found.resident_kib[-1]} KiB, "
        f"{found.growth_bytes:.0f} bytes for each order after the warm part\n"
        f"ledger {'sums to zero' if not found.exit_code else 'is broken'}\n"
        f"{'sound' if found.sound else 'NOT SOUND'}"
    )
    return 0 if found.sound else 1


if __name__ == "__main__":
    sys.exit(main())
