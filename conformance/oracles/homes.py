"""Environments of the witnesses: each SDK alone, pinned, in a cache folder outside the project."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from conformance.errors import OracleError
from conformance.oracles.witnesses import NotRun, Witness

BUILD_S_MAX = 1_800.0
COMPLAINT_LINES_MAX = 15
_STAMP = "built"


def default_home() -> Path:
    """Return the cache folder of all environments, below ``$XDG_CACHE_HOME``."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "exchange-conformance" / "oracles"


def environment() -> dict[str, str]:
    """Return the environment of a child: ours, but loopback never goes through a proxy."""
    return dict(os.environ) | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def folder(witness: Witness, home: Path) -> Path:
    """Return where the environment of ``witness`` lives: a new manifest is a new folder."""
    digest = hashlib.sha256()
    for path in _sources(witness):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    version = ".".join(map(str, sys.version_info[:2])) if witness.language == "python" else ""
    digest.update(version.encode())
    return home / f"{witness.name}-{digest.hexdigest()[:12]}"


def is_built(witness: Witness, home: Path) -> bool:
    """Say whether the environment is complete."""
    return (folder(witness, home) / _STAMP).exists()


def command(witness: Witness, home: Path) -> Sequence[str]:
    """Return the command that starts the guest. Raises NotRun when it cannot run here."""
    _require_tools(witness)
    place = folder(witness, home)
    if not is_built(witness, home):
        raise NotRun(witness, "not built", hint="run `conformance vectors build`")
    if witness.language == "python":
        driver = str(witness.folder / f"{witness.driver}.py")
        return (str(place / "venv/bin/python"), "-I", str(witness.folder / "guest.py"), driver)
    if witness.language == "js":
        return ("node", str(place / "guest.mjs"), str(place / f"{witness.driver}.mjs"))
    return (str(place / "bin/guest"),)


def build(witness: Witness, home: Path, *, fresh: bool = False) -> Path:
    """Make the environment of ``witness`` unless it is there, and return its folder.

    Raises NotRun when a program is missing, and OracleError when the installer fails.
    """
    _require_tools(witness)
    place = folder(witness, home)
    with _locked(home, place.name):
        if fresh:
            shutil.rmtree(place, ignore_errors=True)
        if not is_built(witness, home):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            for step, extra in _steps(witness, place):
                _run(witness, step, place, extra)
            (place / _STAMP).write_text(f"{witness.sdk} {witness.version}\n", encoding="utf-8")
    return place


def _require_tools(witness: Witness) -> None:
    missing = witness.missing()
    if missing:
        raise NotRun(witness, f"{missing} missing", hint=f"install {missing} and try again")


def _sources(witness: Witness) -> Sequence[Path]:
    """Return what the environment is made of; Python drivers run from where they are."""
    if witness.language == "python":
        return (witness.folder / f"{witness.driver}.txt",)
    if witness.language == "js":
        names = ("guest.mjs", f"{witness.driver}.mjs", f"{witness.driver}.json")
        return tuple(witness.folder / name for name in names)
    return tuple(sorted(p for p in (witness.folder / witness.driver).rglob("*") if p.is_file()))


def _steps(witness: Witness, place: Path) -> Iterator[tuple[Sequence[str], Mapping[str, str]]]:
    if witness.language == "python":
        [manifest] = map(str, _sources(witness))
        yield (sys.executable, "-m", "venv", str(place / "venv")), {}
        yield (
            (
                *(str(place / "venv/bin/python"), "-m", "pip", "install", "--quiet"),
                *("--disable-pip-version-check", "--no-compile", "--requirement", manifest),
            ),
            {},
        )
    elif witness.language == "js":
        for path in _sources(witness):
            name = "package.json" if path.suffix == ".json" else path.name
            shutil.copyfile(path, place / name)
        flags = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
        yield ("npm", "install", *flags, "--prefix", str(place)), {}
    else:
        shutil.copytree(witness.folder / witness.driver, place / "source")
        # One target folder for all: what was compiled once is not compiled again.
        shared = {"CARGO_TARGET_DIR": str(place.parent / "target")}
        places = ("--path", str(place / "source"), "--root", str(place))
        yield ("cargo", "install", "--quiet", "--debug", *places), shared


def _run(witness: Witness, step: Sequence[str], place: Path, extra: Mapping[str, str]) -> None:
    told = environment() | dict(extra)
    try:
        done = subprocess.run(  # noqa: S603 - our own steps, no shell
            step,
            cwd=place,
            env=told,
            capture_output=True,
            text=True,
            timeout=BUILD_S_MAX,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OracleError(
            f"{witness.title} could not be built: {error}", hint=f"try by hand: {' '.join(step)}"
        ) from error
    if done.returncode:
        complaint = "\n".join((done.stdout + done.stderr).splitlines()[-COMPLAINT_LINES_MAX:])
        raise OracleError(
            f"{witness.title} could not be built ({step[0]} said {done.returncode}):\n{complaint}",
            hint=f"{witness.sdk} {witness.version} must be installable from here",
        )


@contextmanager
def _locked(home: Path, name: str) -> Iterator[None]:
    """Let one process build one environment at a time."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
