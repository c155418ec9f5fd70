"""Know every member of an answer, or none of them."""

from __future__ import annotations

from typing import TypeVar

from conformance.cases import mutant
from conformance.contracts.client import Call, ClientHalf
from conformance.model.outcomes import Outcome, OutcomeUnknown
from conformance.model.wire import WireReply
from conformance.mutants.altered import Altered, AlteredClient
from conformance.venues.reading import parse

T = TypeVar("T")


class _Half(Altered):
    def __init__(self, half: ClientHalf) -> None:
        super().__init__(half)
        self._members: dict[str, set[str]] = {}

    def read(self, call: Call[T], reply: WireReply) -> Outcome[T]:
        if self._strange(call.path, reply):
            return OutcomeUnknown("the answer has members that its schema does not know")
        outcome: Outcome[T] = self.original.read(call, reply)
        return outcome

    def _strange(self, path: str, reply: WireReply) -> bool:
        """Learn the members of a path's first rows; say whether there are others later."""
        try:
            data = parse(reply.body)
        except ValueError:
            return False
        rows = data if isinstance(data, list) else [data]
        names = {name for row in rows if isinstance(row, dict) for name in row}
        known = self._members.setdefault(path, names) if names else names
        return reply.status == 200 and bool(names - known)


@mutant("unknown-members-refused", kills=("MKT-13",), bug="nautechsystems/nautilus_trader#2911")
class UnknownMembersRefused(AlteredClient):
    """Refuses an answer that has a member more than the first of its kind."""

    half_type = _Half
