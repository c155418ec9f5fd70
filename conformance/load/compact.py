"""The reference client with small memories, so that its caches are full before growth is judged.

With its usual bounds (50,000 orders) it fills caches for half an hour, and no shorter run could
tell that from a leak.
"""

from __future__ import annotations

from conformance.client import ReferenceClient
from conformance.client.settings import Settings
from conformance.contracts.adapter import Credentials, Endpoints

SETTINGS = Settings(orders_kept=20, fills_kept=20, updates_kept=20)


def reference(endpoints: Endpoints, credentials: Credentials) -> ReferenceClient:
    """Make one."""
    return ReferenceClient(endpoints, credentials, settings=SETTINGS)
