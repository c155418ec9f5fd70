"""The map of what was met, for people and for machines."""

from __future__ import annotations

from typing import Any

from conformance.evidence import coverage
from conformance.evidence.reading import gather

CELLS = {
    "venue/ONE-01": [["open", "cancel", "", 3], ["open", "cancel", "lose_answer", 1]],
    "venue/ONE-02": [["open", "cancel", "", 2], ["none", "meanwhile", "suspend", 1]],
    "other/ONE-01": [["none", "place", "", 1]],
}


def begin(key: str) -> Any:
    return {
        "kind": "case-started",
        "case": key,
        "id": key[-6:],
        "venue": key.split("/", maxsplit=1)[0],
        "example": "",
        "area": "ONE",
        "area_title": "One",
        "title": "It holds",
    }


EVENTS = [
    event
    for key, cells in CELLS.items()
    for event in (begin(key), {"kind": "met", "case": key, "cells": cells})
]


def test_maps_of_all_cases_of_a_venue_are_one() -> None:
    maps = coverage.maps(gather(EVENTS))
    assert list(maps) == ["other", "venue"]
    assert maps["venue"].times("open", event="cancel") == 6
    assert maps["venue"].times("open", fault="lose_answer") == 1
    assert maps["venue"].times("none", fault="suspend") == 1
    assert maps["other"].times("open", event="cancel") == 0


def test_the_tables_show_what_was_met_and_list_what_was_not() -> None:
    lines = list(coverage.lines(gather(EVENTS)))
    assert "## Coverage of venue" in lines
    assert "| cancel |  | 6 |  |  |  |  |" in lines
    assert "| suspend | 1 |  |  |  |  |  |" in lines
    unreached = [line for line in lines if line.startswith("Unreached:")][-1]
    assert "cancel (none partially-filled filled cancelled expired)" in unreached
    assert "drop_push," in unreached


def test_one_table_shows_what_was_struck_by_what_in_which_state() -> None:
    lines = list(coverage.lines(gather(EVENTS[:4])))
    row = next(line for line in lines if line.startswith("| lose_answer | ."))
    assert row == "| lose_answer | ...... | ...... | ...... | .o.... | ...... | ...... | ...... |"
    assert "| suspend | ...... | ...... | ...... | ...... | ...... | ...... | n..... |" in lines
    cells = len(coverage.STATES) * (len(coverage.REQUESTS) + 1) * len(coverage.FAULTS)
    assert any(line.endswith(f": 2 of {cells}") for line in lines)
    assert len({state[0] for state in coverage.STATES}) == len(coverage.STATES)


def test_machines_get_every_cell() -> None:
    document = coverage.document(gather(EVENTS))["venue"]
    assert {"state": "open", "event": "cancel", "fault": "lose_answer", "times": 1} in document[
        "met"
    ]
    assert ["cancel", "open"] not in document["unreached_events"]
    assert ["place", "none"] in document["unreached_events"]
    assert document["unreached"]["lose_answer"]["cancel"] == [
        state for state in coverage.STATES if state != "open"
    ]
    cells = len(coverage.STATES) * len(coverage.FAULTS)
    assert len(document["unreached_faults"]) == cells - 2


def test_a_run_without_meetings_has_no_map() -> None:
    assert list(coverage.lines(gather([begin("venue/ONE-01")]))) == []
