"""What all monitors have in common: a scene to look at, and hooks for what goes over the wire."""

from __future__ import annotations

from typing import ClassVar

from conformance.contracts.monitor import Scene
from conformance.model.study import Carried, OrderText, Study, Told
from conformance.model.wire import Frame, Operation, RoundTrip, Stream


class Rule:
    """One rule, watched through one case. Of the hooks only those that a monitor has are called.

    Whatever is awaited is asked of ``scene.at``: a case that ends before is no proof of anything.
    """

    id: ClassVar[str] = ""
    requests_of: ClassVar[frozenset[Operation]] = frozenset()
    """Only requests of these operations are shown; empty: all."""
    answers_of: ClassVar[frozenset[Operation]] = frozenset()
    """The same for answers."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.tested = 0
        """How often the rule was put to the test."""

    def judge(self, holds: object, expected: str, observed: object = "") -> None:
        """Count a test of the rule; take note of it when it is broken."""
        self.tested += 1
        if not holds:
            self.scene.broken(self.id, expected, str(observed))

    def request(self, trip: RoundTrip, study: Study) -> None:
        """See a request arrive."""

    def order(self, order: OrderText, trip: RoundTrip, study: Study) -> None:
        """See an order that is to be entered or changed arrive, each of a batch."""

    def answer(self, trip: RoundTrip, study: Study, told: Told) -> None:
        """See an answer leave."""

    def refused(self, trip: RoundTrip, study: Study, told: Told) -> None:
        """See an answer leave that is no success, whatever it answers."""

    def opened(self, stream: Stream) -> None:
        """See a stream open."""

    def closed(self, stream: Stream) -> None:
        """See a stream end."""

    def sent(self, frame: Frame) -> None:
        """See a frame of the testee arrive."""

    def pushed(self, frame: Frame, carried: Carried) -> None:
        """See a frame of the venue leave."""

    def stopped(self) -> None:
        """Learn that the last living adapter has stopped."""

    def killed(self) -> None:
        """Learn that all adapters were killed without goodbye."""
