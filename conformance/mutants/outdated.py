"""Live in the past."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.orders import Balance
from conformance.mutants.altered import Altered, AlteredClient

_VERSION = re.compile(r"/v\d+/")


class _Half(Altered):
    def balances(self) -> Call[Sequence[Balance]]:
        call: Call[Sequence[Balance]] = self.original.balances()
        return replace(call, path=_VERSION.sub("/v0/", call.path))


@mutant("endpoint-withdrawn-long-ago", kills=("MON-11",), during=("SIG-04",), bug="I17")
class EndpointWithdrawnLongAgo(AlteredClient):
    """Asks for balances where the venue has not answered for years."""

    half_type = _Half
