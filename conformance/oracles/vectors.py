"""Golden signing cases: their form, their file, and the schema of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from conformance.contracts.adapter import Credentials
from conformance.errors import OracleError
from conformance.oracles.asks import Logical, Wire
from conformance.resources import data

Verdict: TypeAlias = Literal["agree", "sdk-wrong", "doc-wrong", "ambiguous"]
"""What is known of a vector:

agree      the signature belongs to the bytes on the wire
sdk-wrong  the SDK signed other bytes than it sent: a venue that checks raw bytes refuses it
doc-wrong  the venue's page prints a signature that does not belong to its text
ambiguous  the venue does not say which bytes are to be signed
"""

SCHEMA = "vectors.schema.json"


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who vouches for the vectors of one file."""

    name: str
    """Name of the witness, or ``published`` for the venue's own pages."""
    sdk: str
    version: str
    date: str
    """Day on which the vectors last changed, ISO 8601."""


class SourceKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A throw-away key. Its secret stands here or in a PEM file of ``fixtures/vectors/keys``."""

    kind: Literal["hmac", "rsa", "ed25519"]
    key: str
    secret: str = ""
    pem: str = ""

    def credentials(self) -> Credentials:
        """Return the key as credentials. Raises OracleError when its file is missing."""
        return Credentials(self.kind, self.key, self.secret or pem(self.pem))


class Vector(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One golden signing case."""

    id: str
    """Unique within its file: ``<case>/<key>``."""
    key: str
    """Name of the key within the file."""
    signed: str
    """The text that was signed (the pre-image)."""
    signature: str
    """The signature as text, percent-encoding undone; empty when none reached the wire."""
    verdict: Verdict = "agree"
    logical: Logical | None = None
    """What the SDK was asked for; absent where the source is a page."""
    wire: Wire | None = None
    """What it sent; absent where the source gives the text only."""
    finding: str = ""
    """Name of the finding that explains a disagreement."""
    note: str = ""


class VectorFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All vectors of one venue from one source."""

    schema: str = msgspec.field(name="$schema")
    venue: str
    now_ms: int
    """The frozen time of every request, epoch milliseconds."""
    source: Source
    keys: dict[str, SourceKey]
    vectors: list[Vector]


def pem(name: str) -> str:
    """Return a throw-away private key without the line that says so."""
    text = data("fixtures", "vectors", "keys", name).read_text(encoding="utf-8")
    return text[text.index("-----BEGIN") :]


def folder(venue: str) -> Path:
    """Return the folder of a venue's vectors."""
    return data("fixtures", "vectors") / venue


def load(path: Path) -> VectorFile:
    """Read and validate one file. Raises OracleError when it is not of the schema."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=VectorFile)
    except (msgspec.DecodeError, OSError) as error:
        raise OracleError(
            f"{path.name} is no file of vectors: {error}",
            hint="restore it, or record it again: `conformance vectors record VENUE`",
        ) from error


def load_all(venue: str) -> list[VectorFile]:
    """Read every file of a venue. Raises OracleError when there is none."""
    paths = sorted(folder(venue).glob("*.json"))
    if not paths:
        raise OracleError(
            f"there are no vectors for {venue}", hint=f"run `conformance vectors record {venue}`"
        )
    return [load(path) for path in paths]


def save(path: Path, file: VectorFile) -> None:
    """Write one file: one vector a line, so that a change is one line of a diff."""
    head = msgspec.structs.replace(file, vectors=[])
    text = msgspec.json.format(msgspec.json.encode(head), indent=2).decode()
    rows = ",\n".join("    " + msgspec.json.encode(vector).decode() for vector in file.vectors)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace('"vectors": []', f'"vectors": [\n{rows}\n  ]') + "\n", "utf-8")


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a file of vectors."""
    found = msgspec.json.schema(VectorFile)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | found
