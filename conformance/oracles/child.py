"""A witness as a child process: started, asked line by line, bounded in time, never trusted."""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import IO, Self

import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from conformance.contracts.adapter import Credentials
from conformance.errors import OracleError
from conformance.oracles import homes
from conformance.oracles.asks import Answer, Ask, Logical, Wire, answer, key_of, line
from conformance.oracles.capture import Capture
from conformance.oracles.witnesses import Witness

ANSWER_S_MAX = 60.0
COMPLAINT_LINES_MAX = 20
STOP_S_MAX = 5.0


class Refused(OracleError):
    """The SDK did not make the request: its own checks said no."""


class Child:
    """One running witness. Use it as a context manager."""

    def __init__(
        self,
        witness: Witness,
        command: Sequence[str],
        capture: Capture,
        *,
        answer_s_max: float = ANSWER_S_MAX,
    ) -> None:
        self.witness = witness
        self.runtime = ""
        self._command = command
        self._capture = capture
        self._answer_s_max = answer_s_max
        self._number = 0
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._complaint: deque[str] = deque(maxlen=COMPLAINT_LINES_MAX)

    def __enter__(self) -> Self:
        """Start the process and hear who it is. Raises OracleError for a wrong version."""
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=homes.environment(),
                text=True,
                encoding="utf-8",
            )
        except OSError as error:
            raise OracleError(
                f"{self.witness.title} did not start: {error}",
                hint="run `conformance vectors build --fresh`",
            ) from error
        self._drains = [
            threading.Thread(target=_drain, args=(stream, keep), daemon=True)
            for stream, keep in (
                (self._process.stdout, self._lines.put),
                (self._process.stderr, self._complaint.append),
            )
        ]
        for drain in self._drains:
            drain.start()
        try:
            self._greet()
        except OracleError:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the process."""
        self._stop()

    def send(
        self, logical: Logical, credentials: Credentials, *, now_ms: int
    ) -> tuple[Wire, str | None]:
        """Return the request that the SDK sent and the text that it signed.

        Raises Refused when the SDK made no request, and OracleError when it failed.
        """
        check_key(credentials)
        self._capture.clear()
        told = self._ask(
            Ask(
                do="send",
                logical=logical,
                key=key_of(credentials),
                now_ms=now_ms,
                rest=self._capture.rest,
                frames=self._capture.frames,
            )
        )
        if told.refused:
            raise Refused(f"{self.witness.title} refused {logical.path}: {told.refused}")
        if told.failed and self._capture.heard.empty():
            raise Refused(f"{self.witness.title} sent no {logical.path}: {told.failed}")
        if told.frame:
            return Wire("WS", "", (), told.frame), told.signed
        return self._capture.take(witness=self.witness.title), told.signed

    def sign(
        self, logical: Logical, credentials: Credentials, *, now_ms: int, window_ms: int = 0
    ) -> tuple[str, str]:
        """Return the text that the SDK signs for these parameters, and its signature."""
        check_key(credentials)
        key = key_of(credentials)
        told = self._ask(
            Ask(do="sign", logical=logical, key=key, now_ms=now_ms, window_ms=window_ms)
        )
        if told.refused or told.signed is None:
            raise Refused(f"{self.witness.title} refused to sign: {told.refused}")
        return told.signed, told.signature

    def _greet(self) -> None:
        told = self._ask(Ask(do="hello"))
        self.runtime = told.runtime
        if told.version != self.witness.version:
            raise OracleError(
                f"{self.witness.title} is {told.sdk} {told.version}, "
                f"the vectors want {self.witness.sdk} {self.witness.version}",
                hint="run `conformance vectors build --fresh`",
            )

    def _ask(self, ask: Ask) -> Answer:
        self._number += 1
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(line(msgspec.structs.replace(ask, number=self._number)))
            stdin.flush()
        except OSError as error:
            raise self._crashed() from error
        try:
            text = self._lines.get(timeout=self._answer_s_max)
        except Empty:
            self._process.kill()
            raise OracleError(
                f"{self.witness.title} gave no answer within {self._answer_s_max:g} s"
                f"{self._tail()}",
                hint="the machine is overloaded, or the SDK waits for something: try again",
            ) from None
        if not text:
            raise self._crashed()
        told = answer(text, witness=self.witness.title)
        if told.number != self._number:
            raise OracleError(
                f"{self.witness.title} answered ask {told.number} instead of {self._number}",
                hint="its driver is damaged: install the package again",
            )
        return told

    def _crashed(self) -> OracleError:
        self._process.kill()
        code = self._process.wait()
        for drain in self._drains:
            drain.join(STOP_S_MAX)
        return OracleError(
            f"{self.witness.title} died with exit code {code}{self._tail()}",
            hint="run `conformance vectors build --fresh`; if it stays, the SDK crashed",
        )

    def _tail(self) -> str:
        return "".join(f"\n  {said}" for said in self._complaint if said)

    def _stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for drain in self._drains:
            drain.join(STOP_S_MAX)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with suppress(OSError):  # a dead process leaves unflushed bytes behind
                    stream.close()


def start(witness: Witness, capture: Capture, home: Path) -> Child:
    """Return the witness ready to be entered. Raises NotRun when it cannot run here."""
    return Child(witness, homes.command(witness, home), capture)


def check_key(credentials: Credentials) -> None:
    """Raise OracleError when a private key cannot be read."""
    if credentials.kind == "hmac":
        return
    passphrase = credentials.passphrase.encode() or None
    try:
        load_pem_private_key(credentials.secret.encode(), passphrase)
    except (ValueError, TypeError) as error:
        raise OracleError(
            f"the {credentials.kind} key is unreadable: {error}",
            hint="a private key is a PKCS#8 PEM, such as fixtures/vectors/keys/*.pem",
        ) from error


def _drain(stream: IO[str], keep: Callable[[str], None]) -> None:
    """Hand on every line; then an empty one, which says that the stream ended."""
    for said in stream:
        keep(said.rstrip("\n"))
    keep("")
