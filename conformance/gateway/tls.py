"""Throw-away certificates of a throw-away authority, by ``trustme``."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme

NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Tls:
    """A server context and the CA file that clients must trust."""

    context: ssl.SSLContext
    ca_file: str
    folder: TemporaryDirectory[str]

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
    return Tls(context, str(ca_file), folder)
