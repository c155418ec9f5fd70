"""The key has one place."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.study import Study
from conformance.model.wire import Frame, Headers, RoundTrip, Stream


@monitor("MON-04", source="SIG-08, KEY-01, I31")
class KeyStaysInItsHeader(Rule):
    """The key stands in the header field made for it and nowhere else."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._key = scene.credentials.key
        self._raw = self._key.encode()
        self._home = scene.customs.key_header

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - bytes decide
        """Look for the key in target, other fields and body."""
        request = trip.request
        raw = self._raw
        wrong = raw in request.query or raw in request.body or self._key in request.path
        wrong = wrong or self._shown(request.headers)
        self.judge(not wrong, "the key in its header only", f"{request.method} {request.path}")

    def opened(self, stream: Stream) -> None:
        """Look for the key in the handshake of a stream."""
        key = self._key
        wrong = key in stream.path or key in stream.query or self._shown(stream.headers)
        self.judge(not wrong, "the key in its header only", "the handshake of a stream")

    def sent(self, frame: Frame) -> None:
        """Look for the key in a message, unless calls are made by messages."""
        if self.scene.carries_calls(frame.stream):
            return
        wrong = self._raw in frame.payload
        self.judge(not wrong, "the key in its header only", "a message on a stream")

    def _shown(self, headers: Headers) -> bool:
        key = self._key
        for name, value in headers:  # noqa: SIM110 - on every request, and twice as fast
            if key in value and name != self._home:
                return True
        return False
