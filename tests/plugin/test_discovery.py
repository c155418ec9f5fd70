"""Finding cases, mutants and adapters, and saying what is wrong with those not found."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.client import ReferenceClient
from conformance.errors import UsageError
from conformance.plugin import discovery
from conformance.plugin.settings import ADAPTER


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_the_default_adapter_is_the_reference_client() -> None:
    assert discovery.load_adapter(ADAPTER) is ReferenceClient


def test_an_adapter_may_be_an_attribute_of_something(here: Path) -> None:
    (here / "nested_adapter.py").write_text("class A:\n    make = staticmethod(lambda e, c: 7)\n")
    assert discovery.load_adapter("nested_adapter:A.make")(None, None) == 7  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "spec", "message", "hint"),
    [
        ("", "only_a_module", "does not name an adapter", "module:factory"),
        ("", ":make", "does not name an adapter", "module:factory"),
        ("", "absent_module:A", "No module named 'absent_module'", "importable"),
        ("import nothing_like_it", "bad_a:A", "bad_a.py:1: import nothing_like_it)", ""),
        ("x = 1\ny = x[0]", "bad_b:A", "bad_b.py:2: y = x[0])", ""),
        ("def f(:", "bad_c:A", "SyntaxError", "importable"),
        ("Client = 1", "bad_d:Cleint", "bad_d has no Cleint", "did you mean Client?"),
        ("Client = 1", "bad_e:Client", "is not callable", "class or function"),
        ("def make(): ...", "bad_f:make", "cannot be called with two arguments", "credentials"),
        ("raise SystemExit(0)", "bad_g:make", "bad_g.py:1: raise SystemExit(0))", ""),
    ],
)
def test_an_adapter_that_cannot_be_had_is_told_with_the_line_at_fault(
    here: Path, text: str, spec: str, message: str, hint: str
) -> None:
    name = spec.partition(":")[0]
    if text:
        (here / f"{name}.py").write_text(text)
    with pytest.raises(UsageError) as caught:
        discovery.load_adapter(spec)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_every_suite_is_found() -> None:
    cases = discovery.all_cases()
    assert len(cases) > 0
    assert {case.check.__module__.split(".")[1] for case in cases} == {"suites"}


def test_files_of_the_users_own_are_found_but_not_tests_and_private_ones(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a.py", "deep/b.py", "_c.py", "test_d.py", "conftest.py", "e.txt"):
        (tmp_path / name).write_text("")
    found = discovery.case_files(tmp_path)
    assert [path.name for path in found] == ["a.py", "b.py"]


def test_a_file_of_the_users_own_is_imported_once(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text("marks = []\n")
    module = discovery.import_cases(path)
    module.marks.append(1)
    assert discovery.import_cases(path).marks == [1]


def test_a_file_that_cannot_be_imported_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text("1 / 0\n")
    before = set(sys.modules)
    with pytest.raises(UsageError, match=r"own\.py:1: 1 / 0\)"):
        discovery.import_cases(path)
    assert set(sys.modules) == before


def test_a_file_that_would_end_the_process_is_told_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text("raise SystemExit(0)\n")
    with pytest.raises(UsageError, match=r"own\.py:1: raise SystemExit"):
        discovery.import_cases(path)


def test_a_factory_that_says_nothing_of_its_arguments_is_taken_at_its_word(here: Path) -> None:
    (here / "shy_adapter.py").write_text("make = dict.fromkeys\n")
    assert callable(discovery.load_adapter("shy_adapter:make"))


def test_a_suite_is_imported_under_its_own_name() -> None:
    path = discovery.case_files(discovery.SUITES)[0]
    assert discovery.import_cases(path).__name__.startswith("conformance.suites.")


def test_every_mutant_is_found() -> None:
    folder = Path(discovery.import_module("conformance.mutants").__path__[0])
    files = [path for path in folder.rglob("*.py") if path.name != "__init__.py"]
    assert bool(len(discovery.all_mutants())) == bool(files)
