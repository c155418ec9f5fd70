"""What a case asks of its world and does to it, as values that a tape can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_type_hints

import msgspec

from conformance.contracts import world as contracts
from conformance.model.instruments import Listing

ASKED: Mapping[str, type] = {"truth": contracts.Truth, "world": contracts.World}
"""What answers questions, by name."""
_EXTRA: Mapping[str, Any] = {
    "world.mark": get_type_hints(contracts.World.reference_price)["return"],
    "market.foreign": get_type_hints(contracts.Market.foreign)["return"],
    "world.listing_of": Listing,
    "fault.delivered": int,
}


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a value of the model as JSON; what cannot be written down is named by its type."""
    if callable(value):
        return f"<{type(value).__name__}>"
    return msgspec.to_builtins(value, str_keys=True)


def arguments(args: tuple[object, ...], named: Mapping[str, object]) -> list[Any]:
    """Return the arguments of a call as JSON, comparable."""
    listed = [plain(arg) for arg in args]
    return [*listed, {name: plain(named[name]) for name in sorted(named)}] if named else listed


def value(ask: str, told: Any) -> Any:  # noqa: ANN401 - by its question
    """Return what was told as the value it was."""
    return msgspec.convert(told, _kind(ask), strict=False)


def _kind(ask: str) -> Any:  # noqa: ANN401 - a type
    if ask in _EXTRA:
        return _EXTRA[ask]
    owner, _, name = ask.partition(".")
    return get_type_hints(getattr(ASKED[owner], name))["return"]
