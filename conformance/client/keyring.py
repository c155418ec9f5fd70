"""The one holder of secrets: it signs, and shows nothing."""

from __future__ import annotations

from typing import Any, NoReturn

from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call, ClientHalf, StreamPlan
from conformance.model.ids import Millis
from conformance.model.wire import WireRequest


class Keyring:
    """Credentials bound to the dialect that signs with them."""

    __slots__ = ("__credentials", "__half")

    def __init__(self, half: ClientHalf, credentials: Credentials) -> None:
        self.__half = half
        self.__credentials = credentials

    def sign(self, call: Call[Any], at: Millis) -> WireRequest:
        """Return the very bytes to be sent."""
        return self.__half.sign(call, self.__credentials, at)

    def user_stream(self, key: str, at: Millis) -> StreamPlan:
        """Plan the account's stream, with a signed opening where the venue wants one."""
        return self.__half.user_stream(key, self.__credentials, at)

    def __repr__(self) -> str:
        return f"Keyring({self.__credentials.kind})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a keyring is never pickled or copied: it holds secrets")
