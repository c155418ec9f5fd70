"""No order in disguise."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.study import PLACING, Carried, OrderText, Study, Told
from conformance.model.wire import Frame, RoundTrip
from conformance.monitors.doubts import TELLING, Doubts


@monitor("MON-19", source="UNK-06, DUP-04, I01")
class NoTwinIsSentInDoubt(Rule):
    """While an order's answer is lost, the same order is not sent under another client id."""

    answers_of = TELLING

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._doubts = Doubts()

    def order(self, order: OrderText, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002
        """Compare each new order with those whose answers are lost."""
        if trip.reading.operation in PLACING:
            twin = self._doubts.twin(order, self.scene.now_ms)
            self.judge(not twin, "a question first", f"{order.client_id} repeats {twin}")
            self._doubts.enter(order, self.scene.now_ms)

    def answer(self, trip: RoundTrip, study: Study, told: Told) -> None:
        """Learn what the testee learns."""
        self._doubts.answer(trip, study, told)

    def pushed(self, frame: Frame, carried: Carried) -> None:  # noqa: ARG002 - the order decides
        """Learn what the streams tell."""
        self._doubts.told(carried.client_id)

    def killed(self) -> None:
        """Forget: a new life knows nothing of the old one's orders."""
        self._doubts.clear()
