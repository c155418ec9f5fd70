"""The process's sources of chance, bound to one seed while a run is active.

Bound are ``os.urandom`` (also where a module outside the standard library has taken it by name)
and with it ``secrets``, ``uuid`` and ``SystemRandom``; the functions of ``random``; and every
generator that is made without a seed. What OpenSSL draws for itself is beyond reach: no byte
that a case sees depends on it.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conformance.virtual.taken import Taken

URANDOM = os.urandom
SEED = random.Random.seed


class _Bound:
    """The generator in force."""

    source: random.Random | None = None


def _urandom(size: int, /) -> bytes:
    """Return bytes of the generator in force, else of the system's."""
    return URANDOM(size) if _Bound.source is None else _Bound.source.randbytes(size)


def _seed(self: random.Random, a: Any = None, version: int = 2) -> None:  # noqa: ANN401 - its type
    """Seed a generator; one without a seed of its own gets one from the generator in force."""
    if a is None and _Bound.source is not None:
        a = _Bound.source.getrandbits(128)
    SEED(self, a, version)


_TAKEN = Taken({id(URANDOM): _urandom})


@contextmanager
def seeded(seed: object) -> Iterator[None]:
    """Let chance be what ``seed`` makes of it; equal texts of seeds give equal chance."""
    if _Bound.source is not None:
        raise RuntimeError("chance is bound to another virtual run")
    state = random.getstate()
    clocked = vars(uuid).get("_generate_time_safe"), vars(uuid).get("_last_timestamp")
    places = list(_TAKEN.places())
    _Bound.source = random.Random(f"conformance {seed}")  # noqa: S311 - a run, not a secret
    try:
        _bind(_urandom, _seed)
        # Without the C function, ids of version 1 are made of the bound clock and chance.
        vars(uuid).update(_generate_time_safe=None, _last_timestamp=None)
        for space, name, _ in places:
            space[name] = _urandom
        random.seed(_Bound.source.getrandbits(128))
        yield
    finally:
        _Bound.source = None
        _bind(URANDOM, SEED)
        vars(uuid).update(zip(("_generate_time_safe", "_last_timestamp"), clocked, strict=True))
        for space, name, real in places:
            space[name] = real
        random.setstate(state)


def _bind(urandom: Any, seed: Any) -> None:  # noqa: ANN401 - the functions of two modules
    os.urandom = urandom
    vars(random)["_urandom"] = urandom
    random.Random.seed = seed  # type: ignore[method-assign]
