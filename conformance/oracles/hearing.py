"""Hears every witness of a venue about the requests of a case; implements the Oracle contract."""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

from conformance.contracts.adapter import Credentials
from conformance.contracts.oracle import Testimony
from conformance.errors import OracleError
from conformance.model.wire import WireRequest
from conformance.oracles import judge, vectors
from conformance.oracles import plan as plans
from conformance.oracles.asks import Wire
from conformance.oracles.capture import Capture
from conformance.oracles.child import Child, start
from conformance.oracles.plan import Claim, Plan
from conformance.oracles.witnesses import NotRun, Witness

_STACK = ExitStack()
_LIVING: dict[tuple[Path, Witness], Child] = {}
atexit.register(_STACK.close)


class Hearing:
    """The recorded witnesses of one venue and, with a ``home``, those that live on this machine.

    A recorded witness has signed a few hundred requests: our signer is held against all of them,
    then it speaks for the witness. A living one signs the request of the case itself.
    """

    def __init__(self, plan: Plan, home: Path | None) -> None:
        self.heard: list[Witness] = []
        self.absent: list[NotRun] = []
        """Who cannot be heard here, and why."""
        self._plan = plan
        self._home = home
        for witness in plan.witnesses if home else ():
            self._call(witness)

    def testify(self, request: WireRequest, credentials: Credentials) -> Sequence[Testimony]:
        """Return what each witness says of a signed request.

        Raises OracleError when a witness fails, or when our own signer contradicts a record.
        """
        wire = as_wire(request)
        claim = self._plan.read(wire)
        seen = _told(*claim)
        ours = self._plan.signer.sign(credentials, claim.payload.encode())
        agrees = judge.same(credentials.kind, ours, claim.signature)
        recorded = [
            Testimony(source, agrees, _told(claim.payload, ours), seen)
            for source in proven(self._plan.venue, credentials.kind)
        ]
        return [*recorded, *self._living(wire, claim, credentials)]

    def _call(self, witness: Witness) -> None:
        if not witness.signs:
            return
        assert self._home is not None
        try:
            _child(witness, self._home)
        except NotRun as reason:
            self.absent.append(reason)
        else:
            self.heard.append(witness)

    def _living(self, wire: Wire, claim: Claim, credentials: Credentials) -> Iterator[Testimony]:
        logical, now_ms, window_ms = self._plan.retell(wire)
        for witness in self.heard:
            assert self._home is not None
            child = _child(witness, self._home)
            try:
                text, signature = child.sign(
                    logical, credentials, now_ms=now_ms, window_ms=window_ms
                )
            except OracleError:
                del _LIVING[self._home, witness]
                raise
            yield Testimony(
                f"{witness.title} {witness.sdk} {witness.version}",
                self._equal(witness, Claim(text, signature), claim, credentials),
                _told(text, signature),
                _told(*claim),
            )

    def _equal(
        self, witness: Witness, theirs: Claim, claim: Claim, credentials: Credentials
    ) -> bool:
        if witness.rewrites and theirs.payload != claim.payload:
            # It writes the same in its own way: then our signer, which makes its signature of
            # its text, must make the request's of the request's.
            said, seen = (self._plan.meaning(each.payload, credentials) for each in (theirs, claim))
            return said == seen and all(
                judge.same(
                    credentials.kind,
                    self._plan.signer.sign(credentials, each.payload.encode()),
                    each.signature,
                )
                for each in (theirs, claim)
            )
        signed = judge.same(credentials.kind, theirs.signature, claim.signature)
        return theirs.payload == claim.payload and signed


@lru_cache
def proven(venue: str, kind: str) -> Sequence[str]:
    """Return the recorded witnesses whose every signature with this kind of key is ours too.

    Raises OracleError when one of them is not: then our own signer or the record is wrong.
    """
    plan, found = plans.load(venue), []
    for file in vectors.load_all(venue):
        mine = [
            vector
            for vector in file.vectors
            if file.keys[vector.key].kind == kind
            and vector.signature
            and vector.verdict != "doc-wrong"
        ]
        for vector in mine:
            credentials = file.keys[vector.key].credentials()
            ours = plan.signer.sign(credentials, vector.signed.encode())
            if not judge.same(kind, ours, vector.signature):
                raise OracleError(
                    f"our signer contradicts the vector {vector.id} of {file.source.name}",
                    hint=f"run `conformance vectors check {venue}`",
                )
        if mine:
            source = file.source
            found.append(f"recorded: {source.name} {source.version} ({len(mine)} vectors)")
    return tuple(found)


def as_wire(request: WireRequest) -> Wire:
    """Return a request as witnesses speak of it; bytes that are no UTF-8 are replaced."""
    query = request.query.decode(errors="replace")
    target = f"{request.path}?{query}" if query else request.path
    body = request.body.decode(errors="replace")
    return Wire(request.method, target, request.headers, body)


def _told(payload: str, signature: str) -> str:
    return f"{payload!r} signed {signature}"


def _child(witness: Witness, home: Path) -> Child:
    """Return the running witness; one serves all cases of this process."""
    place = (home, witness)
    if place not in _LIVING:
        _LIVING[place] = _STACK.enter_context(start(witness, Capture(), home))
    return _LIVING[place]
