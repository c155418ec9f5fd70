"""The reference client: one way, in the open, to survive what a venue does."""

from conformance.client.adapter import ReferenceClient
from conformance.client.portable import PortableClient
from conformance.client.settings import Settings

__all__ = ["PortableClient", "ReferenceClient", "Settings"]
