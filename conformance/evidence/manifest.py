"""The manifest of a run: the SHA-256 of every artefact, in the format of sha256sum(1).

``sha256sum --check SHA256SUMS`` verifies it without any tool of ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from conformance.errors import EvidenceError
from conformance.evidence import journal

FILE = journal.MANIFEST
SOUND = "ok"
LASTING = frozenset({journal.FILE, journal.TIMES})
"""What a run tells: hashed at its end and never again. All else can be rendered again."""


def seal(folder: Path, artefacts: Iterable[Path]) -> Path:
    """Enter files, and all files of folders, into the manifest of ``folder``; return its path.

    An artefact written again replaces what was entered of it; the journal keeps its first hash.
    """
    sums = dict(_read(folder / FILE)) if (folder / FILE).exists() else {}
    for artefact in artefacts:
        written = {_name(folder, path): _hash(path) for path in _files(artefact)}
        ours = _name(folder, artefact)
        kept = {
            name: told
            for name, told in sums.items()
            if name in LASTING or not (name == ours or name.startswith(f"{ours}/"))
        }
        sums = written | kept
    path = folder / FILE
    path.write_text("".join(f"{told}  {name}\n" for name, told in sorted(sums.items())))
    return path


def verify(folder: Path) -> Mapping[str, str]:
    """Return what became of each artefact: ``ok`` (SOUND), ``changed`` or ``missing``.

    Raises EvidenceError when there is no manifest, or none of this format.
    """
    if not (folder / FILE).is_file():
        raise EvidenceError(
            f"{folder} holds no manifest",
            hint="name the folder of a run, such as reports/latest; what a killed run has left, "
            f"`conformance report {folder}` renders and enters into one",
        )
    fates = {name: _fate(folder / name, told) for name, told in _read(folder / FILE)}
    if not fates:
        raise EvidenceError(f"{folder / FILE} has no entry", hint="the file was changed")
    return fates


def _fate(path: Path, told: str) -> str:
    if not path.is_file():
        return "missing"
    return SOUND if _hash(path) == told else "changed"


def _read(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (name, hash) of each entry."""
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        told, gap, name = line.partition("  ")
        if not (told and gap and name):
            raise EvidenceError(
                f"{path}:{number} is not an entry of a manifest", hint="the file was changed"
            )
        yield name, told


def _files(artefact: Path) -> Iterator[Path]:
    if artefact.is_dir():
        yield from (path for path in artefact.rglob("*") if path.is_file())
    elif artefact.exists():
        yield artefact


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
