"""What a stress command asks for, checked before anything starts; and its drives in order."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance import venues
from conformance.contracts.dialect import Venue
from conformance.errors import UsageError
from conformance.evidence import journal
from conformance.load import drive, rate
from conformance.load.drive import Progress, Staff
from conformance.load.plan import PROFILES, Plan
from conformance.load.record import ADAPTER, LOCUST, Record
from conformance.load.verdict import Bounds
from conformance.plugin.discovery import load_adapter
from conformance.plugin.settings import nearest

LOG = "processes.log"
RATE_MAX = 100_000.0
"""Messages a second, all bots together, beyond which a rate is a slip of the pen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One stress command, understood."""

    plan: Plan
    drives: tuple[str, ...]
    adapter: str
    workers: int
    bounds: Bounds
    report: Path
    open_at: tuple[str, int] | None = None
    """Where workers of other machines are waited for."""


def resolve(asked: Mapping[str, Any]) -> Asked:
    """Check everything that was asked; raise UsageError with a hint."""
    venue = venues.load(asked["venue"] or venues.names()[0])
    plan = _plan(venue, asked)
    bounds = Bounds(errors_max=asked["errors"], p99_ms_max=asked["p99"], lifted=asked["lifted"])
    for name, number in {"--errors": bounds.errors_max, "--p99": bounds.p99_ms_max}.items():
        if not math.isfinite(number) or number < 0:
            raise UsageError(f"{name} {number} is no bound", hint="give a number, 0 or above")
    drives = (LOCUST, ADAPTER) if asked["drive"] == "both" else (asked["drive"],)
    if asked["master"]:
        drives = (LOCUST,)  # an adapter's processes are all here
    if LOCUST in drives:
        drive.need_locust()
    if ADAPTER in drives:
        load_adapter(asked["adapter"])
    return Asked(
        plan=plan,
        drives=drives,
        adapter=asked["adapter"],
        workers=min(asked["workers"], plan.bots),
        bounds=bounds,
        report=Path(asked["report"]),
        open_at=(asked["master_host"], asked["master_port"]) if asked["master"] else None,
    )


async def carry_out(asked: Asked, *, over: asyncio.Event, progress: Progress) -> list[Record]:
    """Let each drive carry the plan out, one after the other, until ``over``.

    Raises EvidenceError when the report folder cannot be written.
    """
    journal.furnish(asked.report)
    log = asked.report / LOG
    log.unlink(missing_ok=True)
    records: list[Record] = []
    for name in asked.drives:
        if over.is_set():
            break
        staff = Staff(
            drive=name,
            adapter=asked.adapter if name == ADAPTER else "",
            workers=asked.workers,
            lifted=asked.bounds.lifted,
            open_at=asked.open_at,
            log=log,
        )
        records.append(await drive.carry_out(asked.plan, staff, over=over, progress=progress))
    return records


def _plan(venue: Venue, asked: Mapping[str, Any]) -> Plan:
    bots, symbols, growth = asked["bots"], asked["symbols"], asked["growth"]
    if asked["profile"] not in PROFILES:
        raise UsageError(
            f"there is no profile {asked['profile']!r}",
            hint=nearest(asked["profile"], list(PROFILES)),
        )
    if symbols > len(venue.listings):
        raise UsageError(
            f"{venue.name} lists {len(venue.listings)} symbols", hint="ask for fewer --symbols"
        )
    if not math.isfinite(growth) or growth < 1:
        raise UsageError(f"--growth {growth} is no growth", hint="give 1 or more, such as 10")
    profile = PROFILES[asked["profile"]]
    each = rate.rate(asked["rate"], venue, profile, bots)
    paced = asked["rate"] == "max" and profile.burst == 1.0
    steps = asked["steps"]
    if each * bots * (growth if steps > 1 else 1) > RATE_MAX:
        raise UsageError(
            f"{each:g} messages a second of each of {bots} bots is no rate",
            hint=f"at most {RATE_MAX:g} a second all together",
        )
    return Plan(
        venue=venue.name,
        bots=bots,
        rate=each,
        duration_s=rate.duration(asked["duration"]),
        symbols=symbols,
        listen=asked["listen"],
        window_s=rate.window(venue, profile),
        gap_s=rate.spacing(venue, profile) if paced else 0.0,
        profile=asked["profile"],
        growth=growth,
        steps=steps,
    )
