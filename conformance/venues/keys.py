"""Secrets ready for use: HMAC-SHA256, RSA PKCS#1 v1.5 with SHA-256, and Ed25519.

What is signed, and where the signature stands, is each venue's own affair (its ``signing.py``).
"""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256
from hmac import compare_digest
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from conformance.contracts.adapter import Credentials
from conformance.model.ids import AccountId

_BLOCK = 64
_INNER, _OUTER = 0x36, 0x5C


class Key(Protocol):
    """One secret, ready to sign and to verify."""

    def sign(self, payload: bytes) -> str:
        """Return the signature as text, not yet percent-encoded."""

    def verify(self, payload: bytes, signature: str) -> bool:
        """Say whether ``signature`` (decoded text) belongs to ``payload``."""


class Hmac:
    """HMAC-SHA256 (RFC 2104) with both padded key states computed once; hex digests."""

    def __init__(self, secret: str) -> None:
        raw = secret.encode()
        block = (sha256(raw).digest() if len(raw) > _BLOCK else raw).ljust(_BLOCK, b"\0")
        self._inner = sha256(bytes(byte ^ _INNER for byte in block))
        self._outer = sha256(bytes(byte ^ _OUTER for byte in block))

    def sign(self, payload: bytes) -> str:
        """Return the hex digest."""
        inner = self._inner.copy()
        inner.update(payload)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.hexdigest()

    def verify(self, payload: bytes, signature: str) -> bool:
        """Compare hex digests, whatever their case."""
        return compare_digest(self.sign(payload).encode(), signature.lower().encode())


class Ed25519:
    """Ed25519 (RFC 8032); base64 signatures, case-sensitive."""

    def __init__(self, pem: str) -> None:
        key = load_pem_private_key(pem.encode(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("the secret is not an Ed25519 private key")
        self._private = key
        self._public = key.public_key()

    def sign(self, payload: bytes) -> str:
        """Return the base64 signature."""
        return base64.b64encode(self._private.sign(payload)).decode()

    def verify(self, payload: bytes, signature: str) -> bool:
        """Say whether the base64 signature belongs to the payload."""
        raw = _unbase64(signature)
        if raw is None:
            return False
        try:
            self._public.verify(raw, payload)
        except InvalidSignature:
            return False
        return True


class Rsa:
    """RSASSA-PKCS1-v1_5 with SHA-256; base64 signatures, case-sensitive."""

    def __init__(self, pem: str) -> None:
        key = load_pem_private_key(pem.encode(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("the secret is not an RSA private key")
        self._private = key
        self._public = key.public_key()

    def sign(self, payload: bytes) -> str:
        """Return the base64 signature."""
        return base64.b64encode(self._private.sign(payload, PKCS1v15(), hashes.SHA256())).decode()

    def verify(self, payload: bytes, signature: str) -> bool:
        """Say whether the base64 signature belongs to the payload."""
        raw = _unbase64(signature)
        if raw is None:
            return False
        try:
            self._public.verify(raw, payload, PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True


_KINDS: dict[str, type[Hmac | Ed25519 | Rsa]] = {"hmac": Hmac, "ed25519": Ed25519, "rsa": Rsa}


def key(kind: str, secret: str) -> Key:
    """Return the secret of ``kind`` ready for use; raise ValueError for an unknown kind."""
    try:
        return _KINDS[kind](secret)
    except KeyError:
        raise ValueError(f"{kind!r} is no kind of key: one of {', '.join(_KINDS)}") from None


class Secrets(dict[Credentials, Key]):
    """The keys of credentials, each made ready when it is first asked for."""

    def __missing__(self, credentials: Credentials) -> Key:
        ready = self[credentials] = key(credentials.kind, credentials.secret)
        return ready


def _unbase64(signature: str) -> bytes | None:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return None


class Keyring:
    """API keys in force, and whose they are."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[Key, AccountId]] = {}

    def add(self, name: str, key: Key, account: AccountId) -> None:
        """Make a key valid."""
        self._keys[name] = (key, account)

    def revoke(self, name: str) -> None:
        """Make a key invalid; one that is not known stays so."""
        self._keys.pop(name, None)

    def account(self, name: str) -> AccountId | None:
        """Return whose key it is, or None."""
        found = self._keys.get(name)
        return None if found is None else found[1]

    def key(self, name: str) -> Key | None:
        """Return the secret behind a key, or None when there is no such key."""
        found = self._keys.get(name)
        return None if found is None else found[0]
