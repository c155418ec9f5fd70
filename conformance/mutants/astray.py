"""Address somebody else."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.adapter import Credentials, Endpoints


@mutant("credentials-to-another-host", kills=("MON-06",), during=("ORD-01",), bug="ST")
class CredentialsToAnotherHost(ReferenceClient):
    """Takes its credentials to another host than the one it was given."""

    def __init__(self, endpoints: Endpoints, credentials: Credentials) -> None:
        elsewhere = endpoints.rest.replace("127.0.0.1", "localhost")
        super().__init__(replace(endpoints, rest=elsewhere), credentials)
