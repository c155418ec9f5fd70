"""Verify nobody."""

from __future__ import annotations

import ssl
import warnings

from conformance.cases import mutant
from conformance.client import ReferenceClient


@mutant(
    "certificates-not-verified",
    kills=("TLS-02", "TLS-03", "TLS-04", "TLS-05", "TLS-06"),
    bug="I32",
)
class CertificatesNotVerified(ReferenceClient):
    """Switches verification off, as a debug flag that was forgotten does."""

    def _trust(self, ca_file: str) -> ssl.SSLContext:
        context = super()._trust(ca_file)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        return context
