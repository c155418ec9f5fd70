"""A client whose half, or whose settings, a mutant replaces; everything else is the original's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, TypeVar, cast

from conformance.client import ReferenceClient, Settings
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.client import Call, Catalogue, ClientHalf, Page

T = TypeVar("T")


class Altered:
    """A client half some of whose methods a mutant replaces."""

    def __init__(self, half: ClientHalf) -> None:
        self.original = half

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the original has
        return getattr(self.original, name)


class AlteredClient(ReferenceClient):
    """The reference client over an altered half."""

    half_type: ClassVar[type[Altered]] = Altered

    def _dialect(self, venue: str) -> ClientHalf:
        return cast("ClientHalf", self.half_type(super()._dialect(venue)))


class TunedClient(ReferenceClient):
    """The reference client with other settings."""

    tuning: ClassVar[Settings] = Settings()

    def __init__(self, endpoints: Endpoints, credentials: Credentials) -> None:
        super().__init__(endpoints, credentials, settings=self.tuning)


def remade(call: Call[T], change: Callable[[T], T]) -> Call[T]:
    """Return a call whose decoded answer is changed."""
    return replace(call, decode=lambda data: change(call.decode(data)))


def remade_rows(call: Call[Page[T]], change: Callable[[T], T]) -> Call[Page[T]]:
    """Return a call whose decoded rows are changed, on every page."""

    def page(found: Page[T]) -> Page[T]:
        more = found.more and remade_rows(found.more, change)
        return Page([change(row) for row in found.rows], more, found.at_ms)

    return remade(call, page)


def remade_catalogue(
    call: Call[Catalogue], change: Callable[[Catalogue], Catalogue]
) -> Call[Catalogue]:
    """Return a call whose decoded catalogue is changed, in all of its parts."""

    def part(found: Catalogue) -> Catalogue:
        more = found.more and remade_catalogue(found.more, change)
        return replace(change(found), more=more)

    return remade(call, part)
