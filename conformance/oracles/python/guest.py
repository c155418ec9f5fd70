"""The Python end of the line protocol: reads asks, drives one SDK, answers.

Run as ``python -I guest.py <driver.py>`` inside the SDK's own environment, where this project is
not installed. The driver names its package in ``SDK`` and offers ``watch(note)``, ``send(ask)``
and ``sign(ask)``; ``send`` returns a text frame that it composed without a socket, if it did.
The clock is frozen before it is called.
"""

import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from types import ModuleType
from typing import Any


def load(path: str) -> ModuleType:
    """Load the driver from its file, its folder staying off the import path."""
    spec = importlib.util.spec_from_file_location("driver", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"no driver at {path}")
    driver = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(driver)
    return driver


def revive(members: dict[str, Any]) -> dict[str, Any] | Decimal:
    """Turn ``{"$decimal": text}`` into a Decimal."""
    return Decimal(members["$decimal"]) if members.keys() == {"$decimal"} else members


def freeze(now_ms: int) -> None:
    """Make ``time.time`` stand still; timers use the monotonic clock and go on."""
    frozen: Callable[[], float] = lambda: now_ms / 1000  # noqa: E731 - replaces a function
    time.time = frozen


def answer(driver: ModuleType, ask: dict[str, Any], signed: list[str]) -> dict[str, Any]:
    """Do what one ask wants. What the SDK raises before it signed is a refusal."""
    if ask["do"] == "hello":
        version = importlib.metadata.version(driver.SDK)
        runtime = f"Python {platform.python_version()}"
        return {"sdk": driver.SDK, "version": version, "runtime": runtime}
    freeze(ask["now_ms"])
    signed.clear()
    try:
        if ask["do"] == "sign":
            made = {"signature": driver.sign(ask)}
        else:
            made = {"frame": driver.send(ask) or ""}
    except Exception as error:  # noqa: BLE001 - whatever an SDK raises is its answer
        trouble = f"{type(error).__name__}: {error}"
        return {"signed": signed[-1], "failed": trouble} if signed else {"refused": trouble}
    return {"signed": signed[-1] if signed else None} | made


def main() -> None:
    """Answer until the input ends. Whatever an SDK prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    driver = load(sys.argv[1])
    signed: list[str] = []
    driver.watch(signed.append)
    for line in sys.stdin:
        ask = json.loads(line, object_hook=revive)
        told = {"number": ask["number"]} | answer(driver, ask, signed)
        print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    main()
