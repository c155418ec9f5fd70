"""Measure, say what was found, and write ``docs/benchmarks.md`` and its picture."""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from conformance.client import ReferenceClient
from conformance.evidence import journal
from conformance.model.instruments import Listing
from conformance.venues import load
from loadtests import day
from loadtests.bench import book, clients, growth, signing, stress
from loadtests.bench.child import ROOT, Child, child
from loadtests.bench.generator import CONNECTIONS, drive, listening
from loadtests.bench.orders import SECRET, Signer
from loadtests.bench.report import Measure, page, picture

OK = 200
ORDER_PUSH = "ORDER_TRADE_UPDATE"
"""At least one must come for every request, else the round fails."""
PUSHES_TIMEOUT_S, POLL_S = 60, 0.005
ROUNDS = 5
SERVER_TARGET = 4.0
CLIENT_TARGET = 1.0
HEARD = {"told to a user stream": True, "nobody listening": False}
Requests = Callable[[Signer], Sequence[bytes]]


def spent_us(
    server: Child, signer: Signer, requests: Requests, stride: int, *, heard: bool = False
) -> float:
    """Return the server's processor time for one of ``requests``, in microseconds.

    ``heard``: an open user stream hears what becomes of every order; all of it is waited for.
    """
    made = list(requests(signer))

    async def load() -> tuple[Counter[int], float]:
        before = server.cpu_us()
        statuses = await drive(server.port, made, stride=stride)
        return statuses, server.cpu_us() - before

    async def load_and_listen() -> tuple[Counter[int], float]:
        before = server.cpu_us()
        async with listening(server.port, signer.key) as pushes, asyncio.timeout(PUSHES_TIMEOUT_S):
            statuses = await drive(server.port, made, stride=stride)
            while pushes[ORDER_PUSH] < len(made):  # noqa: ASYNC110 - a counter has no event
                await asyncio.sleep(POLL_S)
        return statuses, server.cpu_us() - before

    statuses, spent = asyncio.run(load_and_listen() if heard else load())
    if statuses[OK] != len(made):
        raise RuntimeError(f"refusals would be compared with orders: {statuses}")
    return spent / len(made)


def served(name: str, requests: Requests, stride: int, rounds: int, *, heard: bool) -> Measure:
    """Compare the simulator with the bare server, in turn, after one round to warm up."""
    with (
        child("-m", "loadtests.bench.venue") as venue,
        child("-m", "loadtests.bench.floor") as floor,
    ):
        ready = venue.ready
        known = Signer(ready["key"], ready["secret"], ready["symbol"], ready["quantity"])
        pairs = [
            (
                spent_us(venue, known, requests, stride, heard=heard),
                spent_us(floor, known._replace(secret=SECRET), requests, stride),
            )
            for _ in range(rounds + 1)
        ][1:]
    ours, bare = zip(*pairs, strict=True)
    target = SERVER_TARGET if heard else None
    return Measure(name, "simulator", "bare HMAC server", ours, bare, target)


def sent(orders: int, rounds: int) -> Measure:
    """Compare the reference client with ccxt on the same venue."""
    with child("-m", "loadtests.bench.venue") as venue:
        ours, theirs = asyncio.run(clients.compared(venue.ready, orders, rounds))
    return Measure("client, one request", "reference", "ccxt async", ours, theirs, CLIENT_TARGET)


def matched(commands: int, rounds: int) -> Measure:
    """Compare the engine with a bare book on the same story."""
    listing, steps = _story(commands)
    pairs = [(book.engine_us(listing, steps), book.bare_us(steps)) for _ in range(rounds)]
    ours, bare = zip(*pairs, strict=True)
    return Measure("engine, one command", "engine", "bare bisect book", ours, bare)


def _story(commands: int) -> tuple[Listing, list[book.Step]]:
    listing = load("binance_usdm").listings[0]
    return listing, book.story(commands, int(listing.initial_price / listing.tick))


