"""What the package offers by name, and what naming it costs."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys

import pytest

import conformance

OPTIONAL = {
    "conformance.peers.ccxt": "ccxt",
    "conformance.peers.binance_sdk": "binance_common",
}
"""Modules that need an optional extra, and what it brings."""
HEAVY = {
    "asyncio",
    "ccxt",
    "cryptography",
    "httptools",
    "httpx",
    "hypothesis",
    "msgspec",
    "orjson",
    "pytest",
    "rich",
    "ssl",
    "trustme",
    "websockets",
}
OURS_HEAVY = {
    f"conformance.{floor}"
    for floor in ("client", "exchange", "mutants", "peers", "sim", "suites", "venues", "virtual")
}
NAMES = sorted(
    module.name
    for module in pkgutil.walk_packages(conformance.__path__, "conformance.")
    if not module.name.endswith("__main__") and "._data" not in module.name
)


def loaded_by(statement: str) -> set[str]:
    """Names of all modules in a fresh interpreter after ``statement``."""
    code = f"import sys; before = set(sys.modules); {statement}; import json; "
    code += "print(json.dumps(sorted(set(sys.modules) - before)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(out.stdout))


def in_order(name: str) -> tuple[int, str]:
    """CONSTANTS, then Classes, then the rest: the order ruff's RUF022 keeps."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


@pytest.mark.parametrize("name", ["conformance", *NAMES])
def test_every_module_imports_and_keeps_its_promised_names_in_order(name: str) -> None:
    if name in OPTIONAL:
        pytest.importorskip(OPTIONAL[name])
    module = importlib.import_module(name)
    promised = list(getattr(module, "__all__", ()))
    assert promised == sorted(set(promised), key=in_order)
    assert [each for each in promised if not hasattr(module, each)] == []


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import conformance") & (HEAVY | OURS_HEAVY) == set()


def test_a_pytest_run_that_never_uses_the_plugin_pays_for_its_options_only() -> None:
    loaded = loaded_by("import pytest; import conformance.plugin.entry")
    assert loaded & OURS_HEAVY == set()
    assert loaded & {"httpx", "websockets", "cryptography", "hypothesis", "trustme"} == set()


def test_the_peers_do_not_load_the_clients_they_wrap_until_asked() -> None:
    assert loaded_by("import conformance.peers") & {"ccxt", "binance_common"} == set()
