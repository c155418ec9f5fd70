"""The outside witnesses: which SDK, in which language, pinned to which version."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import OracleError

HERE = Path(__file__).parent

LANGUAGES = {
    "python": ("Python", "python3"),
    "js": ("JavaScript", "node", "npm"),
    "rust": ("Rust", "cargo"),
}
"""Folder of a language: its name, and the programs without which its witnesses cannot run."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One SDK as an outside witness; it lives in ``<language>/<driver>.*`` beside this file."""

    name: str
    """Unique, such as ``binance-python``; it names the file of vectors too."""
    language: str
    driver: str
    """Stem of the driver and of the manifest that pins the SDK."""
    sdk: str
    """Name of the package as its registry knows it."""
    version: str
    official: bool = True
    signs: bool = True
    """True when it can sign a request without sending it."""
    rewrites: bool = False
    """True when it writes parameters in a way of its own only: sorted, or spaced."""

    @property
    def title(self) -> str:
        """Say who this is in a sentence: ``JavaScript oracle``, ``Python oracle (ccxt)``."""
        name = f"{LANGUAGES[self.language][0]} oracle"
        return name if self.official else f"{name} ({self.sdk})"

    @property
    def folder(self) -> Path:
        """Return the folder that holds the driver and its manifest."""
        return HERE / self.language

    def missing(self) -> str:
        """Name the first program that this witness needs and this machine lacks, or ``''``."""
        programs = LANGUAGES[self.language][1:]
        return next((program for program in programs if shutil.which(program) is None), "")


class NotRun(OracleError):
    """A witness that cannot be heard on this machine, and why: never a silent pass."""

    def __init__(self, witness: Witness, reason: str, *, hint: str) -> None:
        super().__init__(f"not run: {witness.title} ({reason})", hint=hint)
        self.witness = witness
        self.reason = reason
