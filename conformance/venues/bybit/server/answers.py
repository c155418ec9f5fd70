"""The envelope of every reply, and refusals in the venue's own words.

Source: docs/v5/guide, Common Response Parameters, and error, 2026-07-24: business errors come with
HTTP status 200.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from conformance.model.ids import Millis
from conformance.model.refusals import Reason
from conformance.venues.bybit.facts import ERRORS, FACTS

NOTHING: Mapping[str, Any] = {}


class Answer(NamedTuple):
    """What a handler answers; ``ext`` is retExtInfo."""

    result: Mapping[str, Any] = NOTHING
    ext: Mapping[str, Any] = NOTHING
    text: str = "OK"
    members: tuple[str, ...] = ("result", "retExtInfo", "time")
    """What its envelope has beyond code and message; some endpoints leave members out."""


DONE = Answer()
"""Success without a result."""
BARE = Answer(text="success", members=())
"""Success in code and message alone."""


class Refused(Exception):
    """A request the venue refuses; raised inside the server half only.

    ``text`` replaces the documented message; ``status`` is the HTTP status.
    """

    def __init__(
        self,
        code: int,
        text: str = "",
        *,
        result: Mapping[str, Any] = NOTHING,
        ext: Mapping[str, Any] = NOTHING,
        status: int = 200,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.answer = Answer(result, ext, text or ERRORS[code].text)


def envelope(code: int, answer: Answer, at: Millis) -> bytes:
    """Return a reply's body, compact."""
    head = {"retCode": code, "retMsg": answer.text}
    rest = {"result": answer.result, "retExtInfo": answer.ext, "time": at}
    return orjson.dumps(head | {name: rest[name] for name in answer.members})


def invalid(name: str) -> Refused:
    """Return 10001: a parameter is missing, unreadable or out of range."""
    return Refused(10001, f"params error: {name} invalid")


def refused(reason: Reason) -> Refused:
    """Return the venue's refusal for a reason of the exchange core."""
    rule = FACTS["refusals"][reason]
    return Refused(rule) if isinstance(rule, int) else Refused(rule["code"], rule["text"])
