"""Says who is wrong when a witness and we do not agree."""

from __future__ import annotations

from typing import Literal, TypeAlias

from conformance.oracles.plan import Plan
from conformance.oracles.vectors import Vector, VectorFile, Verdict

Class: TypeAlias = Literal["agree", "ours-wrong", "sdk-wrong", "doc-wrong", "ambiguous"]


def verdict(plan: Plan, witness: str, vector: Vector) -> Verdict:
    """Judge a fresh vector by its bytes: the text signed must be the text on the wire."""
    assert vector.wire is not None
    if plan.read(vector.wire) == (vector.signed, vector.signature):
        return "agree"
    known = vector.logical and plan.defect(witness, vector.logical)
    return known.verdict if known else "sdk-wrong"


def troubles(plan: Plan, file: VectorFile, vector: Vector) -> list[str]:
    """Return what our signer and verifier get wrong about one vector; empty when it holds."""
    credentials = file.keys[vector.key].credentials()
    wrong = []
    signature = plan.signer.sign(credentials, vector.signed.encode())
    belongs = same(file.keys[vector.key].kind, signature, vector.signature)
    # A signature that never reached the wire (then the SDK is wrong) cannot be compared.
    if vector.signature and belongs == (vector.verdict == "doc-wrong"):
        wrong.append(f"our signature of the text is {signature}, theirs {vector.signature}")
    if vector.wire is None:
        return wrong
    claim = plan.read(vector.wire)
    if (claim == (vector.signed, vector.signature)) != (vector.verdict == "agree"):
        wrong.append(f"the verdict is {vector.verdict}, yet the wire says {claim}")
    holds = plan.signer.verify(credentials, vector.wire)
    if holds is not None and holds != (vector.verdict == "agree"):
        wrong.append(f"our verifier says {holds} of a vector that is {vector.verdict}")
    if plan.signer.verify(credentials, plan.spoil(vector.wire)):
        wrong.append("our verifier accepts the same signature over other bytes")
    return wrong


def classify(plan: Plan, file: VectorFile, vector: Vector) -> Class:
    """Return whose fault a disagreement is; ours comes first."""
    return "ours-wrong" if troubles(plan, file, vector) else vector.verdict


def same(kind: str, ours: str, theirs: str) -> bool:
    """Say whether two signatures are one; hex digits have no case."""
    return ours.lower() == theirs.lower() if kind == "hmac" else ours == theirs
