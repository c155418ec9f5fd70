"""Throw-away certificates of a throw-away authority, by ``trustme``."""

from __future__ import annotations

import ssl
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme

from conformance.contracts.faults import Flaw

NAMES = ("localhost", "127.0.0.1", "::1")
VALIDITY = {
    Flaw.EXPIRED: (datetime(2000, 1, 1, tzinfo=UTC), datetime(2001, 1, 1, tzinfo=UTC)),
    Flaw.NOT_YET_VALID: (datetime(2998, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)),
}
"""When a certificate holds that does not hold now, whatever the clock."""


@dataclass(frozen=True, slots=True)
class Tls:
    """A server context and the CA file that clients must trust."""

    context: ssl.SSLContext
    ca_file: str
    authority: trustme.CA
    folder: TemporaryDirectory[str]

    def flawed(self, flaw: Flaw) -> ssl.SSLContext:
        """Return a server context whose certificate, or protocol, must not be accepted."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority = trustme.CA() if flaw is Flaw.UNKNOWN_AUTHORITY else self.authority
        names = ("elsewhere.invalid",) if flaw is Flaw.WRONG_NAME else NAMES
        begin, end = VALIDITY.get(flaw, (None, None))
        authority.issue_cert(*names, not_before=begin, not_after=end).configure_cert(context)
        if flaw is Flaw.OLD_PROTOCOL:
            with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
        return context

    def close(self) -> None:
        """Delete the CA file."""
        self.folder.cleanup()


def issue(*names: str) -> Tls:
    """Make a CA and a server certificate of it for loopback and ``names``."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    authority.issue_cert(*NAMES, *names).configure_cert(context)
    folder = TemporaryDirectory(prefix="conformance-")
    ca_file = Path(folder.name, "ca.pem")
    authority.cert_pem.write_to_path(str(ca_file))
    return Tls(context, str(ca_file), authority, folder)
