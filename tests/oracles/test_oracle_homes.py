from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import pytest

from conformance.errors import OracleError
from conformance.oracles import homes
from conformance.oracles.witnesses import LANGUAGES, NotRun, Witness

JS = Witness("binance-js", "js", "binance_sdk", "@binance/sdk", "1.0.0")
RUST = Witness("binance-rust", "rust", "binance_sdk", "binance-sdk", "1.0.0")
PYTHON = Witness("binance-python", "python", "binance_sdk", "binance-sdk", "1.0.0")
CCXT = Witness("ccxt-python", "python", "ccxt_sdk", "ccxt", "1.0.0", official=False)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A machine that has only the programs given, each a shell script."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def add(name: str, script: str = "exit 0") -> None:
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        program.chmod(0o755)

    return add


@pytest.mark.parametrize(
    ("witness", "said"),
    [
        (JS, "not run: JavaScript oracle (node missing)"),
        (RUST, "not run: Rust oracle (cargo missing)"),
        (CCXT, "not run: Python oracle (ccxt) (python3 missing)"),
    ],
)
def test_a_missing_program_is_said_by_name(witness, said, programs, tmp_path):
    for act in (homes.build, homes.command):
        with pytest.raises(NotRun) as caught:
            act(witness, tmp_path)
        assert caught.value.message == said
        assert caught.value.hint.startswith("install ")


def test_an_environment_that_was_not_built_is_said_so(programs, tmp_path):
    programs("node")
    programs("npm")
    with pytest.raises(NotRun, match=r"JavaScript oracle \(not built\)") as caught:
        homes.command(JS, tmp_path)
    assert "conformance vectors build" in caught.value.hint


def test_an_environment_is_built_once_and_again_when_asked(programs, tmp_path):
    log = tmp_path / "log"
    programs("node")
    programs("npm", f'echo "$@" >> {log}')
    for fresh in (False, False, True):
        place = homes.build(JS, tmp_path, fresh=fresh)
    assert len(log.read_text("utf-8").splitlines()) == 2
    assert homes.is_built(JS, tmp_path)
    assert homes.command(JS, tmp_path) == (
        "node",
        str(place / "guest.mjs"),
        str(place / "binance_sdk.mjs"),
    )
    assert (place / "package.json").read_bytes() == (JS.folder / "binance_sdk.json").read_bytes()


def test_a_half_built_environment_is_thrown_away(programs, tmp_path):
    programs("cargo")
    place = homes.folder(RUST, tmp_path)
    place.mkdir(parents=True)
    (place / "rubble").write_text("", "utf-8")
    homes.build(RUST, tmp_path)
    assert not (place / "rubble").exists()
    assert homes.command(RUST, tmp_path) == (str(place / "bin" / "guest"),)


def test_an_installer_that_fails_is_quoted(programs, tmp_path):
    programs("node")
    programs("npm", "echo 404 no such package >&2; exit 3")
    with pytest.raises(OracleError, match="npm said 3") as caught:
        homes.build(JS, tmp_path)
    assert "404 no such package" in caught.value.message
    assert "@binance/sdk 1.0.0 must be installable" in caught.value.hint
    assert not homes.is_built(JS, tmp_path)


def test_an_installer_that_does_not_end_is_stopped(programs, tmp_path, monkeypatch):
    monkeypatch.setattr(homes, "BUILD_S_MAX", 0.2)
    programs("cargo", "while :; do :; done")
    with pytest.raises(OracleError, match="Rust oracle could not be built"):
        homes.build(RUST, tmp_path)


def test_a_python_environment_is_one_of_its_own(tmp_path, monkeypatch):
    steps = []
    monkeypatch.setattr(homes, "_run", lambda _witness, step, *_: steps.append(list(step)))
    place = homes.build(PYTHON, tmp_path)
    assert steps[0] == [sys.executable, "-m", "venv", str(place / "venv")]
    assert steps[1][0] == str(place / "venv" / "bin" / "python")
    assert steps[1][-1] == str(PYTHON.folder / "binance_sdk.txt")
    command = homes.command(PYTHON, tmp_path)
    assert command[:2] == (str(place / "venv" / "bin" / "python"), "-I")


def test_another_manifest_is_another_environment(tmp_path):
    assert homes.folder(PYTHON, tmp_path) != homes.folder(
        dataclasses.replace(CCXT, name=PYTHON.name), tmp_path
    )


def test_the_cache_folder_is_where_the_user_wants_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert homes.default_home() == tmp_path / "exchange-conformance" / "oracles"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert homes.default_home() == tmp_path / ".cache" / "exchange-conformance" / "oracles"


def test_children_reach_loopback_without_a_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:1")
    assert homes.environment()["NO_PROXY"] == "127.0.0.1"
    assert homes.environment()["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_manifest_pins_and_none_names_a_host(language):
    folder = Path(homes.__file__).parent / language
    manifests = [
        path for pattern in ("*.txt", "*.json", "*/Cargo.toml") for path in folder.glob(pattern)
    ]
    assert manifests
    for manifest in manifests:
        assert "://" not in manifest.read_text("utf-8")
