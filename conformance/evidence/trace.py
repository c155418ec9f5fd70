"""The wire round a failure, in time relative to the case's first record, for human eyes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.evidence.journal import Event
from conformance.evidence.reading import CaseRun

BEFORE = 16
"""How many records before the failure are shown."""
AFTER = 4
PAYLOAD_MAX = 160
WHOLE_MAX = 200
WHOLE_PAYLOAD_MAX = 400
"""Bounds of a whole trace: it stands in every report, the journal beside it knows no bound."""


def around(case: CaseRun) -> list[str]:
    """Return the lines of the wire round the finding, which is marked where it was made."""
    if not case.wire:
        return ["(nothing went over the wire)"]
    at = case.found_at if case.finding is not None else len(case.wire)
    first, last = max(0, at - BEFORE), at + AFTER
    lines = [_left_out(first)] if first else []
    start = _start(case.wire)
    lines += [line(event, start) for event in case.wire[first:at]]
    if case.finding is not None:
        lines.append(f"{'':>10} !!! {case.finding['claim']}")
    lines += [line(event, start) for event in case.wire[at:last]]
    if len(case.wire) > last:
        lines.append(_left_out(len(case.wire) - last))
    return lines


def whole(case: CaseRun) -> list[str]:
    """Return the records of the case's wire as lines, the middle of a very long one left out."""
    start = _start(case.wire)
    half = WHOLE_MAX // 2
    shown = (
        (case.wire, []) if len(case.wire) <= WHOLE_MAX else (case.wire[:half], case.wire[-half:])
    )
    first, last = ([line(e, start, payload_max=WHOLE_PAYLOAD_MAX) for e in part] for part in shown)
    return [*first, _left_out(len(case.wire) - 2 * half), *last] if last else first


def line(event: Event, start_ms: int, *, payload_max: int = PAYLOAD_MAX) -> str:
    """Return one record as a line: when, which way, what."""
    when = f"{(event['at_ms'] - start_ms) / 1000:+.3f} s"
    return f"{when:>10} {' '.join(_words(event, payload_max))}".rstrip()


def _words(event: Event, payload_max: int) -> Iterator[str]:
    match event["kind"]:
        case "request":
            target = event["path"] + (f"?{event['query']}" if event["query"] else "")
            yield f"--> #{event['n']} {event['operation']}: {event['method']}"
            yield _short(f"{target} {event['body']}", payload_max)
        case "reply":
            yield f"<-- #{event['n']} {event['status']}"
            yield _short(event["body"], payload_max)
        case "log":
            yield f"log {event['level']} {event['logger']}:"
            yield _short(event["text"], payload_max)
        case "stream":
            code = f" with {event['close_code']}" if event.get("close_code") else ""
            yield f"=== stream {event['stream']} {event['event']}{code}"
            yield _short(event["path"], payload_max)
        case _:
            arrow = "~~>" if event["inbound"] else "<~~"
            yield f"{arrow} #{event['n']} stream {event['stream']}"
            yield f"{event['topic'] or event['opcode']}:"
            yield _short(event["payload"], payload_max)


def _start(wire: Sequence[Event]) -> int:
    return int(wire[0]["at_ms"]) if wire else 0


def _short(text: str, payload_max: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= payload_max else f"{flat[:payload_max]}..."


def _left_out(count: int) -> str:
    return f"{'':>10} ... {count} records, see journal.jsonl"
