"""A stress run as one page: rate and latency over time, percentiles, resources with slopes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from conformance.evidence.trend import Trend
from conformance.load import verdict
from conformance.load.chart import Series, Span, chart
from conformance.load.histogram import Latencies
from conformance.load.record import Record

NINES_MAX = 5
STYLE = """
body{font:14px/1.5 sans-serif;max-width:800px;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;text-align:right;
border-bottom:1px solid #ddd}td:first-child,th:first-child,.told td{text-align:left}
.pass{color:#2b7a78}.fail{color:#c8553d;font-weight:bold}.unclear,.unreached{color:#b8860b;
font-weight:bold}.lax,.not-applicable{color:#777}svg{width:100%;height:auto;margin:.6em 0}
"""
COLUMNS = {"total": 1, "p50": 1000, "p90": 1000, "p99": 1000, "p999": 1000, "greatest": 1000}


def pictures(record: Record) -> dict[str, str]:
    """Return every picture of a drive by its name, as SVG."""
    storm = record.storm
    spans = [Span("asked for silence", *storm)] if storm else []
    drawn = {
        "rate": _rate(record, spans),
        "latency": _latency(record, spans),
        "percentiles": _percentiles(record),
    }
    fitted = verdict.growths(record)
    for name in (*verdict.TOLERATED, "lag_ms"):
        if record.samples:
            drawn[name] = _resource(record, name, {p: t.get(name) for p, t in fitted.items()})
    return drawn


def page(told: Mapping[str, Any], drawn: Sequence[Mapping[str, str]]) -> str:
    """Return the page; it refers to nothing outside itself."""
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        f"<title>Stress</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(told['outcome'])}</h1>",
    ]
    for drive, images in zip(told["drives"], drawn, strict=True):
        parts += [_drive(drive), *images.values()]
    parts += [f"<p>{escape(told['machine'])}, exchange-conformance {escape(told['version'])}</p>"]
    return "\n".join([*parts, "</body></html>", ""])


def _drive(drive: Mapping[str, Any]) -> str:
    plan = drive["plan"]
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    rows = "".join(
        f"<tr><td>{name}</td>"
        + "".join(f"<td>{drive[name][c] / unit:,.6g}</td>" for c, unit in COLUMNS.items())
        + "</tr>"
        for name in ("corrected", "uncorrected", "generator_lag")
    )
    claims = "".join(
        f'<tr><td class="{claim["verdict"]}">{claim["verdict"]}</td>'
        f"<td>{escape(claim['name'])}</td><td>{escape(claim['told'])}</td></tr>"
        for claim in drive["claims"]
    )
    steps = "".join(
        f"<tr><td>{step['offered']:.0f}</td><td>{step['answered']:.0f}</td>"
        f"<td>{step['p50'] / 1000:.2f}</td><td>{step['p99'] / 1000:.2f}</td></tr>"
        for step in drive["steps"]
    )
    ramp = f"<table><tr><th>offered/s</th><th>answered/s</th><th>p50</th><th>p99</th></tr>{steps}"
    who = escape(drive["adapter"] or "locust users")
    return (
        f"<h2>{escape(drive['drive'])}: {plan['bots']} bots at {escape(plan['venue'])}</h2>"
        f"<p>{who}; {escape(plan['profile'])}, {plan['rate']:.1f} messages a second each, "
        f"{plan['duration_s']:g} s. Latencies in milliseconds; corrected: from the instant a "
        "message was to be sent.</p>"
        f"<table><tr><th></th>{head}</tr>{rows}</table>"
        f'<table class="told">{claims}</table>{ramp + "</table>" if steps else ""}'
    )


def _rate(record: Record, spans: Sequence[Span]) -> str:
    outcomes: dict[str, list[tuple[float, float]]] = {}
    for at in _span(record):
        second = record.seconds.get(at)
        for name in sorted(record.counts("kinds")):
            count = second.kinds[name] if second else 0
            outcomes.setdefault(name, []).append((float(at), float(count)))
    series = [Series(name, points) for name, points in outcomes.items()]
    series += _asked(record)
    if record.frames:
        pushed = [(float(at), float(record.seconds[at].frames)) for at in sorted(record.seconds)]
        series.append(Series("streams", pushed))
    return chart("Messages a second", series, spans=spans)


def _asked(record: Record) -> list[Series]:
    """Return what the venue answered, second by second of its own clock."""
    told = record.venue_seconds[record.venue_begun :]
    names = sorted({status for second in told for status in second["statuses"]})
    return [
        Series(
            f"venue: {name}",
            [(float(n), float(s["statuses"].get(name, 0))) for n, s in enumerate(told)],
            dashed=True,
        )
        for name in names
    ]


def _latency(record: Record, spans: Sequence[Span]) -> str:
    summaries = [(float(at), record.seconds[at].corrected.summary()) for at in _span(record)
                 if at in record.seconds]  # fmt: skip
    series = [
        Series(name, [(at, getattr(each, field) / 1000) for at, each in summaries if each.total])
        for name, field in (("p50", "p50"), ("p99", "p99"), ("max", "greatest"))
    ]
    return chart("Corrected latency, ms", series, log=True, spans=spans)


def _percentiles(record: Record) -> str:
    series = [
        Series(name, _curve(record.latencies(field)))
        for name, field in (("corrected", "corrected"), ("uncorrected", "raw"))
    ]
    return chart(
        "Latency by percentile, ms",
        series,
        log=True,
        x="percentile",
        x_ticks=lambda nines: f"{100 * (1 - 10**-nines):.6g}",
    )


def _curve(latencies: Latencies) -> list[tuple[float, float]]:
    """Return points at ever more nines, as many as the counts bear."""
    if not latencies.counts:
        return []
    histogram = latencies.hdr()
    points = []
    for tenth in range(NINES_MAX * 10 + 1):
        nines = tenth / 10
        if 10**nines > latencies.total:
            break
        value = histogram.get_value_at_percentile(100 * (1 - 10**-nines))
        points.append((nines, value / 1000))
    return points


def _resource(record: Record, name: str, fitted: Mapping[str, Trend | None]) -> str:
    series = []
    for number, (process, samples) in enumerate(sorted(record.samples.items())):
        points = [(s["at_s"], s[name]) for s in samples if name in s]
        series.append(Series(process, points, colour=number))
        trend = fitted.get(process)
        if trend is not None and trend.samples:
            end = trend.level + trend.slope * (trend.ends - trend.begins)
            ends = [(trend.begins, trend.level), (trend.ends, end)]
            told = f"{trend.slope:+.2g}/s"
            series.append(Series(told, ends, dashed=True, colour=number))
    return chart(name, series)


def _span(record: Record) -> range:
    return range(min(record.seconds, default=0), max(record.seconds, default=-1) + 1)
