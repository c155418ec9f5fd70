"""The journal: one ordered stream of events, one JSON object a line, from which all is rendered.

Every event has ``kind``; those about a case also have ``case``, its key
``venue/ID[example]``. Instants end in ``_ms``: ``at_ms`` is the venue's clock, ``started_ms``
and ``finished_ms`` are the clock of this machine (both epoch milliseconds).

run-started     schema version adapter seed level venues folders python platform started_ms
                unproven (ids of cases and rules that no mutant is aimed at) monitors (titles of
                the rules watched on every run, by id)
case-started    case id venue example area area_title level title claim source needs seed
                started_ms
request         case n at_ms operation method path query headers body signed client_id
reply           case n at_ms status headers body code executed; ``n`` is that of its request
stream          case n at_ms stream event (opened, closed) path private close_code by_peer
frame           case n at_ms stream inbound opcode topic payload
met             case cells: rows of state, event, fault and times (see ``coverage``)
fault-armed     case what
fault-delivered case what times
log             case at_ms level logger text
note            case text
finding         case claim expected observed detail; it stands where it was made, so that what
                follows it on the wire is the tidying up; ``rule`` is the id of the monitor that
                made it, where it was not the case itself
watched         case tested broken: how often each rule, by its id, was tested and broken
case-finished   case verdict reason duration_ms virtual_ms (time that passed for the adapter)
oracle          case venue name title sdk version heard reason hint required: whether a witness of
                signatures could be heard; one that must be and was not makes the run no judgement
tool-error      text hint; ``case`` when there was one: the run could not judge
run-finished    finished_ms duration_ms exit_code

What the clock of this machine said (``WALL``) is kept apart in ``times.jsonl``: two runs of one
seed write the same journal, byte for byte. ``read`` puts the two together again.

An event is one write to an unbuffered file, so that a run that is killed leaves whole lines.
Of a case with very much wire the newest records are held back until it ends. While a run goes
on, every process writes a file of its own in ``parts/``; ``merge`` makes one ``journal.jsonl``
of them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self, TypeAlias

import orjson

from conformance.errors import EvidenceError, InvariantBroken

SCHEMA = 1
FILE = "journal.jsonl"
TIMES = "times.jsonl"
MANIFEST = "SHA256SUMS"
"""Holds the hashes of everything (see ``manifest``)."""
PARTS = "parts"

Event: TypeAlias = Mapping[str, Any]
"""One line of the journal."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIELDS: Mapping[str, frozenset[str]] = {
    "run-started": _words("schema version adapter seed level venues folders started_ms unproven"),
    "case-started": _words(
        "case id venue example area area_title level title claim source seed started_ms"
    ),
    "request": _words("case n at_ms operation method path query headers body"),
    "reply": _words("case n at_ms status headers body"),
    "stream": _words("case n at_ms stream event path private"),
    "frame": _words("case n at_ms stream inbound opcode topic payload"),
    "fault-armed": _words("case what"),
    "fault-delivered": _words("case what times"),
    "log": _words("case at_ms level logger text"),
    "note": _words("case text"),
    "finding": _words("case claim expected observed detail"),
    "watched": _words("case tested broken"),
    "met": _words("case cells"),
    "case-finished": _words("case verdict reason duration_ms virtual_ms"),
    "oracle": _words("case venue name title sdk version heard reason hint required"),
    "tool-error": _words("text hint"),
    "run-finished": _words("finished_ms duration_ms exit_code"),
}
"""What an event of each kind must carry at least."""


WALL: Mapping[str, frozenset[str]] = {
    "run-started": _words("started_ms"),
    "case-started": _words("started_ms"),
    "case-finished": _words("duration_ms"),
    "run-finished": _words("finished_ms duration_ms"),
}
"""What of an event is the clock of this machine, and differs in every run."""


