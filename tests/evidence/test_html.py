"""The HTML page: made where Node is found, explained where not, and silent when opened."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.errors import EvidenceError
from conformance.evidence import html
from conformance.evidence.reading import Run, gather

RUN = gather([])
NPM = """#!/bin/sh
echo "npm $*" >> "$LOG"
{also}
package="$7/node_modules/allure"
mkdir -p "$package" && echo '{bin}' > "$package/package.json"
"""
NODE = """#!/bin/sh
echo "node $*" >> "$LOG"
{also}
out=$(sed 's/.*"output":"\\([^"]*\\)".*/\\1/' "$4")
mkdir -p "$out/awesome" && cp "$PAGE" "$out/awesome/index.html"
"""
PAGE = "<p><script src='https://www.googletagmanager.com/g'></script><script>app()</script></p>"


class Machine:
    """A machine with programs of our choice, and a log of how they were called."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.programs, self.log = folder / "bin", folder / "log"
        self.report = folder / "report"
        self.programs.mkdir()
        self.report.mkdir()
        (folder / "page").write_text(PAGE)
        patch.setenv("PATH", f"{self.programs}:/usr/bin:/bin")
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("LOG", str(self.log))
        patch.setenv("PAGE", str(folder / "page"))

    def install(self, name: str, text: str, also: str = "", script: str = '"./cli.js"') -> None:
        program = self.programs / name
        package = json.dumps({"bin": json.loads(script)})
        program.write_text(text.replace("{also}", also).replace("{bin}", package))
        program.chmod(0o755)

    def write(self, run: Run = RUN) -> Path:
        return html.write(run, self.report)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path, monkeypatch)
    made.install("node", NODE)
    made.install("npm", NPM)
    return made


def test_the_page_is_written_without_its_analytics(machine: Machine) -> None:
    assert machine.write().read_text() == "<p><script>app()</script></p>"


def test_allure_is_installed_once_pinned_and_without_a_lock_file(machine: Machine) -> None:
    machine.write()
    machine.write()
    calls = machine.log.read_text().splitlines()
    installs = [call for call in calls if call.startswith("npm")]
    assert len(installs) == 1
    assert f"allure@{html.VERSION}" in installs[0]
    assert "--no-package-lock" in installs[0]
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("venues", "groups"), [(["one"], ["feature"]), (["one", "two"], ["epic", "feature"])]
)
def test_cases_are_grouped_by_area_and_by_venue_when_there_are_several(
    machine: Machine, tmp_path: Path, venues: list[str], groups: list[str]
) -> None:
    machine.install("node", NODE, also=f'cp "$4" {tmp_path}/config')
    machine.write(replace(RUN, begun={**RUN.begun, "venues": venues}))
    config = json.loads((tmp_path / "config").read_text())
    assert config["plugins"]["awesome"]["options"]["groupBy"] == groups


def test_a_package_may_name_its_program_in_a_table(machine: Machine) -> None:
    machine.install("npm", NPM, script='{"allure": "./other.js"}')
    machine.write()
    assert "node_modules/allure/other.js generate" in machine.log.read_text()


def test_without_node_the_reason_is_given(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EvidenceError, match="Node is not installed"):
        machine.write()


@pytest.mark.parametrize(
    ("also", "told"),
    [
        ("echo something >&2; echo 'npm error no network' >&2; exit 1", "npm error no network"),
        ("echo 'out of luck'; exit 1", "out of luck"),
        ("exit 1", "nothing was said"),
    ],
)
def test_a_failed_installation_says_what_npm_said(machine: Machine, also: str, told: str) -> None:
    machine.install("npm", NPM, also=also)
    with pytest.raises(EvidenceError, match=f"npm install --no-package-lock failed: {told}"):
        machine.write()


def test_a_program_that_does_not_end_is_given_up(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "GENERATE_LIMIT_S", 0.05)
    machine.install("node", NODE, also="exec sleep 30")
    with pytest.raises(EvidenceError, match=r"node did not end within 0\.05 s"):
        machine.write()


def test_a_generator_that_writes_nothing_is_an_error(machine: Machine) -> None:
    machine.install("node", NODE, also="exit 0")
    with pytest.raises(EvidenceError, match="Allure wrote no page"):
        machine.write()


def test_the_cache_is_in_the_users_home_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/somewhere")
    assert html.cache().parts[:3] == ("/", "somewhere", ".cache")


@pytest.mark.parametrize(
    "script",
    [
        "<script async src='https://www.googletagmanager.com/x'></script>",
        "<SCRIPT>\n gtag('config', 'G-1')\n</SCRIPT >",
    ],
)
def test_the_analytics_are_taken_out_of_a_page_and_nothing_else(script: str) -> None:
    kept = "<script>app()</script>" + "<script>" + "x" * 5000 + "googletagmanager</script>"
    assert html.without_analytics(f"<p>{script}{kept}</p>") == f"<p>{kept}</p>"
