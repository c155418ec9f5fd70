"""Tell one's secrets to whoever asks."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.adapter import Credentials, Endpoints


@mutant("secret-in-repr", kills=("KEY-02",), bug="I36")
class SecretInRepr(ReferenceClient):
    """Shows its configuration, the secret included, wherever it is printed."""

    def __init__(self, endpoints: Endpoints, credentials: Credentials) -> None:
        super().__init__(endpoints, credentials)
        self._shown = credentials

    def __repr__(self) -> str:
        return f"SecretInRepr(key={self._shown.key!r}, secret={self._shown.secret!r})"
