"""The wheel alone, installed into an empty environment, does what the checkout does."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("hatchling")

ROOT = Path(__file__).parents[1]


class Installed(NamedTuple):
    """An environment that knows the wheel, and not the checkout."""

    wheel: Path
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment in an empty folder."""
        command, *rest = arguments
        return subprocess.run(
            [self.folder / "venv" / "bin" / command, *rest],
            cwd=self.folder / "empty",
            env={name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("packaging")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input"]
    wheels = folder / "wheels"
    build = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", wheels, ROOT]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = wheels.iterdir()
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [*pip, "--python", python, "install", "--no-deps", "--no-index", wheel], check=True
    )
    (target,) = (folder / "venv" / "lib").glob("python*/site-packages")
    # The dependencies come from where the tests run; their own .pth files, which would lead
    # back to the checkout, are not read along.
    (target / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    (folder / "empty").mkdir()
    return Installed(wheel, folder)


def test_the_wheel_carries_the_package_its_data_and_its_licence(installed: Installed) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    kept = {
        f"conformance/_data/{path.relative_to(ROOT)}"
        for path in (ROOT / "fixtures").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert kept
    assert kept - names == set()
    assert {"conformance/py.typed", "conformance/venues/binance_usdm/facts.toml"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert [name for name in names if name.startswith(("tests/", "loadtests/"))] == []


def test_the_package_is_taken_from_the_wheel(installed: Installed) -> None:
    shown = installed.run("python", "-c", "import conformance; print(conformance.__file__)")
    assert shown.stdout.startswith(str(installed.folder)), shown.stderr


def test_the_installed_command_lists_the_catalogue(installed: Installed) -> None:
    listed = installed.run("conformance", "list")
    assert listed.returncode == 0, listed.stderr
    assert "ORD-01" in listed.stdout


def test_the_installed_suites_judge_the_reference_client(installed: Installed) -> None:
    chosen = ("--case", "SIG-01", "--case", "SIG-03")
    judged = installed.run("conformance", "run", *chosen, "--workers", "0")
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert (installed.folder / "empty" / "reports" / "latest").exists()
