"""A command has an outcome, one of them being *we do not know*. Returned, never raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from conformance.model.categories import Category

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Accepted(Generic[T]):
    """The venue did it."""

    value: T


@dataclass(frozen=True, slots=True)
class Rejected:
    """The venue certainly did not do it."""

    category: Category
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """The venue may or may not have done it."""

    cause: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte left the client."""

    reason: str


Outcome: TypeAlias = Accepted[T] | Rejected | OutcomeUnknown | NotSent
