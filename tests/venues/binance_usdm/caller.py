"""A client of the WebSocket API, as tests speak it."""

from __future__ import annotations

import json

from conformance.venues.keys import key as ready

PATH = "/ws-fapi/v1"


class Caller:
    """A client of the WebSocket API."""

    def __init__(self, counter, query="", stream=9):
        self.counter = counter
        self.stream = stream
        assert counter.open(stream, PATH, query).accepted

    def raw(self, payload):
        (reply,) = [f for f in self.counter.receive(self.stream, payload) if "e" not in f]
        return reply

    def ask(self, method, number=1, **params):
        message = {"id": number, "method": method, "params": params}
        return self.raw(json.dumps(message).encode())

    def signed(self, method, number=1, key=None, **params):
        key = key or self.counter.key
        params = {"apiKey": key.key, "timestamp": self.counter.at, **params}
        text = "&".join(f"{name}={said(params[name])}" for name in sorted(params))
        params["signature"] = ready(key.kind, key.secret).sign(text.encode())
        return self.ask(method, number, **params)

    def ok(self, method, **params):
        reply = self.signed(method, **params)
        assert reply["status"] == 200, reply
        return reply["result"]

    def code(self, method, **params):
        reply = self.signed(method, **params)
        return reply["status"], reply["error"]["code"]


def said(value):
    return str(value).lower() if isinstance(value, bool) else value
