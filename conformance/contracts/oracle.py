"""What a case is given of the outside witnesses: their word on a signed request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from conformance.contracts.adapter import Credentials
from conformance.model.wire import WireRequest


class Testimony(NamedTuple):
    """What one witness says of one request."""

    witness: str
    """Who says it, with its version."""
    agrees: bool
    """True when text and signature are, byte for byte, what the witness makes of the request."""
    said: str
    """The text and the signature as the witness has them."""
    seen: str
    """The text and the signature as the request has them."""


class Oracle(Protocol):
    """The witnesses that can be heard here."""

    def testify(self, request: WireRequest, credentials: Credentials) -> Sequence[Testimony]:
        """Return what each witness says of a signed request; nothing where none knows the venue.

        Raises OracleError when a witness fails: that is no verdict about the adapter.
        """
