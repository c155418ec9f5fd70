"""Go wherever one is sent."""

from __future__ import annotations

from urllib.parse import urlsplit

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.transport import Lane
from conformance.client.wire import WireTransport
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.model.wire import WireReply, WireRequest


class _Following:
    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.open = lane.open
        self.close = lane.close

    async def send(self, request: WireRequest) -> WireReply:
        reply = await self._lane.send(request)
        where = dict(reply.headers).get("location")
        if where is None:
            return reply
        return await self._lane.send(request._replace(path=urlsplit(where).path))


class _Transport(WireTransport):
    def lane(self) -> Lane:
        return _Following(super().lane())


@mutant("redirections-followed", kills=("SIG-14",), bug="ST")
class RedirectionsFollowed(ReferenceClient):
    """Follows redirections with everything it has: key, signature and order."""

    def __init__(self, endpoints: Endpoints, credentials: Credentials) -> None:
        super().__init__(endpoints, credentials, transport=_Transport)
