"""The run as one HTML file, made of the Allure results by Allure Report 3, where Node is found.

Allure is installed once, pinned, into the user's cache. Its pages carry an analytics script that
cannot be switched off (allure 3.18.0): it is taken out, so that opening a report tells nobody.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from conformance.errors import EvidenceError
from conformance.evidence import allure, manifest
from conformance.evidence.reading import Run

FILE = "report.html"
VERSION = "3.18.0"
INSTALL_LIMIT_S = 240
GENERATE_LIMIT_S = 120
_SCRIPT = re.compile(r"<script\b[^>]*>.*?</script\s*>", re.DOTALL | re.IGNORECASE)
_ANALYTICS = re.compile(r"googletagmanager|google-analytics|gtag\(")
_LINE_MAX = 300


def write(run: Run, folder: Path) -> Path:
    """Write the page into ``folder``; raise EvidenceError, saying why, when that cannot be."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise EvidenceError("Node is not installed", hint="install Node 20 or newer, with npm")
    program = _program(npm)
    with TemporaryDirectory() as work:
        config = Path(work, "allurerc.json")
        config.write_bytes(orjson.dumps(_config(run, Path(work, "out"))))
        command = [node, str(program), "generate", "--config", str(config)]
        _call([*command, str((folder / allure.FOLDER).resolve())], Path(work), GENERATE_LIMIT_S)
        pages = sorted(Path(work, "out").rglob("index.html"), key=lambda p: len(p.parts))
        if not pages:
            raise EvidenceError("Allure wrote no page", hint="see its output with `npx allure`")
        page = pages[0].read_text()
    path = folder / FILE
    path.write_text(without_analytics(page))
    manifest.seal(folder, [path])
    return path


def without_analytics(page: str) -> str:
    """Return the page without the scripts that report its being opened."""
    return _SCRIPT.sub(lambda found: "" if _phones_home(found[0]) else found[0], page)


def cache() -> Path:
    """Return the folder into which this version of Allure is installed."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home, "exchange-conformance", f"allure-{VERSION}")


def _program(npm: str) -> Path:
    """Return Allure's entry script, installing it first when it is not in the cache."""
    package = cache() / "node_modules" / "allure" / "package.json"
    if not package.is_file():
        cache().mkdir(parents=True, exist_ok=True)
        flags = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        command = [npm, "install", *flags, "--prefix", str(cache()), f"allure@{VERSION}"]
        _call(command, cache(), INSTALL_LIMIT_S)
    entry = orjson.loads(package.read_bytes())["bin"]
    return package.parent / (entry if isinstance(entry, str) else entry["allure"])


def _config(run: Run, out: Path) -> Mapping[str, Any]:
    name = f"Conformance of {run.begun['adapter']}"
    groups = ["epic", "feature"] if len(run.begun["venues"]) > 1 else ["feature"]
    options = {"singleFile": True, "reportName": name, "groupBy": groups}
    return {"name": name, "output": str(out), "plugins": {"awesome": {"options": options}}}


def _call(command: list[str], folder: Path, limit_s: int) -> None:
    name = Path(command[0]).name
    try:
        done = subprocess.run(  # noqa: S603 - our own command line
            command, cwd=folder, capture_output=True, text=True, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise EvidenceError(
            f"{name} did not end within {limit_s} s", hint="try again, or go without HTML"
        ) from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing was said"]
        told = next((line for line in said if "error" in line.lower()), said[-1])
        raise EvidenceError(
            f"{' '.join([name, *command[1:3]])} failed: {told[:_LINE_MAX]}",
            hint="the other reports are complete; HTML needs npm's registry once",
        )


def _phones_home(script: str) -> bool:
    """Say whether a script element is the analytics one (the application itself is far longer)."""
    return len(script) < 4_096 and _ANALYTICS.search(script) is not None
