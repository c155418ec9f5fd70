"""The reference client: one way, in the open, to survive what a venue does."""

from conformance.client.adapter import ReferenceClient
from conformance.client.settings import Settings

__all__ = ["ReferenceClient", "Settings"]
