"""One decision, one request."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.study import PLACING, Carried, OrderText, Study, Told
from conformance.model.wire import Frame, RoundTrip
from conformance.monitors.doubts import TELLING, Doubts


@monitor("MON-18", source="UNK-01, UNK-03, DUP-04, I01, I03")
class NothingIsSentTwiceInDoubt(Rule):
    """An order whose fate is unknown is not sent again before the venue was asked."""

    answers_of = TELLING

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._doubts = Doubts()

    def order(self, order: OrderText, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002
        """Judge each new order by the doubts there are."""
        if order.client_id and trip.reading.operation in PLACING:
            self.judge(
                not self._doubts.about(order.client_id),
                "a question before a second attempt",
                f"{order.client_id} is sent again while its fate is unknown",
            )
            self._doubts.enter(order, self.scene.now_ms)

    def answer(self, trip: RoundTrip, study: Study, told: Told) -> None:
        """Learn what the testee learns."""
        self._doubts.answer(trip, study, told)

    def pushed(self, frame: Frame, carried: Carried) -> None:  # noqa: ARG002 - the order decides
        """Learn what the streams tell."""
        self._doubts.told(carried.client_id)
