from __future__ import annotations

import pytest
from click.testing import CliRunner

from conformance.cli.vectors import command
from conformance.errors import OracleError
from conformance.oracles import homes, judge
from conformance.oracles.witnesses import NotRun


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)

    def invoke(*words: str):
        return CliRunner().invoke(command, [*words])

    return invoke


@pytest.fixture
def bare(monkeypatch):
    """A machine on which no oracle can run."""

    def refuse(witness, *_, **__):
        raise NotRun(witness, "node missing", hint="install node and try again")

    monkeypatch.setattr(homes, "build", refuse)


def test_the_stored_vectors_are_checked_without_any_toolchain(run, monkeypatch):
    monkeypatch.setenv("PATH", "")
    done = run("check", "--stored")
    assert done.exit_code == 0
    assert "binance_usdm: " in done.output
    assert " vectors hold (ed25519 " in done.output
    assert "expected disagreement: js-signs-other-bytes (39 vectors)" in done.output


def test_an_oracle_that_cannot_run_is_said_and_does_not_fail_at_home(run, bare):
    done = run("check", "binance_usdm")
    assert done.exit_code == 0
    assert "not run: JavaScript oracle (node missing)" in done.output
    assert "asked again" not in done.output


@pytest.mark.parametrize("words", [("check",), ("record", "binance_usdm"), ("build",)])
def test_an_oracle_that_cannot_run_fails_on_a_build_machine(run, bare, monkeypatch, words):
    monkeypatch.setenv("CI", "true")
    done = run(*words)
    assert isinstance(done.exception, OracleError)
    assert "oracles were not heard" in done.exception.message
    assert done.exception.hint == "install node and try again"


def test_a_broken_signer_fails_the_check(run, monkeypatch):
    monkeypatch.setattr(judge, "troubles", lambda *_: ["it is wrong"])
    done = run("check", "--stored")
    assert done.exit_code == 1
    assert "BROKEN published order-in-query/documented: it is wrong" in done.output


def test_an_unknown_oracle_is_refused_by_name(run):
    done = run("build", "--only", "binance-cobol")
    assert done.exit_code == 2
    assert "no oracle binance-cobol; one of binance-python" in done.output


def test_the_findings_are_printed(run):
    done = run("findings", "binance_usdm")
    assert done.exit_code == 0
    assert done.output.startswith("# What the SDKs do differently")
