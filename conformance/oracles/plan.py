"""What a venue brings to its oracles: keys, witnesses, a corpus, and how to read its bytes."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from conformance.contracts.adapter import Credentials
from conformance.errors import UsageError
from conformance.model.ids import Millis
from conformance.oracles import venues
from conformance.oracles.asks import Logical, Wire
from conformance.oracles.vectors import SourceKey, Verdict
from conformance.oracles.witnesses import Witness


class Claim(NamedTuple):
    """What a request claims, read out of its raw bytes without the venue's own code."""

    payload: str
    """The text that a venue verifies when it takes the bytes as they came."""
    signature: str
    """Percent-encoding undone."""


class Retold(NamedTuple):
    """What a signed request asks, so that a witness can sign it again."""

    logical: Logical
    now_ms: Millis
    window_ms: int = 0


class Signer(Protocol):
    """Our own signer and verifier of a venue: the thing that the vectors put to the test."""

    def sign(self, credentials: Credentials, payload: bytes) -> str:
        """Return the signature as text, not percent-encoded."""

    def verify(self, credentials: Credentials, wire: Wire) -> bool | None:
        """Say whether the wire's signature holds over its raw bytes, None where it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A disagreement that is known, and for which requests it is to be expected."""

    name: str
    title: str
    witnesses: tuple[str, ...]
    verdict: Verdict
    fact: str
    """What the SDK does, in plain words, with the place in its source."""
    minimal: Logical
    """The smallest request that shows it."""
    expected: Callable[[Logical], bool]
    """Say whether a request runs into it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One venue's oracles, published as ``PLAN`` by ``oracles/venues/<venue>.py``."""

    venue: str
    now_ms: int
    """Frozen time of every request; exact as a binary fraction of seconds."""
    keys: Mapping[str, SourceKey]
    witnesses: tuple[Witness, ...]
    corpus: Callable[[], Iterable[tuple[str, Logical]]]
    headers: tuple[str, ...]
    """Header fields that belong to the dialect; the rest says where and by whom."""
    read: Callable[[Wire], Claim]
    retell: Callable[[Wire], Retold]
    """Says what a signed request asks."""
    meaning: Callable[[str, Credentials], object]
    """Returns what a signed text says, however it is written: equal for equal requests."""
    spoil: Callable[[Wire], Wire]
    """Changes what is signed of a request, and leaves the signature."""
    signer: Signer
    defects: tuple[Defect, ...]
    table: Mapping[str, str]
    """Field that shows how values are written, by the first word of the cases about it."""
    facts: tuple[tuple[str, str], ...] = ()
    """What else was found, beside signatures: title and statement, each with a live test."""

    def defect(self, witness: str, logical: Logical) -> Defect | None:
        """Return the known defect that ``logical`` runs into with this witness."""
        for defect in self.defects:
            if witness in defect.witnesses and defect.expected(logical):
                return defect
        return None


def names() -> tuple[str, ...]:
    """Return the venues that have oracles."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(venues.__path__)))


def load(venue: str) -> Plan:
    """Return the plan of a venue. Raises UsageError when it has none."""
    if venue not in names():
        raise UsageError(f"there are no oracles for {venue!r}", hint=f"one of {', '.join(names())}")
    plan = importlib.import_module(f"{venues.__name__}.{venue}").PLAN
    assert isinstance(plan, Plan)
    return plan
