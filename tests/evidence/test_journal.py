"""The journal: ordered, whole lines, mergeable, readable after a kill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.errors import EvidenceError, InvariantBroken
from conformance.evidence import journal
from conformance.evidence.journal import Journal

RUN: dict[str, Any] = {
    "schema": 1,
    "version": "0",
    "adapter": "a:b",
    "seed": 0,
    "level": 4,
    "venues": ["v"],
    "folders": [],
    "unproven": [],
    "started_ms": 0,
}


def note(writer: Journal, case: str, text: str) -> None:
    writer.write("note", case=case, text=text)


def texts(folder: Path) -> list[str]:
    return [event.get("text", event["kind"]) for event in journal.read(folder)]


def test_every_event_is_on_disk_as_a_whole_line_at_once(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.jsonl") as writer:
        for number in range(3):
            note(writer, "v/A", str(number))
            lines = (tmp_path / "j.jsonl").read_bytes()
            assert lines.endswith(b"\n")
            assert lines.count(b"\n") == number + 1


@pytest.mark.parametrize("fields", [{"case": "v/A"}, {"text": "x"}])
def test_an_event_outside_the_schema_is_our_own_bug(tmp_path: Path, fields: Any) -> None:
    lacks = pytest.raises(InvariantBroken, match="journal event note lacks")
    with Journal(tmp_path / "j") as writer, lacks:
        writer.write("note", **fields)


def test_an_unknown_kind_is_our_own_bug(tmp_path: Path) -> None:
    lacks = pytest.raises(InvariantBroken, match="lacks a known kind")
    with Journal(tmp_path / "j") as writer, lacks:
        writer.write("gossip")


def test_the_parts_of_workers_become_one_journal_in_the_order_of_the_cases(tmp_path: Path) -> None:
    with journal.part(tmp_path, "gw1") as two, journal.part(tmp_path, "gw0") as one:
        for writer in (two, one):
            writer.write("run-started", **RUN)
        note(two, "v/B", "b1")
        note(one, "v/C", "c1")
        two.write("tool-error", text="loose", hint="")
        note(two, "v/A", "a1")
        note(two, "v/A", "a2")
        note(one, "v/C", "c2")
    path = journal.merge(tmp_path)
    assert texts(tmp_path) == ["run-started", "a1", "a2", "b1", "c1", "c2", "loose"]
    assert path == tmp_path / "journal.jsonl"
    assert not (tmp_path / "parts").exists()


def test_the_end_of_a_run_comes_last(tmp_path: Path) -> None:
    with journal.part(tmp_path, "main") as part:
        part.write("run-finished", finished_ms=1, duration_ms=1, exit_code=0)
        note(part, "v/A", "a")
    assert texts(tmp_path) == ["a", "run-finished"]


def test_a_merged_journal_can_be_told_that_the_run_is_over(tmp_path: Path) -> None:
    with journal.part(tmp_path, "main") as part:
        note(part, "v/A", "a")
    journal.merge(tmp_path)
    journal.end(tmp_path, finished_ms=7, duration_ms=5, exit_code=0)
    assert texts(tmp_path) == ["a", "run-finished"]
    assert b"finished_ms" not in (tmp_path / journal.FILE).read_bytes()
    assert b'"finished_ms":7' in (tmp_path / journal.TIMES).read_bytes()


def test_a_killed_run_is_readable_from_its_parts_even_with_a_torn_line(tmp_path: Path) -> None:
    with journal.part(tmp_path, "gw0") as part:
        note(part, "v/A", "kept")
    with (tmp_path / "parts" / "gw0.jsonl").open("ab") as torn:
        torn.write(b'{"kind":"note","case":"v/')
    assert texts(tmp_path) == ["kept"]


@pytest.mark.parametrize("line", [b"gossip", b"[]", b"1", b'{"kind":"gossip"}', b'{"kind":"note"}'])
def test_a_changed_journal_is_refused_with_its_line(tmp_path: Path, line: bytes) -> None:
    good = b'{"kind":"note","case":"a","text":"t"}'
    (tmp_path / "journal.jsonl").write_bytes(b"\n".join([good, line, good]))
    with pytest.raises(EvidenceError, match=r"journal\.jsonl:2 is not an event"):
        journal.read(tmp_path)


def test_an_incomplete_event_at_the_end_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b'{"kind":"note"}\n')
    with pytest.raises(EvidenceError, match=":1 is not an event"):
        journal.read(tmp_path)


def test_a_folder_without_a_journal_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="holds no journal") as caught:
        journal.read(tmp_path)
    assert "reports/latest" in caught.value.hint


@pytest.mark.parametrize("left", [b"", b'{"kind":"ru'])
def test_a_journal_without_an_event_is_none(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "journal.jsonl").write_bytes(left)
    with pytest.raises(EvidenceError, match="holds no journal"):
        journal.read(tmp_path)


def test_a_whole_line_that_is_no_event_was_not_torn(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b"[]\n")
    with pytest.raises(EvidenceError, match=r":1 is not an event"):
        journal.read(tmp_path)


def test_a_new_run_forgets_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text("old")
    journal.part(tmp_path, "old").close()
    (tmp_path / journal.MANIFEST).write_text("of old")
    journal.begin(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_report_folder_that_cannot_be_made_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EvidenceError, match="cannot be written"):
        journal.begin(tmp_path / "file" / "folder")
