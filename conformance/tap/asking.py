"""Questions of the harness to a venue that is not ours: by the client half, past the tap.

A question is asked and answered within the caller's instant, on a blocking connection of its own:
the truth is wanted between two steps of a case, and the venue behind a tap is another process.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call, ClientHalf, Page
from conformance.contracts.dialect import Venue
from conformance.errors import WorldError
from conformance.gateway.ws import target
from conformance.model.ids import Millis
from conformance.model.outcomes import Accepted, Outcome, Rejected
from conformance.model.wire import WireReply
from conformance.tap.upstream import Upstream, netloc

ANSWER_S_MAX = 10.0
ATTEMPTS_MAX = 3
"""Of questions, which may be repeated; commands are sent once."""
POOL = "requests"
"""The budget that questions are paid from."""
SHARE_MAX = 0.6
"""Part of the budget that may be spent when a case begins."""
MARGIN_S = 1.0

T = TypeVar("T")


class Asker:
    """Speaks to the venue with the testee's own key, as another client of the account."""

    def __init__(self, venue: Venue, upstream: Upstream, credentials: Credentials) -> None:
        self.half: ClientHalf = venue.client()
        self._upstream = upstream
        self._credentials = credentials
        self._connection: http.client.HTTPConnection | None = None
        self.offset_ms = 0
        """How far the venue's clock is ahead of ours."""
        self._used = 0
        """Units of the venue's budget, as it last stated them."""

    def sync(self) -> None:
        """Learn the venue's clock. Raises WorldError."""
        before = _now()
        self.offset_ms = self.need(self.half.time()) - (before + _now()) // 2

    def now(self) -> Millis:
        """Return the venue's time as last learned."""
        return _now() + self.offset_ms

    def ask(self, call: Call[T]) -> Outcome[T]:
        """Return the outcome of a call; a question that got no answer is asked again.

        Raises WorldError when the venue cannot be reached.
        """
        attempts = ATTEMPTS_MAX if call.method == "GET" else 1
        for left in reversed(range(attempts)):
            request = self.half.sign(call, self._credentials, self.now())
            host = netloc(self._upstream.rest)
            fields = {name: value for name, value in request.headers if name != "host"}
            try:
                connection = self._open()
                connection.request(
                    request.method, target(request), request.body or None, {"host": host, **fields}
                )
                reply = _reply(connection.getresponse())
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if not left:
                    raise WorldError(
                        f"the venue does not answer the harness: {error!r}", hint="is it running?"
                    ) from error
            else:
                self._used = self.half.usage(call, reply).get(POOL, self._used)
                return self.half.read(call, reply)
        raise AssertionError("unreachable")

    def breather_s(self) -> float:
        """Return how long to wait so that a case finds most of the venue's budget unspent."""
        pool = next((each for each in self.half.pools if each.name == POOL), None)
        if pool is None or self._used < pool.units * SHARE_MAX:
            return 0.0
        return (pool.window_ms - self.now() % pool.window_ms) / 1000 + MARGIN_S

    def need(self, call: Call[T]) -> T:
        """Return the value of a call. Raises WorldError when it is refused."""
        outcome = self.ask(call)
        if isinstance(outcome, Accepted):
            return outcome.value
        raise WorldError(
            f"the venue refuses the harness a {call.operation}: {outcome}",
            hint="check the key and its permissions",
        )

    def rows(self, call: Call[Page[T]]) -> Sequence[T]:
        """Return the rows of an answer that may come in parts. Raises WorldError."""
        found: list[T] = []
        following: Call[Page[T]] | None = call
        while following is not None:
            page = self.need(following)
            found += page.rows
            following = page.more if page.rows else None
        return found

    def found(self, call: Call[T]) -> T | None:
        """Return the value of a call, or None when the venue refuses it."""
        outcome = self.ask(call)
        if isinstance(outcome, Accepted | Rejected):
            return outcome.value if isinstance(outcome, Accepted) else None
        raise WorldError(f"a {call.operation} of the harness ended as {outcome}", hint="run again")

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> http.client.HTTPConnection:
        if self._connection is None:
            rest = self._upstream.rest
            where: dict[str, Any] = {"host": rest.host, "port": rest.port, "timeout": ANSWER_S_MAX}
            make: Callable[..., http.client.HTTPConnection] = http.client.HTTPConnection
            if rest.secure:
                make, where["context"] = http.client.HTTPSConnection, self._upstream.context
            self._connection = make(**where)
        return self._connection


def _reply(response: http.client.HTTPResponse) -> WireReply:
    headers = tuple((name.lower(), value) for name, value in response.getheaders())
    return WireReply(response.status, response.read(), headers)


def _now() -> Millis:
    return time.time_ns() // 1_000_000
