"""The process's clocks, bound to a virtual loop while a run is active.

Bound are the functions of ``time`` (also where a module outside the standard library and the
harness has taken them by ``from time import ...``) and ``datetime.now`` and ``utcnow``, whose C
type is patched in place so that every reference sees it. Functions taken during a run keep
working after it: they fall back to the real clocks.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from conformance.virtual.taken import Taken

REAL = {
    name: getattr(time, name)
    for name in (
        "time",
        "time_ns",
        "monotonic",
        "monotonic_ns",
        "perf_counter",
        "perf_counter_ns",
        "sleep",
        "gmtime",
        "localtime",
    )
}
"""The real functions, for the harness."""
REAL_NOW = dt.datetime.__dict__["now"]
REAL_UTCNOW = dt.datetime.__dict__["utcnow"]
NS = 1_000_000_000


class Clock(Protocol):
    """What the bound functions ask."""

    epoch_ns: int
    """Instant of the run's beginning, nanoseconds since 1970."""
    elapsed_ns: int
    """Virtual nanoseconds since then."""
    origin_ns: int
    """What ``monotonic_ns`` read at the beginning."""

    def pass_by(self, delay_ns: int) -> None:
        """Let virtual time pass."""


class _Bound:
    """Which clock is in force, and the thread it belongs to."""

    clock: Clock | None = None
    thread = 0


def _time_ns() -> int:
    clock = _Bound.clock
    return int(REAL["time_ns"]()) if clock is None else clock.epoch_ns + clock.elapsed_ns


def _time() -> float:
    return _time_ns() / NS


def _monotonic_ns() -> int:
    clock = _Bound.clock
    return int(REAL["monotonic_ns"]()) if clock is None else clock.origin_ns + clock.elapsed_ns


def _monotonic() -> float:
    return _monotonic_ns() / NS


def _perf_counter_ns() -> int:
    return int(REAL["perf_counter_ns"]()) if _Bound.clock is None else _monotonic_ns()


def _perf_counter() -> float:
    return _perf_counter_ns() / NS


def _sleep(seconds: float) -> None:
    """Let the loop's time pass when its own thread sleeps; other threads sleep really."""
    clock = _Bound.clock
    if clock is None or threading.get_ident() != _Bound.thread:
        REAL["sleep"](seconds)
    elif seconds < 0:
        raise ValueError("sleep length must be non-negative")
    else:
        clock.pass_by(round(seconds * NS))


def _gmtime(seconds: float | None = None) -> time.struct_time:
    broken: time.struct_time = REAL["gmtime"](_time() if seconds is None else seconds)
    return broken


def _localtime(seconds: float | None = None) -> time.struct_time:
    broken: time.struct_time = REAL["localtime"](_time() if seconds is None else seconds)
    return broken


SHIMS: dict[str, Callable[..., Any]] = {
    "time": _time,
    "time_ns": _time_ns,
    "monotonic": _monotonic,
    "monotonic_ns": _monotonic_ns,
    "perf_counter": _perf_counter,
    "perf_counter_ns": _perf_counter_ns,
    "sleep": _sleep,
    "gmtime": _gmtime,
    "localtime": _localtime,
}
_BY_REAL = {id(function): SHIMS[name] for name, function in REAL.items()}


def _instant(cls: type[dt.datetime], zone: dt.tzinfo | None) -> dt.datetime:
    """Return the bound instant, exact to the microsecond."""
    seconds, rest = divmod(_time_ns(), NS)
    return cls.fromtimestamp(seconds, zone).replace(microsecond=rest // 1000)


def _now(cls: type[dt.datetime], tz: dt.tzinfo | None = None) -> dt.datetime:
    return _instant(cls, tz)


def _utcnow(cls: type[dt.datetime]) -> dt.datetime:
    return _instant(cls, dt.UTC).replace(tzinfo=None)


_TAKEN = Taken(_BY_REAL)


@contextmanager
def bound(clock: Clock) -> Iterator[None]:
    """Bind the process's clocks to ``clock``; raise RuntimeError when they are bound already."""
    if _Bound.clock is not None:
        raise RuntimeError("the clocks are bound to another virtual run")
    places = list(_TAKEN.places())
    _Bound.clock, _Bound.thread = clock, threading.get_ident()
    try:
        for name, shim in SHIMS.items():
            setattr(time, name, shim)
        for space, key, real in places:
            space[key] = _BY_REAL[id(real)]
        _patch(classmethod(_now), classmethod(_utcnow))
        yield
    finally:
        _Bound.clock = None
        for name, real in REAL.items():
            setattr(time, name, real)
        for space, key, real in places:
            space[key] = real
        _patch(REAL_NOW, REAL_UTCNOW)


def _patch(now: object, utcnow: object) -> None:
    """Exchange two methods of a C type: its namespace is a dict behind a read-only proxy."""
    namespace = gc.get_referents(dt.datetime.__dict__)[0]
    namespace["now"], namespace["utcnow"] = now, utcnow
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(dt.datetime))
