"""The map of what was met: events and faults, by the state of the order that they met.

States are those of the venue's own books. An event is a request about an order, or a push that
tells of one; ``none`` is the state of an order that is not there yet. A fault that strikes no
request for an order meets every order that there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from conformance.contracts.faults import Faults
from conformance.evidence.reading import Run
from conformance.model.orders import Status
from conformance.model.wire import Operation

NONE = "none"
PUSH = "push"
MEANWHILE = "meanwhile"
"""What stands in place of an event where a fault struck no request for an order."""
STATES: Sequence[str] = (
    NONE,
    Status.OPEN,
    Status.PARTIALLY_FILLED,
    Status.FILLED,
    Status.CANCELLED,
    Status.EXPIRED,
)
EVENTS: Sequence[str] = (
    Operation.PLACE,
    Operation.PLACE_BATCH,
    Operation.AMEND,
    Operation.CANCEL,
    Operation.CANCEL_BATCH,
    Operation.QUERY_ORDER,
    PUSH,
)
REQUESTS: Sequence[str] = tuple(event for event in EVENTS if event != PUSH)
FAULTS: Sequence[str] = tuple(sorted(name for name in vars(Faults) if not name.startswith("_")))
"""Every trouble that a case can arm."""


class Map(NamedTuple):
    """What was met at one venue."""

    cells: Mapping[tuple[str, str, str], int]
    """By state, event and fault; the fault is empty where none struck."""

    def times(self, state: str, *, event: str = "", fault: str = "") -> int:
        """Return how often an order in a state met an event, or a fault."""
        return sum(
            times
            for (in_state, what, by), times in self.cells.items()
            if in_state == state and event in ("", what) and fault in ("", by)
        )

    def unmet(self, event: str, fault: str) -> Sequence[str]:
        """Return the states in which no order met this event struck by this fault."""
        return [state for state in STATES if not self.cells.get((state, event, fault))]


def maps(run: Run) -> Mapping[str, Map]:
    """Return the map of each venue."""
    cells: dict[str, Counter[tuple[str, str, str]]] = {}
    for case in run.cases:
        for met in case.met:
            at = cells.setdefault(case.begun["venue"], Counter())
            at[met.state, met.event, met.fault] += met.times
    return {venue: Map(counts) for venue, counts in sorted(cells.items())}


def document(run: Run) -> dict[str, Any]:
    """Return the maps for machines: all cells met, and what was not."""
    return {
        venue: {
            "met": [
                {"state": s, "event": e, "fault": f, "times": times}
                for (s, e, f), times in sorted(found.cells.items())
            ],
            "unreached_events": [list(cell) for cell in _unreached(found, event=EVENTS)],
            "unreached_faults": [list(cell) for cell in _unreached(found, fault=FAULTS)],
            "unreached": {
                fault: {str(event): found.unmet(event, fault) for event in (*REQUESTS, MEANWHILE)}
                for fault in FAULTS
            },
        }
        for venue, found in maps(run).items()
    }


def lines(run: Run) -> Iterator[str]:
    """Yield the maps as Markdown."""
    for venue, found in maps(run).items():
        yield from ("", f"## Coverage of {venue}", "")
        yield "How often an event, or a fault, met an order in a state."
        yield from ("", *_table(found, event=EVENTS))
        yield from ("", *_table(found, fault=FAULTS), "")
        events, faults = _unreached(found, event=EVENTS), _unreached(found, fault=FAULTS)
        yield f"Unreached: {_told(events)}; {_told(faults)}."
        yield from ("", *_cube(found))


def _table(found: Map, **axis: Sequence[str]) -> Iterator[str]:
    [(kind, names)] = axis.items()
    yield f"| {kind} | {' | '.join(STATES)} |"
    yield f"|---|{'---:|' * len(STATES)}"
    for name in names:
        row = [found.times(state, **{kind: name}) for state in STATES]
        yield f"| {name} | {' | '.join(str(times or '') for times in row)} |"


def _cube(found: Map) -> Iterator[str]:
    """Yield one row for each fault: which requests it struck in which states."""
    met = {cell for cell, times in found.cells.items() if times and cell[2]}
    events = (*REQUESTS, MEANWHILE)
    total = len(STATES) * len(events) * len(FAULTS)
    yield f"Which event was struck by which fault, for orders in which state: {len(met)} of {total}"
    legend = ", ".join(f"{_initial(state)} {state}" for state in STATES)
    yield f"cells ({legend}; a dot is an unreached one)."
    yield ""
    yield f"| fault | {' | '.join(events)} |"
    yield f"|---|{'---|' * len(events)}"
    for fault in FAULTS:
        yield f"| {fault} | {' | '.join(_letters(found.unmet(event, fault)) for event in events)} |"


def _letters(unmet: Collection[str]) -> str:
    return "".join("." if state in unmet else _initial(state) for state in STATES)


def _initial(state: str) -> str:
    return state[0]


def _unreached(found: Map, **axis: Sequence[str]) -> list[tuple[str, str]]:
    [(kind, names)] = axis.items()
    return [
        (name, state)
        for name in names
        for state in STATES
        if not found.times(state, **{kind: name})
    ]


def _told(cells: Iterable[tuple[str, str]]) -> str:
    by_name: dict[str, list[str]] = {}
    for name, state in cells:
        by_name.setdefault(name, []).append(state)
    return ", ".join(
        name if len(states) == len(STATES) else f"{name} ({' '.join(states)})"
        for name, states in by_name.items()
    )
