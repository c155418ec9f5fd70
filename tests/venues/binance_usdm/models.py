"""Run as a program: judges payloads by the models of the official Python SDK.

Reads a JSON list of [where, model, payload] and writes a JSON list of complaints. A model of the
SDK calls every field optional, so a field that it declares and that is missing is a complaint too.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

PACKAGE = "binance_sdk_derivatives_trading_usds_futures"


def camel(name):
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def model_of(where, name):
    try:
        return getattr(import_module(f"{PACKAGE}.{where}.models.{name}"), camel(name))
    except (ImportError, AttributeError):
        return None


def model_for(where, name, *, row):
    """Return the model of a reply, or of one row of it."""
    endings = ("_inner", "1_inner", "2_inner", "1", "") if row else ("1", "")
    for ending in endings:
        found = model_of(where, name + ending)
        if found is not None and "one_of_schemas" not in found.model_fields:
            return found
    raise LookupError(f"the SDK has no model for {where} {name}")


def declared(model):
    for name, field in model.model_fields.items():
        if name != "additional_properties":
            yield name, field.alias or name


def missing(value, path):
    """Yield the declared fields that a validated value lacks, at any depth."""
    if isinstance(value, list):
        for each in value[:3]:
            yield from missing(each, path)
    elif hasattr(value, "model_fields_set"):
        for name, alias in declared(type(value)):
            if name not in value.model_fields_set:
                yield f"{path}.{alias} is missing"
            else:
                yield from missing(getattr(value, name), f"{path}.{alias}")


def complaints(where, name, payload):
    rows = payload if isinstance(payload, list) else [payload]
    for row in rows:
        model = model_for(where, name, row=isinstance(payload, list))
        try:
            value = model.model_validate(row)
        except ValueError as error:
            yield f"{name}: {error}"
        else:
            yield from missing(value, name)


if __name__ == "__main__":
    found = [c for each in json.load(sys.stdin) for c in complaints(*each)]
    json.dump(sorted(set(found)), sys.stdout)
