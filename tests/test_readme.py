"""Every block of code in the README does what it says."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from conformance import venues
from conformance.evidence.verdicts import Verdict
from conformance.plugin import discovery
from conformance.plugin.running import run_case

pytest.importorskip("ccxt")
from examples.quoter.adapter import QuoterAdapter  # it needs ccxt

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


class Block(NamedTuple):
    """One fenced block; ``mirrors`` names the file that it must be equal to."""

    mirrors: str
    language: str
    code: str


FENCE = re.compile(r"(?:<!-- (\S+) -->\n)?^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [Block(*match) for match in FENCE.findall(README)]


def blocks(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


def commands() -> list[str]:
    lines = [line for block in blocks("bash") for line in block.code.splitlines()]
    return [line.partition("#")[0].strip() for line in lines if line.strip()]


def test_every_block_has_a_language_that_is_checked_here() -> None:
    assert {block.language for block in BLOCKS} == {"bash", "python", "yaml"}
    assert README.count("```") == 2 * len(BLOCKS)


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.mirrors], ids=lambda b: b.mirrors)
def test_a_block_that_shows_a_file_is_that_file(block: Block) -> None:
    assert block.code == (ROOT / block.mirrors).read_text()


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.mirrors or "test")
def test_python_runs(block: Block, tmp_path: Path) -> None:
    program = tmp_path / "test_shown.py"
    program.write_text(block.code)
    tests = len(re.findall(r"^(?:async )?def test_", block.code, re.MULTILINE))
    runner = ["-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider"] if tests else []
    ran = subprocess.run(
        [sys.executable, "-W", "error", *runner, program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert not tests or f"{tests} passed" in ran.stdout


def test_the_adapter_has_thirty_lines_at_most() -> None:
    (shown,) = [block for block in BLOCKS if block.mirrors.endswith("adapter.py")]
    body = shown.code.partition("class ")[2].splitlines()
    assert len([line for line in body if line.strip()]) <= 30


def test_the_adapter_breaks_the_claims_that_are_said_to_be_broken() -> None:
    told = README.partition("Its first run breaks")[2].partition("\n\n")[0]
    named = sorted(set(re.findall(r"\b[A-Z]{3}-\d\d\b", told)))
    cases = discovery.all_cases()
    verdicts = [
        run_case(
            cases.get(name), venue=venues.load("binance_usdm"), adapter_factory=QuoterAdapter
        ).verdict
        for name in named
    ]
    assert named
    assert set(verdicts) == {Verdict.FAIL}


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block.mirrors)
def test_yaml_is_a_workflow(block: Block) -> None:
    assert {"name", "jobs"} <= set(yaml.safe_load(block.code))


@pytest.mark.parametrize("command", commands())
def test_every_command_exists(command: str) -> None:
    tool, *arguments = command.split()
    if tool == "make":
        assert set(arguments) <= TARGETS
        return
    script = Path(sys.executable).with_name(tool)
    words = itertools.takewhile(str.isalpha, arguments)
    asked = [] if tool == "pytest" else list(words)
    shown = subprocess.run([script, *asked, "--help"], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    for option in (word for word in arguments if word.startswith("--")):
        assert option in shown.stdout, option


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_two_commands_are_the_first_things_shown() -> None:
    assert [command.split()[1] for command in commands()[:2]] == ["certify", "test"]


def test_the_project_file_is_valid() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["readme"] == "README.md"
