"""Where a test network is, and the key to it: from the process's environment or a keyring.

For the venue ``binance_usdm`` the variables are CONFORMANCE_BINANCE_USDM_KEY, _SECRET, and where
wanted _PASSPHRASE, _KIND (hmac, rsa, ed25519), _REST, _STREAMS and _CA_FILE. What is not there is
looked for in the system's keyring (service ``conformance``, user ``binance_usdm.key`` and so on),
when the package ``keyring`` is installed.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.dialect import Venue
from conformance.errors import UsageError
from conformance.guard import permit
from conformance.venues import keys as secrets

SERVICE = "conformance"
PEM = ("rsa", "ed25519")
"""Kinds of key whose secret is a private key as PEM text."""


def target(
    venue: Venue, variables: Mapping[str, str] | None = None
) -> tuple[Endpoints, Credentials]:
    """Return endpoints and credentials of the venue's test network.

    Raises UsageError when the key is missing, HostRefused when the target is not permitted.
    """
    known = os.environ if variables is None else variables
    hosts = venue.facts.get("hosts", {})
    rest = _look(known, venue.name, "rest") or hosts.get("testnet_rest", "")
    streams = _look(known, venue.name, "streams") or hosts.get("testnet_streams", "")
    if not (rest and streams):
        raise UsageError(
            f"{venue.name} names no test network",
            hint=f"set {variable(venue.name, 'rest')} and {variable(venue.name, 'streams')}",
        )
    for url in (rest, streams):
        permit(url, testnets=hosts.get("testnet", ()))
    ca_file = _look(known, venue.name, "ca_file")
    if ca_file:
        _trust(venue, ca_file)
    endpoints = venue.endpoints(rest, streams, ca_file)
    return replace(endpoints, ca_file=ca_file), _credentials(known, venue)


def variable(venue: str, name: str) -> str:
    """Return the name of the environment variable for one thing about a venue."""
    return f"CONFORMANCE_{venue}_{name}".upper()


def _credentials(known: Mapping[str, str], venue: Venue) -> Credentials:
    kind = _look(known, venue.name, "kind") or venue.key_kinds[0]
    if kind not in venue.key_kinds:
        raise UsageError(
            f"{variable(venue.name, 'kind')} is {kind!r}",
            hint=f"possible are {', '.join(venue.key_kinds)}",
        )
    key, secret = (_secret(known, venue.name, name) for name in ("key", "secret"))
    missing = [
        variable(venue.name, name)
        for name, value in (("key", key), ("secret", secret))
        if not value
    ]
    if missing:
        raise UsageError(
            f"the test network of {venue.name} needs a key of its own",
            hint=f"set {' and '.join(missing)}, or keep them in the keyring under {SERVICE!r}; "
            "never use a key that opens anything of value",
        )
    if kind in PEM:
        _read_pem(venue, kind, secret)
    passphrase = _secret(known, venue.name, "passphrase")
    return Credentials(kind=kind, key=key, secret=secret, passphrase=passphrase)


def _trust(venue: Venue, ca_file: str) -> None:
    """Raise UsageError when a file holds no certificate to trust."""
    try:
        ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise UsageError(
            f"{variable(venue.name, 'ca_file')} names {ca_file}, which cannot be trusted: "
            f"{error.strerror or error}",
            hint="name a PEM file with the certificate of an authority",
        ) from None


def _read_pem(venue: Venue, kind: str, secret: str) -> None:
    """Raise UsageError when a secret is no private key of its kind; nothing of it is told."""
    try:
        secrets.key(kind, secret)
    except (ValueError, TypeError):
        raise UsageError(
            f"{variable(venue.name, 'secret')} holds no private {kind} key",
            hint="give the whole PEM text, of a key without a password",
        ) from None


def _look(known: Mapping[str, str], venue: str, name: str) -> str:
    return known.get(variable(venue, name), "")


def _secret(known: Mapping[str, str], venue: str, name: str) -> str:
    found = _look(known, venue, name)
    if found or find_spec("keyring") is None:
        return found
    return import_module("keyring").get_password(SERVICE, f"{venue}.{name}") or ""
