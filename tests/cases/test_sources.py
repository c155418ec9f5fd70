"""A source says where a claim comes from in words that can be looked up."""

from __future__ import annotations

import pytest

from conformance.cases.sources import cited, obscure


def test_an_incident_is_told_with_its_thread() -> None:
    told = cited("I36")["I36"]
    assert told.startswith("Verbose logs that maintainers ask for carry credentials")
    assert "https://github.com/BerriAI/litellm/issues/1127" in told


def test_a_body_of_tests_is_told_whatever_of_it_is_meant() -> None:
    told = cited("NT E84-87, CX fetchStatus")
    assert told["NT E84-87"].startswith("NautilusTrader")
    assert told["CX fetchStatus"] == "ccxt tests"


@pytest.mark.parametrize("plain", ["ccxt/ccxt#7641", "SIG-08", "RFC 8446", "house rule: no more"])
def test_what_speaks_for_itself_stands_for_nothing_else(plain: str) -> None:
    assert (cited(plain), obscure(plain)) == ({plain: ""}, [])


@pytest.mark.parametrize(
    ("source", "vague"), [("I99", "I99"), ("here", "here"), ("", ""), ("NT E60, E70", "E70")]
)
def test_what_nobody_can_look_up_is_named(source: str, vague: str) -> None:
    assert obscure(source) == [vague]
