"""Both halves of a dialect, imported when asked for: neither is loaded with the other."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from conformance.contracts.core import Core
from conformance.contracts.dialect import ServerHalf
from conformance.contracts.monitor import Interpreter


class Halves:
    """The halves in ``package``: ``server`` with Server and Interpreter, ``client`` with Client."""

    def __init__(self, package: str) -> None:
        self._package = package

    def server(self, core: Core, switches: Mapping[str, Any]) -> ServerHalf:
        """Return a server half; raise UsageError for switches that do not exist."""
        half: ServerHalf = import_module(f"{self._package}.server").Server(core, switches)
        return half

    def interpreter(self) -> Interpreter:
        """Return a reader of the venue's wire."""
        reader: Interpreter = import_module(f"{self._package}.server").Interpreter()
        return reader

    def client(self) -> object:
        """Return a client half."""
        half: object = import_module(f"{self._package}.client").Client()
        return half
