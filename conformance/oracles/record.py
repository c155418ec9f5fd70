"""Makes vectors: puts a venue's corpus to a witness and keeps what it sends and signs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import msgspec

from conformance.errors import OracleError
from conformance.oracles import judge, vectors
from conformance.oracles.asks import Logical
from conformance.oracles.capture import listening
from conformance.oracles.child import Child, Refused, start
from conformance.oracles.plan import Plan
from conformance.oracles.vectors import Source, Vector, VectorFile
from conformance.oracles.witnesses import Witness


class Recording(NamedTuple):
    """What one witness said to a whole corpus."""

    file: VectorFile
    refusals: tuple[str, ...]
    """What the SDK would not send, each with its reason."""


class Drift(NamedTuple):
    """A vector that the witness would not give again."""

    id: str
    stored: str
    now: str


def ask(plan: Plan, child: Child, case: str, logical: Logical, key: str) -> Vector:
    """Return one fresh, judged vector. Raises Refused when the SDK made no request."""
    name = child.witness.name
    wire, signed = child.send(logical, plan.keys[key].credentials(), now_ms=plan.now_ms)
    if signed is None:
        raise OracleError(
            f"{child.witness.title} sent {logical.path} without signing it",
            hint="the corpus holds signed requests only: check the driver",
        )
    kept = tuple(sorted(field for field in wire.headers if field[0] in plan.headers))
    wire = msgspec.structs.replace(wire, headers=kept)
    fresh = Vector(
        id=f"{case}/{key}",
        key=key,
        signed=signed,
        # Hex and base64 hold no percent sign: what is left of one was encoded twice.
        signature=unquote(plan.read(wire).signature),
        logical=logical,
        wire=wire,
    )
    verdict = judge.verdict(plan, name, fresh)
    known = plan.defect(name, logical) if verdict != "agree" else None
    return msgspec.structs.replace(fresh, verdict=verdict, finding=known.name if known else "")


def record(plan: Plan, witness: Witness, home: Path) -> Recording:
    """Put the whole corpus to one witness. Raises NotRun or OracleError when it cannot."""
    refusals: list[str] = []
    with listening() as capture, start(witness, capture, home) as child:
        found = list(_all(plan, child, refusals))
    today = datetime.now(UTC).date().isoformat()
    source = Source(witness.name, witness.sdk, witness.version, today)
    file = VectorFile(
        f"../{vectors.SCHEMA}", plan.venue, plan.now_ms, source, dict(plan.keys), found
    )
    return Recording(file, tuple(refusals))


def _all(plan: Plan, child: Child, refusals: list[str]) -> Iterator[Vector]:
    for case, logical in plan.corpus():
        for key in plan.keys:
            try:
                yield ask(plan, child, case, logical, key)
            except Refused as refused:
                refusals.append(f"{case}/{key}: {refused.message}")


def drift(stored: VectorFile, fresh: VectorFile) -> list[Drift]:
    """Return where a fresh recording differs from the stored one, the date aside."""
    then = {vector.id: vector for vector in stored.vectors}
    now = {vector.id: vector for vector in fresh.vectors}
    return [
        Drift(name, _said(then.get(name)), _said(now.get(name)))
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    ]


def keep(plan: Plan, fresh: VectorFile) -> tuple[Path, list[Drift]]:
    """Write a recording; when nothing changed the stored file stays as it is, date included."""
    path = vectors.folder(plan.venue) / f"{fresh.source.name}.json"
    if not path.exists():
        vectors.save(path, fresh)
        return path, [Drift(vector.id, "absent", _said(vector)) for vector in fresh.vectors]
    stored = vectors.load(path)
    changes = drift(stored, fresh)
    dated = msgspec.structs.replace(fresh.source, date=stored.source.date)
    if changes or (stored.source, stored.keys) != (dated, fresh.keys):
        vectors.save(path, fresh)
    return path, changes


def _said(vector: Vector | None) -> str:
    return "absent" if vector is None else msgspec.json.encode(vector).decode()
