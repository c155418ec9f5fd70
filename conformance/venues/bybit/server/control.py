"""Control messages of the public and private streams, and what is answered to them.

Source: websocket/wss-authentication, 2026-07-24; failures as captured (ccxt #30284,
bybit-api #411, api-usage-examples #34 and #70). Every kind of stream words its answers its own
way: SDKs know pongs by the very bytes, hence no space is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from conformance.model.ids import Millis
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server.hub import Connection

PRIVATE, TRADE, SPOT, OPTION = "private", "trade", "spot", "option"
"""Kinds of connections whose words differ from those of the futures' public streams."""
TEXTS: Mapping[str, str] = FACTS["streams"]["texts"]


class Message(NamedTuple):
    """One control message."""

    op: str = ""
    args: tuple[Any, ...] = ()
    number: Any = None
    """``req_id`` as sent, text or number; None when it was not."""


class Unread(Exception):
    """A message that is no control message; ``message`` holds what could be read of it."""

    def __init__(self, text: str, message: Message) -> None:
        super().__init__(text)
        self.text = text
        self.message = message


def read(payload: bytes) -> Message:
    """Take a text frame apart; raise Unread when it is no control message."""
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        raise Unread(TEXTS["unreadable"], Message()) from None
    if not isinstance(found, dict):
        raise Unread(TEXTS["unreadable"], Message())
    number = found.get("req_id")
    if not isinstance(number, str | int | float):
        number = None
    op, args = found.get("op"), found.get("args")
    if not isinstance(op, str):
        raise Unread(TEXTS["invalid_op"], Message(number=number))
    if args is None:
        args = []
    if not isinstance(args, list) or not all(isinstance(arg, str | int | float) for arg in args):
        raise Unread(TEXTS["unreadable"], Message(op, (), number))
    return Message(op, tuple(args), number)


def answer(connection: Connection, message: Message, trouble: str = "") -> bytes:
    """Return the acknowledgement of a message, or its refusal."""
    if connection.kind == OPTION:
        topics = {"failTopics": list(message.args), "successTopics": []}
        if not trouble:
            topics = {"failTopics": [], "successTopics": list(message.args)}
        return orjson.dumps(
            {
                "success": not trouble,
                "conn_id": connection.number,
                "data": topics,
                "type": "COMMAND_RESP",
            }
        )
    text = trouble or (message.op if connection.kind == SPOT else "")
    more: dict[str, Any] = {}
    if trouble == TEXTS["invalid_op"]:
        named = {} if message.number is None else {"req_id": message.number}
        more = {"request": {**named, "op": message.op, "args": message.args}}
    return _said(connection, message, text, success=not trouble, **more)


def pong(connection: Connection, message: Message, at: Millis) -> bytes:
    """Return the answer to a ping."""
    if connection.kind == OPTION:
        return orjson.dumps({"args": [str(at)], "op": "pong"})
    if connection.kind == PRIVATE:
        body: dict[str, Any] = {} if message.number is None else {"req_id": message.number}
        body |= {"op": "pong", "args": [str(at)], "conn_id": connection.number}
        return orjson.dumps(body)
    return _said(connection, message, "pong", success=True)


def _said(
    connection: Connection, message: Message, text: str, *, success: bool, **more: object
) -> bytes:
    body: dict[str, Any] = {"success": success, "ret_msg": text}
    named = {} if message.number is None else {"req_id": message.number}
    if connection.kind == PRIVATE:
        body |= {"op": message.op, "conn_id": connection.number, **named}
    elif connection.kind == SPOT:
        body |= {"conn_id": connection.number, **named, "op": message.op}
    else:
        body |= {"conn_id": connection.number, "req_id": "", **named, "op": message.op}
    return orjson.dumps(body | more)
