"""The one gate for network targets: loopback, and the test networks a venue names.

Judged on the parsed host, never on a substring, before a single byte leaves the process.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from conformance.errors import HostRefused

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_LOOPBACK = "127.0.0.1"
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-:")


class Target(NamedTuple):
    """A permitted URL, taken apart."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def secure(self) -> bool:
        """True for TLS schemes."""
        return self.scheme in ("https", "wss")


def permit(url: str, *, testnets: Sequence[str] = ()) -> Target:
    """Return the parsed ``url`` when its host is loopback or one of ``testnets``.

    Raises HostRefused for anything else: other hosts, other schemes, a user part, characters
    outside plain ASCII host names, and addresses in odd notations.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _refused(url, "it contains characters that do not belong in a URL", testnets)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused(url, str(error), testnets) from None
    if parts.scheme not in _PORTS:
        raise _refused(url, f"the scheme is not one of {', '.join(_PORTS)}", testnets)
    if "@" in parts.netloc:
        raise _refused(url, "it carries a user part", testnets)
    host = (parts.hostname or "").removesuffix(".")
    if not _allowed(host, testnets):
        raise _refused(host or url, "it is neither loopback nor a listed test network", testnets)
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], parts.path)


def _allowed(host: str, testnets: Sequence[str]) -> bool:
    if not host or not _PLAIN.issuperset(host):
        return False
    if host in testnets or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _refused(target: str, reason: str, testnets: Sequence[str]) -> HostRefused:
    choices = [_LOOPBACK, "localhost", *testnets]
    near = get_close_matches(target.lower(), choices, n=1, cutoff=0.0)
    # A URL may carry a key in its user part or query: only what precedes them is shown.
    shown = target.rsplit("@", 1)[-1].split("?", 1)[0][:100]
    return HostRefused(
        f"the target {shown!r} is refused: {reason}",
        hint=f"the nearest permitted host is {near[0]}; permitted are {', '.join(choices)}",
    )
