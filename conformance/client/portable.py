"""The reference client over httpx, for whoever wants a library that other tools know."""

from __future__ import annotations

from conformance.client.adapter import ReferenceClient
from conformance.client.transport import HttpxTransport
from conformance.contracts.adapter import Credentials, Endpoints


class PortableClient(ReferenceClient):
    """The reference client with its REST calls carried by httpx."""

    def __init__(self, endpoints: Endpoints, credentials: Credentials) -> None:
        super().__init__(endpoints, credentials, transport=HttpxTransport)
