"""What a client said, in a form in which two sayings can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import orjson

UNSAID = frozenset({"timestamp", "signature", "sign"})
"""What differs between any two sayings of the same thing."""
FORM = "application/x-www-form-urlencoded"


class Saying(NamedTuple):
    """A request, a handshake or a frame without what changes every time."""

    verb: str
    path: str
    params: tuple[tuple[str, str], ...]
    body: str

    def __str__(self) -> str:
        told = " ".join(f"{name}={value}" for name, value in self.params)
        return " ".join(part for part in (self.verb, self.path, told, self.body) if part)


def request(line: Mapping[str, Any]) -> Saying:
    """Return what a line of kind request says."""
    params = parse_qsl(line["query"], keep_blank_values=True)
    body: str = line["body"]
    kind = next((value for name, value in line["headers"] if name == "content-type"), "")
    if kind.startswith(FORM) or (body and "=" in body and body[0] not in "{["):
        params += parse_qsl(body, keep_blank_values=True)
        body = ""
    return Saying(line["method"], unquote(line["path"]), _kept(params), _plain(body))


def handshake(line: Mapping[str, Any]) -> Saying:
    """Return what a line of kind opened or declined says."""
    params = parse_qsl(line["query"], keep_blank_values=True)
    return Saying("open", unquote(line["path"]), _kept(params), "")


def frame(line: Mapping[str, Any]) -> Saying:
    """Return what a line of kind frame says."""
    return Saying(f"frame on stream {line['stream']}:", "", (), _plain(line["payload"]))


def act(line: Mapping[str, Any]) -> Saying:
    """Return what a line of kind act says."""
    return Saying("the case does", line["what"], (), orjson.dumps(line["args"]).decode())


def differences(one: Saying, other: Saying) -> str:
    """Return in words how ``one`` (sent) differs from ``other`` (recorded)."""
    if one[:2] != other[:2]:
        return "another message altogether"
    mine, theirs = dict(one.params), dict(other.params)
    found = [
        f"{name} is {mine.get(name, 'not sent')}, recorded is {theirs.get(name, 'none')}"
        for name in sorted({*mine, *theirs})
        if mine.get(name) != theirs.get(name)
    ]
    if one.body != other.body:
        found.append(f"the body is {one.body}, recorded is {other.body}")
    return "; ".join(found) or "it is sent again, or out of order"


def _kept(params: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(pair for pair in params if pair[0] not in UNSAID))


def _plain(text: str) -> str:
    """Return JSON without what changes every time, other text as it is."""
    if not text.startswith(("{", "[")):
        return text
    try:
        return orjson.dumps(_without(orjson.loads(text)), option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONDecodeError:
        return text


def _without(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _without(each) for name, each in value.items() if name not in UNSAID}
    if isinstance(value, list):
        return [_without(each) for each in value]
    return value
