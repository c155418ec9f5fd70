"""Believe to be alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.wire import WireReply
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def usage(self, call: Call[Any], reply: WireReply) -> Mapping[str, int]:  # noqa: ARG002
        return {}


@mutant("usage-not-read", kills=("RTL-04",), bug="I13")
class UsageNotRead(AlteredClient):
    """Counts what it spends itself and never reads how much of the limit is used."""

    half_type = _Half
