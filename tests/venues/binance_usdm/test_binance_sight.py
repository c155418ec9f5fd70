"""What an onlooker makes of the bytes: what frames, handshakes and replies are about.

Frames are samples of usds-margined-futures/websocket-market-streams and user-data-streams,
2026-05-28.
"""

from __future__ import annotations

import pytest

from conformance.model.wire import Topic, WireReply

KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"


@pytest.mark.parametrize(
    ("frame", "topic"),
    [
        (b'{"e":"depthUpdate","E":123456789,"s":"BTCUSDT"}', Topic.BOOK),
        (b'{"stream":"btcusdt@depth","data":{"e":"depthUpdate","s":"BTCUSDT"}}', Topic.BOOK),
        (b'{"e":"ORDER_TRADE_UPDATE","E":1568879465651,"o":{}}', Topic.ORDERS),
        (b'{"e":"ACCOUNT_UPDATE","E":1564745798939,"a":{}}', Topic.ACCOUNT),
        (b'[{"e":"markPriceUpdate","s":"BTCUSDT"}]', Topic.MARK),
        (b'{"result":null,"id":312}', Topic.CONTROL),
        (b'{"e":7}', Topic.CONTROL),
        (b"[]", Topic.CONTROL),
        (b"{", Topic.CONTROL),
    ],
)
def test_a_frame_is_told_by_the_name_of_its_event(counter, frame, topic):
    assert counter.server.topic(frame) is topic


@pytest.mark.parametrize(
    ("path", "query", "private"),
    [
        ("/private/ws", f"listenKey={KEY}", True),
        (f"/private/ws/{KEY}", "", True),
        (f"/ws/{KEY}", "", True),
        ("/public/ws/btcusdt@depth", "", False),
        ("/market/stream", "streams=!ticker@arr/btcusdt@aggTrade", False),
        ("/nowhere", "", False),
    ],
)
def test_a_handshake_that_names_a_key_is_private(counter, path, query, private):
    assert counter.server.private(path, query) is private


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, b'{"code":-1121,"msg":"Invalid symbol."}', "-1121"),
        (200, b'{"code":200,"msg":"success"}', ""),
        (200, b'{"algoId":1,"code":"200","msg":"success"}', ""),
        (200, b'[{"code":-2011,"msg":"Unknown order sent."}]', ""),
        (404, b"<html>", "404"),
        (503, b"", ""),
    ],
)
def test_a_refusal_is_known_by_its_code(counter, status, body, code):
    assert counter.server.code(WireReply(status, body)) == code
