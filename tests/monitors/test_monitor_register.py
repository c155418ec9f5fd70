"""The register of monitors: one rule a file, each with an id, a claim and a source."""

import re
from pathlib import Path

import pytest

from conformance import monitors
from conformance.cases import MONITORS, Rule, monitor
from conformance.errors import UsageError

FOLDER = Path(monitors.__path__[0])


def test_there_are_enough_rules_with_ids_without_gaps():
    assert len(MONITORS) >= 25
    ids = [one.id for one in MONITORS]
    assert ids == [f"MON-{number:02}" for number in range(1, len(ids) + 1)]


def test_a_file_holds_one_rule_at_most():
    counts = [
        len(re.findall(r"^@monitor\(", path.read_text(), re.MULTILINE))
        for path in FOLDER.iterdir()
        if path.suffix == ".py"
    ]
    assert max(counts) == 1
    assert sum(counts) == len(MONITORS)


def test_a_rule_states_its_claim_and_its_source():
    for one in MONITORS:
        assert len(one.title.split()) > 5
        assert one.claim.split("\n")[0].endswith(".")
        assert one.source
        assert one.rule.id == one.id


@pytest.mark.parametrize("wrong", ["MON-1", "RTL-01", "MON-001", ""])
def test_an_id_has_its_form(wrong):
    with pytest.raises(UsageError, match="is not a monitor id"):
        monitor(wrong, source="here")


def test_a_rule_without_a_claim_is_refused():
    class Silent(Rule):
        pass

    Silent.__doc__ = None
    with pytest.raises(UsageError, match="has no docstring"):
        monitor("MON-99", source="here")(Silent)


def test_an_id_is_used_once():
    class Second(Rule):
        """Claim what is claimed already."""

    with pytest.raises(UsageError, match="MON-01 is defined twice"):
        monitor("MON-01", source="here")(Second)
