"""The manifest: what a run wrote can be held against it, with our tool and without."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conformance.errors import EvidenceError
from conformance.evidence import journal, manifest

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of nothing (FIPS 180-4)."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / journal.FILE).write_bytes(b"")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "one.json").write_text("1")
    (tmp_path / "results" / "two.json").write_text("2")
    manifest.seal(tmp_path, [tmp_path / journal.FILE, tmp_path / "results", tmp_path / "no.such"])
    return tmp_path


def test_every_file_is_entered_with_its_sha256(folder: Path) -> None:
    lines = (folder / manifest.FILE).read_text().splitlines()
    assert lines[0] == f"{EMPTY}  journal.jsonl"
    assert [line[66:] for line in lines[1:]] == ["results/one.json", "results/two.json"]


def test_what_a_run_wrote_is_verified_by_any_tool(folder: Path) -> None:
    check = ["sha256sum", "--check", "--strict", manifest.FILE]
    subprocess.run(check, cwd=folder, check=True, capture_output=True)
    assert set(manifest.verify(folder).values()) == {manifest.SOUND}


def test_what_was_changed_or_removed_is_told(folder: Path) -> None:
    (folder / "results" / "one.json").write_text("3")
    (folder / "results" / "two.json").unlink()
    assert manifest.verify(folder) == {
        "journal.jsonl": "ok",
        "results/one.json": "changed",
        "results/two.json": "missing",
    }


def test_what_is_rendered_again_is_entered_again_but_a_journal_keeps_its_first_hash(
    folder: Path,
) -> None:
    (folder / journal.FILE).write_bytes(b"forged")
    (folder / "results" / "one.json").write_text("3")
    (folder / "results" / "two.json").unlink()
    manifest.seal(folder, [folder / journal.FILE, folder / "results"])
    assert manifest.verify(folder) == {"journal.jsonl": "changed", "results/one.json": "ok"}


def test_a_file_entered_later_leaves_the_others_alone(folder: Path) -> None:
    (folder / "results.html").write_text("page")
    manifest.seal(folder, [folder / "results.html"])
    assert len(manifest.verify(folder)) == 4
    assert set(manifest.verify(folder).values()) == {"ok"}


def test_without_a_manifest_nothing_can_be_verified(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="holds no manifest"):
        manifest.verify(tmp_path)


def test_a_manifest_without_an_entry_verifies_nothing(tmp_path: Path) -> None:
    (tmp_path / manifest.FILE).touch()
    with pytest.raises(EvidenceError, match="has no entry"):
        manifest.verify(tmp_path)


@pytest.mark.parametrize(
    "entry", [b"nonsense", f"{EMPTY} one-space".encode(), f"{EMPTY}  ".encode(), b"\xff\xfe"]
)
def test_what_is_no_entry_is_an_error(tmp_path: Path, entry: bytes) -> None:
    (tmp_path / manifest.FILE).write_bytes(entry)
    with pytest.raises(EvidenceError, match=r"SHA256SUMS:1 is not an entry"):
        manifest.verify(tmp_path)
