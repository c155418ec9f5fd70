"""The page that says what the SDKs do differently, made from the vectors themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import parse_qsl

import msgspec

from conformance.oracles.asks import Logical, Wire
from conformance.oracles.plan import Defect, Plan
from conformance.oracles.vectors import Vector, VectorFile

_TITLE = """# What the SDKs do differently

Made by `conformance vectors findings` from the vectors in `fixtures/vectors`; every statement of
this page is a vector or a test. The requests were captured on loopback from unmodified packages
with throw-away keys. Nothing was sent to any venue, so the page says which bytes belong together,
not what a venue answers.
"""
_WORDS = {
    "sdk-wrong": "The SDK is wrong: a venue that verifies the bytes it receives refuses this.",
    "ambiguous": "Ambiguous: the venue's pages do not say which bytes are to be signed.",
    "doc-wrong": "The page is wrong.",
}
_SHOWN_MAX = 160


def page(venues: Iterable[tuple[Plan, Sequence[VectorFile]]]) -> str:
    """Return the page of some venues as Markdown."""
    parts = [_TITLE]
    for plan, files in venues:
        parts += [f"## {plan.venue}\n", *_sources(files)]
        for defect in plan.defects:
            parts += _section(defect, files)
        parts += [f"### {title}\n\n{fact}\n" for title, fact in plan.facts]
        parts += _table(plan, files)
    return "\n".join(parts)


def _sources(files: Sequence[VectorFile]) -> Iterator[str]:
    yield "| source | package | version | vectors | agree | last changed |"
    yield "|---|---|---|---|---|---|"
    for file in files:
        source, found = file.source, file.vectors
        agree = sum(vector.verdict == "agree" for vector in found)
        yield (
            f"| {source.name} | {source.sdk} | {source.version} "
            f"| {len(found)} | {agree} | {source.date} |"
        )
    yield ""


def _section(defect: Defect, files: Sequence[VectorFile]) -> Iterator[str]:
    hit = [
        (file, vector) for file in files for vector in file.vectors if vector.finding == defect.name
    ]
    versions = sorted({f"{file.source.sdk} {file.source.version}" for file, _ in hit})
    yield f"### {defect.title}\n"
    yield f"`{defect.name}` (vectors: {len(hit)}): {'; '.join(versions)}. "
    yield f"{_WORDS[defect.verdict]}\n"
    yield f"{defect.fact}\n"
    if defect.verdict != "doc-wrong":
        yield f"Minimal request: {_asked(defect.minimal)}.\n"
    shown = [(file, vector) for file, vector in hit if file.keys[vector.key].kind == "hmac"]
    for name in sorted({file.source.name for file, _ in shown}):
        vector = min(
            (vector for file, vector in shown if file.source.name == name),
            key=lambda vector: len(vector.signed),
        )
        yield from _example(name, vector)


def _example(name: str, vector: Vector) -> Iterator[str]:
    yield f"As `{name}` does it (vector `{vector.id}`):\n"
    yield "```text"
    yield f"signed  {vector.signed[:_SHOWN_MAX]}"
    if vector.wire:
        yield f"sent    {vector.wire.method} {vector.wire.target[:_SHOWN_MAX]}"
        if vector.wire.body:
            yield f"        {vector.wire.body[:_SHOWN_MAX]}"
    yield "```\n"


def _asked(logical: Logical) -> str:
    given = [
        f"{part} `{msgspec.json.encode(values).decode()}`"
        for part, values in (("query", logical.query), ("body", logical.body))
        if values
    ]
    return f"`{logical.method} {logical.path}` with {' and '.join(given)}"


def _table(plan: Plan, files: Sequence[VectorFile]) -> Iterator[str]:
    """Say how each SDK writes the same number or flag, percent-encoding undone."""
    rows: dict[str, dict[str, str]] = {}
    for file in files:
        for vector in file.vectors:
            case, _, key = vector.id.partition("/")
            field = plan.table.get(case.partition("-")[0], "")
            if vector.wire and key == "hmac" and field in _asked_for(vector.logical):
                rows.setdefault(case, {})[file.source.name] = _value(vector.wire, field)
    names = sorted({name for row in rows.values() for name in row})
    yield "### The same value, as each SDK writes it\n"
    yield f"| value | {' | '.join(names)} |"
    yield f"|---|{'---|' * len(names)}"
    for case, row in rows.items():
        yield f"| {case} | {' | '.join(row.get(name, 'refused') for name in names)} |"
    yield ""


def _asked_for(logical: Logical | None) -> Mapping[str, object]:
    return {} if logical is None else logical.query | logical.body


def _value(wire: Wire, field: str) -> str:
    if wire.body.startswith("{"):
        written = re.search(rf'"{field}": ?("[^"]*"|[^,}}]*)', wire.body)
        return "left out" if written is None else f"`{written[1]}`"
    sent = "&".join((wire.target.partition("?")[2], wire.body))
    found = dict(parse_qsl(sent, keep_blank_values=True)).get(field)
    return "left out" if found is None else f"`{found}`" if found else "empty"
