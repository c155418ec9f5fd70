"""The pages beside the README say what the project is."""

from __future__ import annotations

import configparser
import json
import re
from pathlib import Path

import pytest

from conformance.cli.stress import command as stress
from conformance.load.plan import PROFILES
from conformance.plugin import discovery

ROOT = Path(__file__).parents[1]
DOCS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}


def test_the_floors_that_are_drawn_are_those_that_are_enforced() -> None:
    linter = configparser.ConfigParser()
    linter.read(ROOT / ".importlinter")
    layers = linter["importlinter:contract:floors"]["layers"].split("\n")
    enforced = [sorted(re.findall(r"\w+", layer)) for layer in layers if layer]
    table = DOCS["architecture.md"].partition("| floor | holds |")[2].partition("\n\n")[0]
    drawn = [sorted(re.findall(r"`(\w+)`", row.split("|")[1])) for row in table.split("\n")[2:]]
    assert drawn == enforced


def test_the_page_on_stress_names_options_profiles_and_cases_that_exist() -> None:
    page = DOCS["stress.md"]
    options = {name for option in stress.params for name in option.opts}
    shown = page.replace("`--host`", "").replace("conformance run --level 5 --case", "")
    assert set(re.findall(r"--[a-z0-9-]{2,}", shown)) <= options
    row = next(line for line in page.split("\n") if line.startswith("| `--profile`"))
    assert set(re.findall(r"`([a-z][a-z-]+)`", row)) == set(PROFILES)
    first, last = re.findall(r"cases (STR-\d\d) to (STR-\d\d)", page)[0]
    ids = [case.id for case in discovery.all_cases() if case.area == "STR"]
    assert (first, last) == (min(ids), max(ids))


@pytest.mark.parametrize("name", sorted(DOCS))
def test_links_between_pages_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\((?!http|#)([^)#]+)", DOCS[name])
    assert [each for each in targets if not (ROOT / "docs" / each).exists()] == []


def test_the_number_of_recorded_vectors_is_the_one_announced() -> None:
    files = (ROOT / "fixtures" / "vectors").glob("*/*.json")
    count = sum(len(json.loads(path.read_bytes())["vectors"]) for path in files)
    assert f"{count:,} recorded vectors" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
