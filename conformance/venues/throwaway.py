"""Obvious throw-away keys, the same ones every time: they open nothing but a simulator."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from conformance.contracts.adapter import Credentials

_EXPONENT = 65537
_PRIME_BYTES = 128
_SECRET_LENGTH = 64
_PADDING = "x"
"""No digit: padded with one, the keys of 1 and 10 would be the same."""
_SMALL = tuple(n for n in range(3, 2000, 2) if all(n % d for d in range(3, n, 2)))


def credentials(kind: str, number: int, length: int = 64) -> Credentials:
    """Return throw-away credentials of ``kind`` with a key of ``length`` characters.

    No two numbers share a key; one too long for ``length`` makes its key longer. Raises
    ValueError for an unknown kind.
    """
    api_key = f"ThrowAwayKey{kind}{number}".ljust(length, _PADDING)
    return Credentials(kind=kind, key=api_key, secret=_secret(kind, number))


@lru_cache(maxsize=32)
def _secret(kind: str, number: int) -> str:
    seed = sha256(f"throw-away {kind} {number}".encode())
    if kind == "hmac":
        return f"ThrowAwaySecret{seed.hexdigest()}"[:_SECRET_LENGTH]
    if kind == "ed25519":
        private = Ed25519PrivateKey.from_private_bytes(seed.digest())
        return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    if kind == "rsa":
        return _rsa(seed.digest())
    raise ValueError(f"{kind!r} is no kind of key: hmac, ed25519 or rsa")


def _rsa(seed: bytes) -> str:
    """Return an RSA-2048 key as PEM whose primes follow from ``seed``."""
    p, q = _prime(seed + b"p"), _prime(seed + b"q")
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    private = RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa_crt_dmp1(d, p),
        dmq1=rsa_crt_dmq1(d, q),
        iqmp=rsa_crt_iqmp(p, q),
        public_numbers=RSAPublicNumbers(_EXPONENT, p * q),
    ).private_key()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _prime(seed: bytes) -> int:
    """Return the first probable prime after a number drawn from ``seed``."""
    drawn = b"".join(sha256(seed + bytes([n])).digest() for n in range(_PRIME_BYTES // 32))
    # The two top bits make the product of two such primes exactly 2048 bits long.
    number = int.from_bytes(drawn, "big") | 3 << (_PRIME_BYTES * 8 - 2) | 1
    while not _probably_prime(number):
        number += 2
    return number


def _probably_prime(number: int) -> bool:
    if any(number % small == 0 for small in _SMALL) or (number - 1) % _EXPONENT == 0:
        return False
    # Fermat's test to two bases: enough for keys that open nothing.
    return all(pow(base, number - 1, number) == 1 for base in (2, 3))
