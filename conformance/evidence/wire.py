"""Write what goes over the wire into the journal, as it happens and without secrets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from conformance.evidence.redaction import Redactor
from conformance.model.wire import Frame, RoundTrip, Stream

Writer: TypeAlias = Callable[..., None]
"""``write(kind, **fields)``, such as that of a journal."""

FIRST_MAX = 500
"""How many records of a case are written at once; of those after them only the newest."""
LAST_MAX = 500
TEXT_MAX = 8_192
"""Characters kept of a body or a frame."""


class WireLog:
    """Called with every record of one case's wire, in order; ``close`` writes what it held."""

    def __init__(self, case: str, write: Writer, redactor: Redactor) -> None:
        self._case = case
        self._write = write
        self._redactor = redactor
        self._written = 0
        self._left_out = 0
        self._held: deque[tuple[str, Mapping[str, Any]]] = deque()

    def __call__(self, record: RoundTrip | Frame | Stream) -> None:
        """Write one record: a round trip when asked and when answered, a stream at both ends."""
        if isinstance(record, Frame):
            self._enter("frame", self._frame(record))
        elif isinstance(record, Stream):
            self._enter("stream", self._stream(record))
        elif record.reply is None:
            self._enter("request", self._request(record))
        else:
            self._enter("reply", self._reply(record))

    def close(self) -> None:
        """Write the records that were held back; more may follow, up to another ``close``."""
        if self._left_out:
            text = f"{self._left_out} records of the wire are left out here"
            self._write("note", case=self._case, text=text)
            self._left_out = 0
        for kind, fields in self._held:
            self._write(kind, **fields)
        self._held.clear()

    def _enter(self, kind: str, fields: Mapping[str, Any]) -> None:
        if self._written < FIRST_MAX:
            self._written += 1
            self._write(kind, **fields)
            return
        self._held.append((kind, fields))
        if len(self._held) > LAST_MAX:
            self._held.popleft()
            self._left_out += 1

    def _request(self, trip: RoundTrip) -> dict[str, Any]:
        request, reading = trip.request, trip.reading
        return {
            "case": self._case,
            "n": trip.number,
            "at_ms": trip.received_ms,
            "operation": reading.operation,
            "client_id": reading.client_id,
            "signed": reading.signature_valid,
            "method": request.method,
            "path": self._text(request.path),
            "query": self._text(request.query),
            "headers": self._redactor.headers(request.headers),
            "body": self._text(request.body),
        }

    def _reply(self, trip: RoundTrip) -> dict[str, Any]:
        reply = trip.reply
        assert reply is not None
        return {
            "case": self._case,
            "n": trip.number,
            "at_ms": trip.replied_ms,
            "status": reply.status,
            "code": trip.reading.code,
            "executed": trip.executed,
            "headers": self._redactor.headers(reply.headers),
            "body": self._text(reply.body),
        }

    def _stream(self, stream: Stream) -> dict[str, Any]:
        closed = stream.closed_ms is not None
        path = f"{stream.path}?{stream.query}" if stream.query else stream.path
        return {
            "case": self._case,
            "n": stream.stream,
            "at_ms": stream.closed_ms if closed else stream.opened_ms,
            "stream": stream.stream,
            "event": "closed" if closed else "opened",
            "path": self._text(path),
            "private": stream.private,
            "close_code": stream.close_code,
            "by_peer": stream.by_peer,
        }

    def _frame(self, frame: Frame) -> dict[str, Any]:
        return {
            "case": self._case,
            "n": frame.number,
            "at_ms": frame.at_ms,
            "stream": frame.stream,
            "inbound": frame.inbound,
            "opcode": frame.opcode,
            "topic": frame.topic,
            "payload": self._text(frame.payload),
        }

    def _text(self, raw: str | bytes) -> str:
        text = self._redactor.text(raw)
        if len(text) <= TEXT_MAX:
            return text
        return f"{text[:TEXT_MAX]} [{len(text) - TEXT_MAX} more characters]"
