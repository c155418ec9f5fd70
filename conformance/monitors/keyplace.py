"""The key has one place."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.model.study import Study
from conformance.model.wire import Frame, Headers, RoundTrip, Stream


@monitor("MON-04", source="SIG-08, KEY-01, I31")
class KeyStaysInItsHeader(Rule):
    """The key stands in the header field made for it and nowhere else."""

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - bytes decide
        """Look for the key in target, other fields and body."""
        request = trip.request
        key = self.scene.credentials.key
        raw = key.encode()
        wrong = raw in request.query or raw in request.body or key in request.path
        wrong = wrong or self._shown(request.headers)
        self.judge(not wrong, "the key in its header only", f"{request.method} {request.path}")

    def opened(self, stream: Stream) -> None:
        """Look for the key in the handshake of a stream."""
        key = self.scene.credentials.key
        wrong = key in stream.path or key in stream.query or self._shown(stream.headers)
        self.judge(not wrong, "the key in its header only", "the handshake of a stream")

    def sent(self, frame: Frame) -> None:
        """Look for the key in a message, unless calls are made by messages."""
        if self.scene.carries_calls(frame.stream):
            return
        wrong = self.scene.credentials.key.encode() in frame.payload
        self.judge(not wrong, "the key in its header only", "a message on a stream")

    def _shown(self, headers: Headers) -> bool:
        home, key = self.scene.customs.key_header, self.scene.credentials.key
        return any(key in value for name, value in headers if name != home)
