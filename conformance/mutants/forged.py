"""What signing mutants do to signed requests, whatever the venue: find, change, move signatures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.errors import Beyond
from conformance.model.wire import WireRequest
from conformance.mutants.altered import Altered

_STRANGER = "nobody's secret"


class Seal(NamedTuple):
    """Where the signature of a request stands, and what is written there."""

    part: str
    """``headers``, or the name of the part whose fields are joined by ``&``."""
    place: int
    name: str
    text: str


class Forger(Altered, ABC):
    """A half whose signed requests a mutant changes."""

    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        """Sign as the original does, then let the mutant at it."""
        request = self.genuine(call, credentials, at)
        return self.forge(request, call, credentials, at) if call.signed else request

    @abstractmethod
    def forge(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> WireRequest:
        """Return what is sent in the place of a signed request."""

    def genuine(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        """Sign as the original does."""
        request: WireRequest = self.original.sign(call, credentials, at)
        return request

    def seal(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> Seal:
        """Find the signature: what another secret would have written differently."""
        stranger = replace(credentials, kind="hmac", secret=_STRANGER)
        other = self.genuine(call, stranger, at)
        for part in ("query", "body", "headers"):
            mine, theirs = fields(request, part), fields(other, part)
            for index, (ours, foreign) in enumerate(zip(mine, theirs, strict=True)):
                if ours != foreign:
                    return Seal(part, index, *ours)
        raise Beyond(f"nobody finds the signature of {call.operation}")

    def grafted(
        self,
        request: WireRequest,
        call: Call[Any],
        other: Call[Any],
        credentials: Credentials,
        at: int,
    ) -> WireRequest:
        """Return the request of one call with the signature of another."""
        foreign = self.genuine(other, credentials, at)
        theirs = self.seal(foreign, other, credentials, at)
        return resealed(request, self.seal(request, call, credentials, at), theirs.text)

    def address_seal(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> Seal:
        """Find the signature among the parameters; raise Beyond where it is a header."""
        seal = self.seal(request, call, credentials, at)
        if seal.part == "headers":
            raise Beyond("this venue's signature is a header: it has no order and no encoding")
        return seal


def fields(request: WireRequest, part: str) -> list[tuple[str, str]]:
    """Return the header fields, or what stands between the ``&`` of a part."""
    if part == "headers":
        return list(request.headers)
    text: bytes = getattr(request, part)
    pairs = [field.partition("=") for field in text.decode("latin-1").split("&")] if text else []
    return [(name, value) for name, _, value in pairs]


def written(request: WireRequest, part: str, pairs: list[tuple[str, str]]) -> WireRequest:
    """Return the request with other fields in one part."""
    if part == "headers":
        return request._replace(headers=tuple(pairs))
    text = "&".join(f"{name}={value}" for name, value in pairs).encode("latin-1")
    return request._replace(query=text) if part == "query" else request._replace(body=text)


def resealed(request: WireRequest, seal: Seal, text: str) -> WireRequest:
    """Return the request with another text for its signature."""
    pairs = fields(request, seal.part)
    pairs[seal.place] = (seal.name, text)
    return written(request, seal.part, pairs)


def unsealed(request: WireRequest, seal: Seal) -> WireRequest:
    """Return the request without its signature."""
    pairs = fields(request, seal.part)
    del pairs[seal.place]
    return written(request, seal.part, pairs)


def but_for_the_seal(
    request: WireRequest, seal: Seal, change: Callable[[bytes], bytes]
) -> WireRequest:
    """Return the request with query and body changed, and the signature as it was."""
    bare = unsealed(request, seal)
    bare = bare._replace(query=change(bare.query), body=change(bare.body))
    return written(bare, seal.part, [*fields(bare, seal.part), (seal.name, seal.text)])
