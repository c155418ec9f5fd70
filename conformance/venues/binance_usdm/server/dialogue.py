"""The WebSocket API: sessions, requests and replies on one connection.

Source: usds-margined-futures/websocket-api-general-info, 2026-05-28. It shares keys, limits and
handlers with REST; user events never arrive here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import orjson

from conformance.contracts.dialect import Opened, Received
from conformance.errors import InvariantBroken
from conformance.model.ids import AccountId, Millis
from conformance.model.wire import Push, StreamId, Topic, WireReply
from conformance.venues.binance_usdm.facts import FACTS, METHODS, Endpoint
from conformance.venues.binance_usdm.server.call import Call, Keyring
from conformance.venues.binance_usdm.server.gate import Gate
from conformance.venues.binance_usdm.server.message import (
    LEFT_OUT,
    Message,
    Spoken,
    Unread,
    read,
    reply,
    signed,
    without,
)
from conformance.venues.binance_usdm.server.refusals import Refused
from conformance.venues.keys import Ed25519

Handler: TypeAlias = Callable[[Call], str | bytes]
Act: TypeAlias = Callable[[Message, Call, "Conversation"], bytes]

PATH: str = FACTS["methods"]["path"]
_HANDSHAKE: int = FACTS["methods"]["handshake_weight"]
_LIKE: Mapping[str, str] = {row["name"]: row["like"] for row in FACTS["methods"]["rows"]}
_PEER = "127.0.0.1"
_THROTTLED = (418, 429)


@dataclass(slots=True)
class Conversation:
    """One connection, and the key that has logged on to it."""

    connected_ms: Millis
    limits_wanted: bool
    key: str = ""
    authorized_ms: Millis | None = None

    def forget(self) -> None:
        """End the session, not the connection."""
        self.key, self.authorized_ms = "", None


class Dialogue:
    """Answers the requests of the WebSocket API.

    ``handlers`` are those of the endpoints, ``others`` those of methods that answer differently.
    """

    def __init__(
        self,
        gate: Gate,
        keys: Keyring,
        require_active: Callable[[AccountId], None],
        switches: Mapping[str, Any],
    ) -> None:
        self._gate = gate
        self._keys = keys
        self._require_active = require_active
        self._form: str = switches["api_signed_form"]
        self._lower: bool = switches["lower_case_names"]
        self._open: dict[StreamId, Conversation] = {}
        self._handlers: dict[str, Handler] = {}
        self._acts: dict[str, Act] = {
            "session.logon": self._logon,
            "session.status": _status,
            "session.logout": _logout,
        }

    def serve(self, handlers: Mapping[str, Handler], others: Mapping[str, Handler]) -> None:
        """Take the handlers; raise InvariantBroken when a method has none."""
        self._handlers = {name: handlers[like] for name, like in _LIKE.items()} | dict(others)
        missing = METHODS.keys() ^ (self._handlers.keys() | self._acts.keys())
        if missing:
            raise InvariantBroken(f"methods without a handler: {missing}")

    def open(self, stream: StreamId, query: str, at: Millis) -> Opened:
        """Answer a handshake, which costs weight."""
        try:
            self._gate.charge(_PEER, _HANDSHAKE, at)
        except Refused as refused:
            headers = self._gate.retry_after(refused.status, refused.code, _PEER, at)
            body = refused.body(lower=self._lower)
            return Opened(accepted=False, reply=WireReply(refused.status, body, headers))
        asked = dict(parse_qsl(query)).get("returnRateLimits", "true")
        self._open[stream] = Conversation(at, asked != "false")
        return Opened(accepted=True)

    def close(self, stream: StreamId) -> None:
        """Forget a connection."""
        self._open.pop(stream, None)

    def speaks(self, stream: StreamId) -> bool:
        """Say whether a connection is one of this API."""
        return stream in self._open

    def receive(self, stream: StreamId, payload: bytes, at: Millis) -> Received:
        """Answer one text frame."""
        text = self._answer(payload, self._open[stream], at)
        return Received(pushes=(Push(stream, Topic.CONTROL, text),))

    def _answer(self, payload: bytes, conversation: Conversation, at: Millis) -> bytes:
        try:
            message = read(payload)
        except Unread as unread:
            return self._failed(unread.number, unread.refused, None)
        if conversation.key and self._keys.account(conversation.key) is None:
            conversation.forget()
            return self._failed(None, Refused(-2015), None)
        call = self._spoken(message, conversation, at)
        wanted = message.limits_wanted
        shown = conversation.limits_wanted if wanted is None else wanted
        try:
            result = self._result(message, call, conversation)
        except Refused as refused:
            limits = self._gate.limits(call) if shown else None
            data = self._gate.silence(refused.status, refused.code, call.peer, at)
            return self._failed(message.number, refused, limits, data)
        limits = self._gate.limits(call) if shown else None
        return reply(message.number, 200, result, limits, failed=False)

    def _spoken(self, message: Message, conversation: Conversation, at: Millis) -> Call:
        """Say who asks: the key that was sent, else the one that logged on."""
        call = Spoken(message, at)
        sent = message.param("apiKey")
        call.key = sent or conversation.key
        call.account = self._keys.account(call.key) or ""
        if not sent and conversation.key:
            call.signature, call.signature_valid = "", True
            return call
        key = self._keys.key(call.key)
        if message.param("signature"):
            call.signature = message.param("signature")
            call.signature_valid = key is not None and signed(key, message, self._form)
        return call

    def _result(self, message: Message, call: Call, conversation: Conversation) -> bytes:
        endpoint: Endpoint = message.endpoint
        self._gate.admit(call, endpoint)
        act = self._acts.get(endpoint.name)
        if act is not None:
            return act(message, call, conversation)
        if endpoint.keyed:
            self._require_active(call.account)
        body = self._handlers[endpoint.name](call)
        left_out = LEFT_OUT.get(endpoint.name)
        if left_out:
            return without(left_out, body)
        return body.encode() if isinstance(body, str) else body

    def _failed(
        self,
        number: int | str | None,
        refused: Refused,
        limits: list[dict[str, Any]] | None,
        silence: Mapping[str, int] | None = None,
    ) -> bytes:
        body: dict[str, Any] = {"code": refused.code, "msg": refused.text(lower=self._lower)}
        if refused.status in _THROTTLED and silence is not None:
            body["data"] = silence
        return reply(number, refused.status, orjson.dumps(body), limits, failed=True)

    def _logon(self, message: Message, call: Call, conversation: Conversation) -> bytes:
        if not isinstance(self._keys.key(call.key), Ed25519):
            raise Refused(-4056)
        conversation.key, conversation.authorized_ms = call.key, call.at
        return _status(message, call, conversation)


def _logout(message: Message, call: Call, conversation: Conversation) -> bytes:
    conversation.forget()
    return _status(message, call, conversation)


def _status(_message: Message, call: Call, conversation: Conversation) -> bytes:
    return orjson.dumps(
        {
            "apiKey": conversation.key or None,
            "authorizedSince": conversation.authorized_ms,
            "connectedSince": conversation.connected_ms,
            "returnRateLimits": conversation.limits_wanted,
            "serverTime": call.at,
        }
    )
