"""Take keys, signatures and secrets out of everything that is written down.

Two nets: what is called like a secret (headers, parameters, JSON fields), and what is known to
be one (the credentials of the world, and any stream key once it was seen), wherever it stands.
"""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus, urlsplit

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.model.wire import Headers

LEAST = 8
"""A shorter value would be found in innocent text as well."""

_NAMES = r"signature|sign|listen_?key|api_?key|access_?key|secret\w*|passphrase|token"
_PARAMETER = re.compile(rf"(?i)(?<![a-z])({_NAMES})=(?!\[redacted )([^&\s\"'<>,)]+)")
_FIELD = re.compile(rf'(?i)(\\?")({_NAMES})(\\?"\s*:\s*\\?")(?!\[redacted )([^"\\]+)')
_HEADER = re.compile(r"(?i)key|sign|secret|token|passphrase|authorization|cookie")


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
        self._places: dict[str, str] = {}
        """Where the world listens; its port is the kernel's choice, and differs in every run."""
        for url in (endpoints.rest, endpoints.streams) if endpoints is not None else ():
            place = urlsplit(url)
            for host in (place.hostname, "localhost"):
                self._places[f"{host}:{place.port}"] = f"{host}:port"
        if credentials is not None:
            self._learn(credentials.key, "key")
            self._learn(credentials.secret, "secret")
            self._learn(credentials.passphrase, "passphrase")

    def text(self, raw: str | bytes) -> str:
        """Return ``raw`` without secrets; bytes that are no text are shown as escapes."""
        text = raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else raw
        if "=" in text:
            text = _PARAMETER.sub(self._parameter, text)
        if '"' in text:
            text = _FIELD.sub(self._field, text)
        for value, what in self._known.items():
            if value in text:
                text = text.replace(value, mask(what))
        for place, written in self._places.items():
            if place in text:
                text = text.replace(place, written)
        return text

    def headers(self, headers: Headers) -> list[list[str]]:
        """Return the fields as [name, value] without secrets."""
        return [
            [name, mask(name) if _HEADER.search(name) else self.text(value)]
            for name, value in headers
        ]

    def _parameter(self, found: re.Match[str]) -> str:
        self._learn(found[2], found[1])
        return f"{found[1]}={mask(found[1])}"

    def _field(self, found: re.Match[str]) -> str:
        self._learn(found[4], found[2])
        return f"{found[1]}{found[2]}{found[3]}{mask(found[2])}"

    def _learn(self, value: str, what: str) -> None:
        lines = [line for line in value.splitlines() if not line.startswith("-----")]
        for line in {value, *lines}:
            for form in (line, quote(line, safe=""), quote_plus(line)):
                if len(form) >= LEAST:
                    self._known.setdefault(form, what)
