"""Orders by WebSocket: one request, one reply, on a connection that has logged on once.

Source: websocket/trade/guideline, 2026-07-24; captures of 2025-11-29. It shares handlers and rate
pools with REST; nothing is signed but the logon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from conformance.model.ids import Millis
from conformance.model.wire import StreamId
from conformance.venues.bybit.facts import ENDPOINTS, FACTS
from conformance.venues.bybit.listings import CATEGORIES, FOREIGN
from conformance.venues.bybit.server.answers import NOTHING, Answer, Refused
from conformance.venues.bybit.server.call import Call, integer
from conformance.venues.bybit.server.gate import Gate
from conformance.venues.bybit.server.hub import Connection
from conformance.venues.bybit.server.login import log_on
from conformance.venues.keys import Keyring
from conformance.venues.pools import Rolling

OPS: Mapping[str, str] = FACTS["trade"]["ops"]
"""Endpoint of each operation."""
_STAMP, _WINDOW = FACTS["trade"]["timestamp"], FACTS["trade"]["window"]
_ID_MAX: int = FACTS["trade"]["id_max"]
_IDS_KEPT: int = FACTS["trade"]["ids_kept"]
_RATE: int = FACTS["trade"]["rate"]
_SECOND_MS: Millis = 1000
_WINDOW_MS: Millis = FACTS["time"]["window_ms"]
_TEXTS = FACTS["trade"]["texts"]
_NAMES = FACTS["headers"]
_PEER = "127.0.0.1"
_TRACE = 32


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was sent."""

    op: str
    fields: Mapping[str, Any]
    number: str | None
    """``reqId``, None when it was not sent."""

    @property
    def head(self) -> Mapping[str, Any]:
        """The header block."""
        found = self.fields.get("header")
        return found if isinstance(found, dict) else NOTHING


class Dialogue:
    """Answers requests; ``act`` checks and carries out one call, and raises Refused."""

    def __init__(
        self,
        gate: Gate,
        keys: Keyring,
        act: Callable[[Call], Answer],
        switches: Mapping[str, Any],
    ) -> None:
        self._gate = gate
        self._keys = keys
        self._act = act
        self._switches = switches
        self._rate = Rolling(_RATE, _SECOND_MS)
        self._seen: dict[StreamId, dict[str, None]] = {}
        """The ids that each connection has used, oldest first."""

    def close(self, stream: StreamId) -> None:
        """Forget a connection."""
        self._seen.pop(stream, None)

    def receive(self, connection: Connection, payload: bytes, at: Millis) -> bytes:
        """Answer one text frame."""
        request = _read(payload)
        if request.op == "ping":
            pong = Request("pong", request.fields, request.number)
            return _reply(connection, pong, 0, "OK", data=[str(at)])
        if request.op == "auth":
            return self._log_on(connection, request, at)
        call = self._call(connection, request, at)
        try:
            code, answer = 0, self._carry_out(connection, request, call)
        except Refused as refused:
            code, answer = refused.code, refused.answer
            if not connection.account and not self._switches["refusal_names_request"]:
                request = Request(request.op, request.fields, None)
        trace = sha256(f"{connection.number}{at}{payload!r}".encode()).hexdigest()[:_TRACE]
        head = dict(self._gate.headers(call)) | {_NAMES["trace"]: trace, _NAMES["now"]: str(at)}
        return _reply(
            connection,
            request,
            code,
            answer.text,
            data=answer.result,
            retExtInfo=answer.ext,
            header=head,
        )

    def _log_on(self, connection: Connection, request: Request, at: Millis) -> bytes:
        args = request.fields.get("args")
        if connection.account:
            return _reply(connection, request, 20001, _TEXTS["20001"])
        try:
            connection.key, connection.account = log_on(
                args if isinstance(args, list) else [], self._keys, at
            )
        except Refused as refused:
            return _reply(connection, request, refused.code, refused.answer.text)
        return _reply(connection, request, 0, "OK")

    def _call(self, connection: Connection, request: Request, at: Millis) -> Call:
        args = request.fields.get("args")
        params = args[0] if isinstance(args, list) and args else None
        readable = isinstance(params, dict) and len(args or ()) == 1
        window = request.head.get(_WINDOW)
        endpoint = OPS.get(request.op)
        return Call(
            endpoint=None if endpoint is None else ENDPOINTS[endpoint],
            params=params if isinstance(params, dict) else {},
            at=at,
            peer=_PEER,
            account=connection.account,
            timestamp_ms=integer(str(request.head.get(_STAMP))),
            window_ms=_WINDOW_MS if window is None else integer(str(window)),
            trouble=None if readable else Refused(10001),
        )

    def _carry_out(self, connection: Connection, request: Request, call: Call) -> Answer:
        if call.endpoint is None:
            raise Refused(10404, _TEXTS["10404"])
        if not self._rate.charge(_PEER, 1, call.at):
            raise Refused(10403, _TEXTS["10403"])
        if self._keys.account(connection.key) is None:
            raise Refused(self._switches["trade_unauthenticated"])
        self._remember(connection, request)
        trouble = self._switches["trade_trouble"]
        if trouble:
            raise Refused(trouble, _TEXTS[str(trouble)])
        if call.trouble is None and call.category not in (*CATEGORIES, *FOREIGN):
            raise Refused(10404, _TEXTS["10404"])
        return self._act(call)

    def _remember(self, connection: Connection, request: Request) -> None:
        """Take note of an id; raise Refused (10001, 20006) when it is too long, or used."""
        if request.number is None:
            return
        if len(request.number) > _ID_MAX:
            raise Refused(10001)
        seen = self._seen.setdefault(connection.stream, {})
        if request.number in seen:
            raise Refused(20006, _TEXTS["20006"])
        seen[request.number] = None
        if len(seen) > _IDS_KEPT:
            del seen[next(iter(seen))]


def _read(payload: bytes) -> Request:
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        return Request("", NOTHING, None)
    op, number = found.get("op"), found.get("reqId")
    return Request(
        op if isinstance(op, str) else "",
        found,
        str(number) if isinstance(number, str | int) else None,
    )


def _reply(connection: Connection, request: Request, code: int, text: str, **rest: object) -> bytes:
    """Return one answer, compact, its members in the order of captures."""
    body: dict[str, Any] = {} if request.number is None else {"reqId": request.number}
    body |= {"retCode": code, "retMsg": text, "op": request.op, **rest}
    return orjson.dumps({**body, "connId": connection.number})
