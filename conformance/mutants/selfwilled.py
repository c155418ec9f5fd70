"""Trust the system's authorities only."""

from __future__ import annotations

import ssl

from conformance.cases import mutant
from conformance.client import ReferenceClient


@mutant("given-authority-ignored", kills=("TLS-01",), bug="I32")
class GivenAuthorityIgnored(ReferenceClient):
    """Ignores the authority that it was told to trust."""

    def _trust(self, ca_file: str) -> ssl.SSLContext:
        del ca_file
        return super()._trust("")
