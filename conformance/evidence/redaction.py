"""Take keys, signatures and secrets out of everything that is written down.

Two nets: what is called like a secret (headers, parameters, JSON fields), and what is known to
be one (the credentials of the world, and any stream key once it was seen), wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, quote_plus, urlsplit

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.model.wire import Headers

LEAST = 8
"""A shorter value would be found in innocent text as well."""

_NAMES = r"signature|sign|listen_?key|api_?key|access_?key|secret\w*|passphrase|token"
_PARAMETER = re.compile(rf"(?i)(?<![a-z])({_NAMES})=(?!\[redacted )([^&\s\"'<>,)]+)")
_FIELD = re.compile(rf'(?i)(\\?")({_NAMES})(\\?"\s*:\s*\\?")(?!\[redacted )([^"\\]+)')
_WORDS = ("sign", "key", "secret", "passphrase", "token")
"""One of them is part of every name above."""
_HEADER = re.compile(r"(?i)key|sign|secret|token|passphrase|authorization|cookie")
_HEADERS_KEPT = 1024


def mask(what: str) -> str:
    """Return what is written in the place of a secret."""
    return f"[redacted {what}]"


class Redactor:
    """Mask secrets in texts; remembers the values that it has met under a secret's name.

    With ``endpoints`` the port of the world is not written either: it means nothing.
    """

    def __init__(
        self, credentials: Credentials | None = None, endpoints: Endpoints | None = None
    ) -> None:
        self._known: dict[str, str] = {}
        self._met: dict[str, str] = {}
        """Values met under a secret's name, with neither quotation mark nor ampersand in them.

        There is one for every signature: they are looked for only where one has room.
        """
        self._met_least = 0
        """Length of the shortest of them."""
        self._places: dict[str, str] = {}
        """Where the world listens; its port is the kernel's choice, and differs in every run."""
        for url in (endpoints.rest, endpoints.streams) if endpoints is not None else ():
            place = urlsplit(url)
            for host in (place.hostname, "localhost"):
                self._places[f"{host}:{place.port}"] = f"{host}:port"
        if credentials is not None:
            for what in ("key", "secret", "passphrase"):
                for form in _forms(getattr(credentials, what)):
                    self._known.setdefault(form, what)

    def text(self, raw: str | bytes) -> str:
        """Return ``raw`` without secrets; bytes that are no text are shown as escapes."""
        text = raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else raw
        if _names_a_secret(text):
            if "=" in text:
                text = _PARAMETER.sub(self._parameter, text)
            if '"' in text:
                text = _FIELD.sub(self._field, text)
        text = _masked(text, self._known)
        if self._met and _longest_stretch(text) >= self._met_least:
            text = _masked(text, self._met)
        for place, written in self._places.items():
            if place in text:
                text = text.replace(place, written)
        return text

    def headers(self, headers: Headers) -> list[list[str]]:
        """Return the fields as [name, value] without secrets."""
        return [
            [name, mask(name) if _is_secret(name) else self.text(value)] for name, value in headers
        ]

    def _parameter(self, found: re.Match[str]) -> str:
        self._learn(found[2], found[1])
        return f"{found[1]}={mask(found[1])}"

    def _field(self, found: re.Match[str]) -> str:
        self._learn(found[4], found[2])
        return f"{found[1]}{found[2]}{found[3]}{mask(found[2])}"

    def _learn(self, value: str, what: str) -> None:
        if value in self._met:
            return
        for form in _forms(value):
            if '"' in form or "&" in form:
                self._known.setdefault(form, what)
            elif form not in self._known:
                self._met.setdefault(form, what)
                self._met_least = min(self._met_least or len(form), len(form))


def _forms(value: str) -> set[str]:
    """Return the ways in which a value may be written, each line of it alone too."""
    if value.isalnum() and value.isascii():
        forms = {value}
    else:
        lines = [line for line in value.splitlines() if not line.startswith("-----")]
        forms = {
            form
            for line in (value, *lines)
            for form in (line, quote(line, safe=""), quote_plus(line))
        }
    return {form for form in forms if len(form) >= LEAST}


def _masked(text: str, secrets: Mapping[str, str]) -> str:
    for value, what in secrets.items():
        if value in text:
            text = text.replace(value, mask(what))
    return text


def _names_a_secret(text: str) -> bool:
    """Say whether a name of a secret may be in ``text``, whatever its case."""
    if not text.isascii():
        return True
    lower = text.lower()
    for word in _WORDS:  # noqa: SIM110 - of every text, and any() takes three times as long
        if word in lower:
            return True
    return False


@lru_cache(maxsize=_HEADERS_KEPT)
def _is_secret(header: str) -> bool:
    return _HEADER.search(header) is not None


def _longest_stretch(text: str) -> int:
    """Return the length of the longest piece with neither quotation mark nor ampersand."""
    return max(map(len, text.replace("&", '"').split('"')))