class Journal:
    """Append events to one file; not shared between processes. A context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)

    def write(self, kind: str, **fields: object) -> None:
        """Append one event; raise InvariantBroken when it does not keep to the schema."""
        lacking = FIELDS.get(kind, frozenset({"a known kind"})) - fields.keys()
        if lacking:
            raise InvariantBroken(f"journal event {kind} lacks {', '.join(sorted(lacking))}")
        self._file.write(orjson.dumps({"kind": kind, **fields}) + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def begin(folder: Path) -> None:
    """Make ``folder`` ready for a new run: what an earlier one told in it goes away."""
    shutil.rmtree(folder / PARTS, ignore_errors=True)
    furnish(folder)
    for name in (FILE, TIMES, MANIFEST):
        (folder / name).unlink(missing_ok=True)


def furnish(folder: Path) -> None:
    """Make a report folder that can be written; raise EvidenceError when that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise EvidenceError(
            f"the report folder {folder} cannot be written: {error.strerror}",
            hint="name another one with --report",
        ) from error


def part(folder: Path, writer: str) -> Journal:
    """Open the part of the process called ``writer``."""
    return Journal(folder / PARTS / f"{writer}.jsonl")


def merge(folder: Path) -> Path:
    """Make one journal of the parts: the run, then case by case in the order of their keys."""
    path = folder / FILE
    events = _ordered(_parts(folder))
    with path.open("wb") as out, (folder / TIMES).open("wb") as times:
        for event in events:
            lasting, passing = _parted(event)
            out.write(orjson.dumps(lasting) + b"\n")
            if passing:
                times.write(orjson.dumps(passing) + b"\n")
    shutil.rmtree(folder / PARTS, ignore_errors=True)
    return path


def end(folder: Path, **fields: object) -> None:
    """Append the end of the run to a merged journal."""
    lasting, passing = _parted({"kind": "run-finished", **fields})
    for name, event in ((FILE, lasting), (TIMES, passing)):
        with (folder / name).open("ab") as out:
            out.write(orjson.dumps(event) + b"\n")


def read(folder: Path) -> list[Event]:
    """Return the events of a run, also of one that was killed; raise EvidenceError if none."""
    path = folder / FILE
    if path.exists():
        times = folder / TIMES
        events = list(_timed(_lines(path), _lines(times) if times.exists() else ()))
    else:
        events = _ordered(_parts(folder))
    if not events:
        raise EvidenceError(
            f"{folder} holds no journal",
            hint="name the folder that a run wrote its report into, such as reports/latest",
        )
    return events


def _parted(event: Event) -> tuple[Event, Event]:
    """Return what of an event lasts, and what the clock of this machine made of it."""
    wall = WALL.get(event["kind"], frozenset())
    lasting = {name: value for name, value in event.items() if name not in wall}
    passing = {name: value for name, value in event.items() if name in {"kind", "case"} | wall}
    return lasting, passing if wall else {}


def _timed(events: Iterable[Event], times: Iterable[Event]) -> Iterator[Event]:
    """Give events their times back; what nobody has measured took no time at the beginning."""
    passed = {(time["kind"], time.get("case")): time for time in times}
    for event in events:
        unknown = dict.fromkeys(WALL.get(event["kind"], ()), 0)
        yield {**event, **unknown, **passed.get((event["kind"], event.get("case")), {})}


def _parts(folder: Path) -> Iterator[Event]:
    for path in sorted((folder / PARTS).glob("*.jsonl")):
        yield from _lines(path)


def _lines(path: Path) -> Iterator[Event]:
    written = path.read_bytes()
    lines = written.splitlines()
    torn = 0 if written.endswith(b"\n") else len(lines)
    for number, line in enumerate(lines, 1):
        try:
            event = orjson.loads(line)
            kind = event["kind"]
            if path.name == TIMES or FIELDS[kind] - WALL.get(kind, frozenset()) <= event.keys():
                yield event
                continue
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            if number == torn:
                return  # the write that a kill cut short
        raise EvidenceError(
            f"{path}:{number} is not an event of the journal",
            hint="the file was changed, or another version wrote it: run again",
        )


def _ordered(events: Iterable[Event]) -> list[Event]:
    """One beginning, the cases in the order of their keys, what belongs to none, one end."""
    first: list[Event] = []
    cases: dict[str, list[Event]] = {}
    loose: list[Event] = []
    last: list[Event] = []
    for event in events:
        if event["kind"] == "run-started":
            first = first or [event]
        elif event["kind"] == "run-finished":
            last = [event]
        elif "case" in event:
            cases.setdefault(event["case"], []).append(event)
        else:
            loose.append(event)
    middle = [event for key in sorted(cases) for event in cases[key]]
    return [*first, *middle, *loose, *last]
