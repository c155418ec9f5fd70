"""Secrets stay at home."""

from __future__ import annotations

import base64
from urllib.parse import quote

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.study import Study
from conformance.model.wire import Frame, RoundTrip, Stream

_NEEDLE_MIN = 8
"""Anything shorter is found by chance."""


@monitor("MON-05", source="KEY-01, KEY-03, I31")
class SecretsStayAtHome(Rule):
    """No secret or passphrase is sent, plain or encoded."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        known = (scene.credentials.secret, scene.credentials.passphrase)
        self._needles = [form for text in known for form in _forms(text)]

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - bytes decide
        """Look for secrets in the bytes as they arrived."""
        pieces = trip.received
        raw = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._search(raw, f"{trip.request.method} {trip.request.path}")

    def opened(self, stream: Stream) -> None:
        """Look for secrets in the handshake of a stream."""
        fields = "\n".join([value for _, value in stream.headers])
        self._search(f"{stream.path}\n{stream.query}\n{fields}".encode(), "a handshake")

    def sent(self, frame: Frame) -> None:
        """Look for secrets in a message."""
        self._search(frame.payload, "a message on a stream")

    def _search(self, raw: bytes, where: str) -> None:
        self.judge(not self._holds(raw), "no secret on the wire", f"{where} holds a secret")

    def _holds(self, raw: bytes) -> bool:
        for needle in self._needles:  # noqa: SIM110 - on every message, and twice as fast
            if needle in raw:
                return True
        return False


def _forms(text: str) -> list[bytes]:
    """Return what gives a secret away: itself, escaped, in Base64; of a PEM its longest line."""
    core = max(text.splitlines(), key=len, default="")
    if len(core) < _NEEDLE_MIN:
        return []
    raw = core.encode()
    return [raw, quote(core, safe="").encode(), base64.b64encode(raw).rstrip(b"=")[:-1]]
