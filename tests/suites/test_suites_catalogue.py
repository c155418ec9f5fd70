"""Every case is written down as the catalogue demands, and proven by a mutant."""

import ast
import re
from pathlib import Path

import pytest

from conformance import suites
from conformance.cases import MUTANTS, Case
from conformance.cases.decorators import CASE_ID
from conformance.cases.sources import obscure
from conformance.contracts.adapter import Adapter
from conformance.plugin.discovery import all_cases, all_monitors, all_mutants

FOLDERS = {
    "SIG": "signing",
    "CLK": "clock",
    "MKT": "market",
    "ORD": "orders",
    "LIF": "lifecycle",
    "CAN": "cancel",
    "POS": "positions",
    "ERR": "errors",
    "FND": "funding",
    "RTL": "limits",
    "RSY": "resync",
    "DUP": "duplicates",
    "TLS": "tls",
    "KEY": "keys",
    "LOG": "logs",
    "KIL": "shutdown",
    "UNK": "unknown",
    "STR": "stress",
}
VENUE_WORDS = re.compile(
    r"(?i:binance|bybit|okx|bitget|listenkey|retcode|recvwindow|fapi|dapi|usdt|x-mbx)"
    r"|newClientOrderId|depthUpdate|ORDER_TRADE_UPDATE|positionSide|[\"']-\d{4}[\"']",
)
UNPROVEN: set[str] = set()
"""Cases that no mutant trips; each needs a reason here."""

CASES = list(all_cases())
FILES = sorted(Path(suites.__path__[0]).rglob("*.py"))


def proven() -> set[str]:
    all_mutants()
    return {case_id for mutant in MUTANTS for case_id in mutant.kills}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_states_its_claim_level_and_source(case: Case):
    assert CASE_ID.fullmatch(case.id)
    assert case.title
    assert case.claim.endswith(".")
    assert len(case.title) <= 100
    assert case.source
    assert case.needs
    assert 1 <= case.level <= 5


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_lives_in_the_folder_of_its_area(case: Case):
    assert case.check.__module__.split(".")[2] == FOLDERS[case.area]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_labels_of_examples_are_unique_and_plain(case: Case):
    labels = [example.label for example in case.examples]
    assert len(set(labels)) == len(labels)
    assert all(re.fullmatch(r"[\w.,=+:-]+", label) for label in labels)


def test_titles_are_unique():
    titles = [case.title for case in CASES]
    assert len(set(titles)) == len(titles)


def test_every_area_has_cases():
    assert {case.area for case in CASES} == set(FOLDERS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_case_speaks_no_venue_s_words(path: Path):
    assert not VENUE_WORDS.findall(path.read_text())


def test_every_case_is_tripped_by_a_mutant_or_listed_as_unproven():
    unproven = {case.id for case in CASES} - proven()
    assert unproven == UNPROVEN


def test_every_source_can_be_looked_up():
    told = {each.source for each in (*CASES, *all_monitors())} | {m.bug for m in all_mutants()}
    assert {source: parts for source in told if (parts := obscure(source))} == {}


def test_a_mutant_names_cases_and_rules_that_exist():
    rules = {monitor.id for monitor in all_monitors()}
    assert proven() <= {case.id for case in CASES} | rules


def test_a_case_asks_only_for_what_the_adapter_contract_offers():
    offered = {name for name in vars(Adapter) if not name.startswith("_")}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in ("adapter", "heir", "sibling")
            ):
                assert node.attr in offered, f"{path.name}:{node.lineno} {node.attr}"
