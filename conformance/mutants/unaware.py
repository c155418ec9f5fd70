"""Read the list of symbols once."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.instruments import Instrument
from conformance.model.outcomes import Accepted, Outcome


@mutant("delisting-not-noticed", kills=("FND-08",), bug="B085")
class DelistingNotNoticed(ReferenceClient):
    """Goes on telling the symbols as they were at the start, with no end in sight."""

    async def instruments(self) -> Outcome[Sequence[Instrument]]:
        return Accepted(tuple(self._instruments.values()))