def measures(orders: int, rounds: int) -> list[Measure]:
    """Run every comparison."""
    price = f"{load('binance_usdm').listings[0].initial_price * 9 / 10:.2f}"

    def taking(signer: Signer) -> list[bytes]:
        return list(signer.taking(orders))

    def resting(signer: Signer) -> list[bytes]:
        return list(signer.resting(orders // 2, price))

    return [
        *(
            served(f"market order, {told}", taking, 1, rounds, heard=heard)
            for told, heard in HEARD.items()
        ),
        *(
            served(f"limit order, {told}", resting, 2, rounds, heard=heard)
            for told, heard in HEARD.items()
        ),
        sent(orders // 4, rounds),
        signing.made(orders, rounds),
        signing.believed(orders, rounds),
        matched(orders * 5, rounds),
        *stress.measures(orders, rounds),
    ]


DAY_CUTS = 50
"""How often the streams are lost in the day that is lived in virtual time."""


def case_ms(area: str) -> tuple[int, float]:
    """Run an area of cases against the reference client; return how many and their median."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("conformance")), "run", "--workers", "0"]
        subprocess.run(  # noqa: S603 - our own command
            [*command, "--report", folder, *(["--case", area] if area else [])],
            check=False,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
        )
        records = journal.read(Path(folder))
    took = [each["duration_ms"] for each in records if each["kind"] == "case-finished"]
    return len(took), median(took)


def notes(area: str, orders: int) -> list[str]:
    """Say what the figures contain."""
    cases, typical_ms = case_ms(area)
    lived = day.play(ReferenceClient, orders=orders, cuts=min(orders, DAY_CUTS))
    return [
        *stress.notes(orders),
        (
            f"Virtual time: {lived.virtual_s / 3600:.0f} hours of the reference client with "
            f"{lived.orders} orders and {lived.cuts} lost connections took {lived.busy_s:.0f} s of "
            f"the processor: {lived.virtual_s / lived.busy_s:,.0f} virtual seconds a second. "
            f"{'Client and exchange agreed.' if not lived.findings else 'NOT SOUND.'}"
        ),
        (
            f"Harness: {cases} cases against the reference client, in one process; a case takes "
            f"{typical_ms:.0f} ms of real time in the median, its world and its evidence included."
        ),
        (
            f"Server side: {CONNECTIONS} raw connections in a closed loop send orders signed "
            "beforehand; only the server process is counted, and both servers run on the event "
            "loop of the standard library. The simulator checks limits, time and the signature "
            "over the received bytes, matches, settles, charges fees, answers, pushes to the "
            "account's stream and records everything as evidence; the bare server parses, checks "
            "the same signature and answers a constant, and pushes nothing."
        ),
        (
            "One market order is one signed request that trades at once with one resting order of "
            "another account (buys and sells in turn), books both sides of the trade, and is told "
            "in four frames: ORDER_TRADE_UPDATE (NEW), TRADE_LITE, ACCOUNT_UPDATE, "
            "ORDER_TRADE_UPDATE (FILLED). One limit order is one signed request that either rests "
            "an order or cancels it, in turn, and is told in one ORDER_TRADE_UPDATE."
        ),
        (
            "Client side: eight orders in flight, each placed and cancelled; signing, budget, "
            "transport and state of the reference client, its user stream included, against "
            "ccxt's `create_order` and `cancel_order` with the rate limiter off."
        ),
        (
            "Signatures: one limit order from the trader's intent to the bytes that leave, by the "
            "client half and by ccxt's `create_order_request` and `sign`; and one such request "
            "taken apart and believed by the simulator, against `hmac.digest` over the same text."
        ),
        (
            "Engine: the same mix of 65 % limit orders and 35 % cancellations; the bare book has "
            "no accounts, margin, fees, filters or events. Growth: the same story before crowds of "
            "other sizes."
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=4_000, help="requests of one round")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds, of which the median")
    parser.add_argument("--resting", type=int, default=1_000_000, help="how far the crowd grows")
    parser.add_argument("--area", default="", help="time the cases of one area only")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="where to write")
    chosen = parser.parse_args(arguments)
    found = measures(chosen.orders, chosen.rounds)
    for measure in found:
        print(
            f"{measure.name:34} {median(measure.subject_us):8.1f} us"
            f"{median(measure.reference_us):8.1f} us  ratio {measure.ratio:.2f}"
        )
    grown = growth.grown(*_story(chosen.orders * 5), chosen.resting)
    told = notes(chosen.area, chosen.orders * 5 // 4)
    pages = {
        "benchmarks.md": page(found, growth.table(grown), told),
        "benchmarks.svg": picture(found),
        "growth.svg": growth.chart(grown),
    }
    for name, text in pages.items():
        (chosen.out / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
