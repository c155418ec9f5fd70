"""What a benchmark run found, as a page and a picture."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

WIDTH, ROW, LABEL, SCALE = 720, 46, 250, 360
VERSIONS = ("exchange-conformance", "httptools", "httpx", "websockets", "ccxt", "msgspec")


class Measure(NamedTuple):
    """Processor time of a subject and of its reference, microseconds, taken in turn."""

    name: str
    subject: str
    reference: str
    subject_us: Sequence[float]
    reference_us: Sequence[float]
    target: float | None = None

    @property
    def ratio(self) -> float:
        """Median of the subject over median of the reference."""
        return median(self.subject_us) / median(self.reference_us)


def machine() -> str:
    """Return the facts without which figures mean nothing."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.partition(":")[2].strip()
            for line in cpuinfo.read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ]
        model = names[0] if names else model
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    packages = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {model}, {os.cpu_count()} cores, load {load}, "
        f"{platform.system()}, {platform.python_implementation()} {platform.python_version()}, "
        f"{packages}."
    )


def page(measures: Sequence[Measure], growth: Sequence[str], notes: Sequence[str]) -> str:
    """Return the whole of ``docs/benchmarks.md``."""
    rows = [
        f"| {m.name} | {m.subject}: {_spread(m.subject_us)} "
        f"| {m.reference}: {_spread(m.reference_us)} | {m.ratio:.2f} | {_target(m)} |"
        for m in measures
    ]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench`. Processor time (user and system) of the process under test,",
            "in microseconds: median (least to most) of rounds in which subject and reference take",
            "turns. Only the ratios can be carried to another machine.",
            "",
            "| what | subject | reference | ratio | target |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "![ratios](benchmarks.svg)",
            "",
            "## Growth",
            "",
            *growth,
            "",
            "![growth](growth.svg)",
            "",
            "## What the figures contain",
            "",
            *(f"- {note}" for note in notes),
            "",
            f"Measured on: {machine()}",
            "",
        ]
    )


def picture(measures: Sequence[Measure]) -> str:
    """Return the ratios as bars, the reference being the line at 1."""
    most = max(1.0, *(max(m.ratio, m.target or 0) for m in measures))
    unit = SCALE / most
    height = ROW * len(measures) + 40
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="sans-serif" font-size="13">'
        ),
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for number, m in enumerate(measures):
        top = 12 + ROW * number
        kept = m.target is None or m.ratio <= m.target
        parts += [
            f'<text x="{LABEL - 10}" y="{top + 17}" text-anchor="end">{m.name}</text>',
            (
                f'<rect x="{LABEL}" y="{top}" width="{m.ratio * unit:.1f}" height="24" rx="3" '
                f'fill="{"#2b7a78" if kept else "#c8553d"}"/>'
            ),
            f'<text x="{LABEL + m.ratio * unit + 8:.1f}" y="{top + 17}">{m.ratio:.2f}</text>',
        ]
        if m.target is not None:
            x = LABEL + m.target * unit
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top - 4}" y2="{top + 28}" '
                'stroke="#222" stroke-width="2"/>'
            )
    x = LABEL + unit
    parts += [
        (
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="6" y2="{height - 24}" stroke="#888" '
            'stroke-dasharray="3 3"/>'
        ),
        f'<text x="{x:.1f}" y="{height - 8}" text-anchor="middle" fill="#555">reference</text>',
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _spread(figures: Sequence[float]) -> str:
    return f"{median(figures):.1f} ({min(figures):.1f}-{max(figures):.1f})"


def _target(measure: Measure) -> str:
    if measure.target is None:
        return "-"
    return f"≤ {measure.target:g} {'✓' if measure.ratio <= measure.target else '✗'}"
