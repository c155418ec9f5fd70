"""Refusals in the venue's own words."""

from __future__ import annotations

from typing import TypeAlias

import orjson

from conformance.model.refusals import Reason
from conformance.venues.binance_usdm.facts import ERRORS, FACTS

Names: TypeAlias = tuple[str, ...]
"""Parameter names for a message."""

_CODES: dict[Reason, int] = {Reason(name): FACTS["refusals"][name] for name in Reason}
_MALFORMED = "Mandatory parameter '%s' was not sent, was empty/null, or malformed."
_NOT_REQUIRED = "Parameter '%s' sent when not required."
_EITHER = "Param '%s' or '%s' must be sent, but both were empty/null!"
_INVALID = "Data sent for parameter '%s' is not valid."


class Refused(Exception):
    """A request the venue refuses; raised inside the server half only.

    ``text`` replaces the documented message; each ``%s`` in it takes one of ``names``, which the
    venue prints in lower case on current servers (switch ``lower_case_names``).
    """

    def __init__(self, code: int, text: str = "", *, names: Names = (), status: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.status = status or ERRORS[code].status
        self._text = text or ERRORS[code].text
        self._names = names

    def text(self, *, lower: bool) -> str:
        """Return the message."""
        if not self._names:
            return self._text
        return self._text % tuple(name.lower() if lower else name for name in self._names)

    def body(self, *, lower: bool) -> bytes:
        """Return the message as the venue's JSON."""
        return error_body(self.code, self.text(lower=lower))


def error_body(code: int, text: str) -> bytes:
    """Return ``{"code":…,"msg":…}``."""
    return orjson.dumps({"code": code, "msg": text})


def malformed(name: str) -> Refused:
    """Return -1102: a mandatory parameter is missing, empty or unreadable."""
    return Refused(-1102, _MALFORMED, names=(name,))


def not_required(name: str) -> Refused:
    """Return -1106: a parameter was sent that this request may not carry."""
    return Refused(-1106, _NOT_REQUIRED, names=(name,))


def either(one: str, other: str) -> Refused:
    """Return -1102: one of two parameters must be sent."""
    return Refused(-1102, _EITHER, names=(one, other))


def invalid(name: str) -> Refused:
    """Return -1130: a parameter's value is out of range or unknown."""
    return Refused(-1130, _INVALID, names=(name,))


def below_notional(least: str, code: int = -4164) -> Refused:
    """Return -4164 (place) or -5029 (amend) with the value of the filter."""
    tail = " (unless you choose reduce only)" if code == -4164 else ""
    return Refused(code, f"Order's notional must be no smaller than {least}{tail}")


def code_of(reason: Reason) -> int:
    """Return the venue's code for a reason of the exchange core."""
    return _CODES[reason]
