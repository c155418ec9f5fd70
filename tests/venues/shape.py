"""Judges replies and events by the shapes that captures and models show."""

from __future__ import annotations

import json
from typing import Any

from conformance.resources import data

TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
DAY_MS = 24 * 3600 * 1000


def shape_of(name, venue="binance_usdm"):
    path = data("fixtures", "shapes", venue, f"{name}.json")
    return json.loads(path.read_text(encoding="utf-8"))["shape"]


def faults(shape: Any, value: Any, path: str = "$"):
    """Yield what of ``value`` is not as ``shape`` says."""
    if isinstance(shape, str):
        kind = TYPES.get(type(value), type(value).__name__)
        if kind not in shape.split("|") and (shape, kind) != ("number", "integer"):
            yield f"{path} is {kind}, not {shape}"
    elif type(shape) is not type(value):
        yield f"{path} is a {type(value).__name__}"
    elif isinstance(shape, dict):
        yield from faulty_names(shape, value, path)
    else:
        yield from faulty_elements(shape, value, path)


def faulty_names(shape, value, path):
    if "*" in shape:  # any names, one kind of value
        shape = dict.fromkeys(value, shape["*"])
    names = {name.rstrip("?"): inner for name, inner in shape.items()}
    wanted = {name for name in shape if not name.endswith("?")}
    yield from (f"{path}.{name} is unknown" for name in value.keys() - names.keys())
    yield from (f"{path}.{name} is missing" for name in wanted - value.keys())
    for name in value.keys() & names.keys():
        yield from faults(names[name], value[name], f"{path}.{name}")


def faulty_elements(shape, value, path):
    if len(shape) == 1:
        for number, each in enumerate(value):
            yield from faults(shape[0], each, f"{path}[{number}]")
        return
    if len(shape) != len(value):
        yield f"{path} has {len(value)} elements, not {len(shape)}"
    for number, (inner, each) in enumerate(zip(shape, value, strict=False)):
        yield from faults(inner, each, f"{path}[{number}]")


def misfits(name, value, venue="binance_usdm"):
    """Return what of ``value`` is not as the shape of this name says."""
    return list(faults(shape_of(name, venue), value))
