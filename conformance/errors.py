"""The exception trees of the project.

ConformanceError            the tool cannot work; message + hint; exit code 3
├── UsageError              the caller asked for something impossible; exit code 2
│   └── ConfigError         a configuration file or option is wrong; exit code 2
├── HostRefused             a network target outside loopback and the allow-list; exit code 2
├── BridgeError             a foreign testee did not speak the protocol
├── WorldError              the venue under our control could not be started or steered
│   └── Beyond              this world cannot do what a case asks: the case is not applicable
├── OutOfTime               a run used up its virtual or real time; ``waiting`` says on what
├── OracleError             an outside witness is missing, crashed or answered nonsense
└── EvidenceError           evidence could not be written, read or verified

AdapterError                raised by adapters
├── Throttled               the venue asked for silence; ``retry_at_ms`` says until when
├── Banned                  the venue blocked this address; ``until_ms`` says until when
├── NotAuthorised           key, signature or permission refused
├── NotSupported            the adapter does not offer this
└── StreamGap               events were lost and the state is not trustworthy

Finding(AssertionError)     an adapter broke a rule
InvariantBroken             our own bug: stop loudly, never turned into a venue reply
"""

from __future__ import annotations


class ConformanceError(Exception):
    """The tool cannot work; carries a hint that names the mend."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class UsageError(ConformanceError):
    """The caller asked for something impossible."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration file or option is wrong."""


class HostRefused(UsageError):
    """A network target outside loopback and the allow-list."""


class BridgeError(ConformanceError):
    """A foreign testee did not speak the protocol."""


class WorldError(ConformanceError):
    """The venue under our control could not be started or steered."""


class Beyond(WorldError):
    """This world cannot do what a case asks: the case is not applicable here."""


class OutOfTime(ConformanceError):
    """A run used up its virtual or real time; ``waiting`` says where each task was stuck."""

    def __init__(self, message: str, *, waiting: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.waiting = waiting

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  waiting: {line}" for line in self.waiting)])


class OracleError(ConformanceError):
    """An outside witness is missing, crashed or answered nonsense."""


class EvidenceError(ConformanceError):
    """Evidence could not be written, read or verified."""


class AdapterError(Exception):
    """Root of what adapters raise."""


class Throttled(AdapterError):
    """The venue asked for silence until ``retry_at_ms`` (epoch milliseconds)."""

    def __init__(self, message: str, *, retry_at_ms: int) -> None:
        super().__init__(message)
        self.retry_at_ms = retry_at_ms


class Banned(AdapterError):
    """The venue blocked this address until ``until_ms`` (epoch milliseconds)."""

    def __init__(self, message: str, *, until_ms: int) -> None:
        super().__init__(message)
        self.until_ms = until_ms


class NotAuthorised(AdapterError):
    """Key, signature or permission refused."""


class NotSupported(AdapterError):
    """The adapter does not offer this."""


class StreamGap(AdapterError):
    """Events were lost and the state is not trustworthy."""


class Finding(AssertionError):
    """An adapter broke a rule: what was expected, what was observed.

    ``claim`` is the sentence that does not hold; ``expected`` and ``observed`` are rendered
    with ``str`` so that they can be kept as evidence.
    """

    def __init__(self, claim: str, *, expected: object = "", observed: object = "") -> None:
        super().__init__(claim)
        self.claim = claim
        self.expected = str(expected)
        self.observed = str(observed)

    def __str__(self) -> str:
        lines = [self.claim]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.observed:
            lines.append(f"  observed: {self.observed}")
        return "\n".join(lines)


class InvariantBroken(Exception):
    """A promise of our own code does not hold."""
