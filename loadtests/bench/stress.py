"""What the load runs themselves cost: a user of ours, a second process, a sample counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from random import Random

from hdrh.histogram import HdrHistogram

from conformance.load.histogram import DIGITS, HIGHEST_US, LOWEST_US, Latencies
from loadtests.bench.child import ROOT, child
from loadtests.bench.report import Measure

USERS = "loadtests/bench/users.py"
KEPT_MIN = 0.7
"""Part of the bare user's rate that a user of ours must reach."""
SAMPLES = 200_000
SAMPLE_US_MAX = 2.0
GAIN_MIN = 1.8
"""By what factor two processes must send more than one, where there are cores for both."""


def measures(requests: int, rounds: int) -> list[Measure]:
    """Run every comparison."""
    with child("-m", "loadtests.bench.floor") as floor:
        rest = floor.ready["rest"]
        pairs = [
            (_run("Signed", rest, requests)[0][0], _run("Bare", rest, requests)[0][0])
            for _ in range(rounds)
        ]
    signed, bare = zip(*pairs, strict=True)
    samples = [_counted() for _ in range(rounds)]
    ours, theirs = zip(*samples, strict=True)
    return [
        Measure("locust, signed order", "our user", "bare user", signed, bare, 1 / KEPT_MIN),
        Measure("histogram, one latency", "counted", "record_value", ours, theirs),
    ]


def notes(requests: int) -> list[str]:
    """Say what is measured in real time, and so on this machine at this hour only."""
    with child("-m", "loadtests.bench.floor") as floor:
        rest = floor.ready["rest"]
        alone = sum(rate for _, rate in _run("Signed", rest, requests))
        both = sum(rate for _, rate in _run("Signed", rest, requests, processes=2))
    best_us = min(_counted()[0] for _ in range(3))
    return [
        (
            f"Two locust processes sent {both / alone:.2f} times as many signed orders a second as "
            f"one (wanted ≥ {GAIN_MIN:g} on two idle cores; the bare HMAC server shares them)."
        ),
        f"Counting one latency took {best_us:.2f} us at best (wanted ≤ {SAMPLE_US_MAX:g} us).",
    ]


def _run(user: str, rest: str, requests: int, *, processes: int = 1) -> list[tuple[float, float]]:
    """Let users work, one a process; return each one's cost in us and its rate a second."""
    command = [sys.executable, "-m", "locust", "-f", USERS, user, "--headless", "-u", "1"]
    started = [
        subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--only-summary", "--loglevel", "ERROR"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env=os.environ
            | {
                "CONFORMANCE_BENCH": json.dumps({"rest": rest, "requests": requests}),
                "PYTHONPATH": str(ROOT),
            },
        )
        for _ in range(processes)
    ]
    told = [_told(each.communicate()[0].splitlines()) for each in started]
    return [(each["us"], each["rate"]) for each in told]


def _told(lines: Sequence[str]) -> dict[str, float]:
    for line in lines:
        if line.startswith("{"):
            found: dict[str, float] = json.loads(line)
            return found
    raise RuntimeError("a user was refused: errors would be compared with orders")


def _counted() -> tuple[float, float]:
    """Return what counting one latency costs, ours and HdrHistogram's own, in microseconds."""
    chance = Random(1)  # noqa: S311 - figures, not secrets
    values = [int(chance.lognormvariate(7, 2)) + 1 for _ in range(SAMPLES)]
    mine, theirs = Latencies(), HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
    costs = []
    for record in (mine.record, theirs.record_value):
        begun = time.process_time_ns()
        for us in values:
            record(us)
        costs.append((time.process_time_ns() - begun) / SAMPLES / 1_000)
    return costs[0], costs[1]
