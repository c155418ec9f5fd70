"""Find cases, mutants, monitors and adapters by importing the modules that define them."""

from __future__ import annotations

import inspect
import pkgutil
import sys
import traceback
from collections.abc import Callable
from functools import cache
from importlib import import_module, util
from pathlib import Path
from types import ModuleType
from typing import cast

from conformance import suites
from conformance.cases import CASES, MONITORS, MUTANTS, Case, Monitor, Mutant, Registry
from conformance.contracts.adapter import AdapterFactory
from conformance.errors import ConformanceError, UsageError
from conformance.plugin.settings import nearest

SUITES = Path(suites.__path__[0])
OWN = "conformance_own_cases"
"""Prefix of the module names given to files in folders of the user's own."""


def all_cases(folders: tuple[Path, ...] = ()) -> Registry[Case]:
    """Import every suite, and the files in ``folders``; return the catalogue."""
    for path in sorted([*case_files(SUITES), *(f for each in folders for f in case_files(each))]):
        import_cases(path)
    return CASES


def case_files(folder: Path) -> list[Path]:
    """Return the files below ``folder`` that may hold cases."""
    return sorted(path for path in folder.rglob("*.py") if holds_cases(path))


def holds_cases(path: Path) -> bool:
    """Say whether a file in a folder of cases is to be imported: neither private nor a test."""
    return path.suffix == ".py" and not path.name.startswith(("_", "test_", "conftest"))


def import_cases(path: Path) -> ModuleType:
    """Import a file of cases once, a suite under its own name.

    Raises UsageError with the line at fault for a file of the user's own.
    """
    if path.is_relative_to(SUITES):
        return import_module(".".join([suites.__name__, *_below(path, SUITES)]))
    name = f"{OWN}.{'.'.join(path.resolve().with_suffix('').parts[1:])}"
    if name in sys.modules:
        return sys.modules[name]
    spec = util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ConformanceError:
        del sys.modules[name]
        raise
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise UsageError(
            f"the cases in {path} cannot be imported: {_at_fault(error)}",
            hint="every Python file in a folder of cases is imported, but tests and _private ones",
        ) from error
    return module


def all_mutants() -> Registry[Mutant]:
    """Import every mutant; return the register."""
    _import_all("conformance.mutants")
    return MUTANTS


def all_monitors() -> Registry[Monitor]:
    """Import every monitor; return the register."""
    _import_all("conformance.monitors")
    return MONITORS


def load_adapter(spec: str) -> AdapterFactory:
    """Return the factory named ``module:factory``; raise UsageError with the line at fault."""
    where, colon, name = spec.partition(":")
    if not (where and colon and name):
        raise UsageError(
            f"{spec!r} does not name an adapter",
            hint="write module:factory, such as my_client.conformance:Adapter",
        )
    try:
        module = import_module(where)
    except (Exception, SystemExit) as error:  # a gate must not end as the module pleases
        raise UsageError(
            f"the adapter's module {where} cannot be imported: {_at_fault(error)}",
            hint="the module must be importable from the folder the command is given in",
        ) from error
    factory: object = module
    for step in name.split("."):
        if not hasattr(factory, step):
            public = [each for each in vars(module) if not each.startswith("_")]
            raise UsageError(f"{where} has no {name}", hint=nearest(name, public))
        factory = getattr(factory, step)
    if not callable(factory):
        raise UsageError(
            f"{spec} is not callable", hint="it must be a class or function of two arguments"
        )
    if not _takes_two(factory):
        raise UsageError(
            f"{spec} cannot be called with two arguments",
            hint="it is given the endpoints and the credentials",
        )
    return cast("AdapterFactory", factory)


def _takes_two(factory: Callable[..., object]) -> bool:
    try:
        inspect.signature(factory).bind(object(), object())
    except TypeError:
        return False
    except ValueError:
        return True  # it does not say what it takes
    return True


@cache
def _import_all(name: str) -> None:
    package = import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        import_module(module.name)


def _below(path: Path, folder: Path) -> tuple[str, ...]:
    return path.relative_to(folder).with_suffix("").parts


def _at_fault(error: BaseException) -> str:
    """Return the error and the last line of the user's that led to it."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return f"{text} ({error.filename}:{error.lineno})"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<") and frame.filename not in _MACHINERY
    ]
    if not frames:
        return text
    return f"{text} ({frames[-1].filename}:{frames[-1].lineno}: {frames[-1].line})"


_MACHINERY = frozenset({__file__, str(util.__file__), str(import_module("importlib").__file__)})
