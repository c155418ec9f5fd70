"""Cases as pytest sees them: one item for each venue, case and example."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import venues
from conformance.cases import Case, Example
from conformance.contracts.dialect import Venue
from conformance.errors import ConformanceError, InvariantBroken
from conformance.evidence.reading import gather
from conformance.evidence.telling import tell
from conformance.evidence.verdicts import Verdict
from conformance.oracles import homes
from conformance.plugin.discovery import import_cases
from conformance.plugin.environments import environment
from conformance.plugin.running import CaseResult, case_key, run_case
from conformance.plugin.selection import choose

if TYPE_CHECKING:
    from conformance.plugin.session import ConformanceSession

CASE = "conformance_case"
VERDICT = "conformance_verdict"
REASON = "conformance_reason"
TOOL_ERROR = "conformance_tool_error"
"""Names of the report properties by which a result travels to the process that leads."""


class NotConforming(Exception):
    """A verdict that stands in the way of conformance; the text tells everything."""


class ToolFailed(Exception):
    """The tool could not judge this case."""


class CaseFile(pytest.File):
    """A file of cases."""

    def __init__(self, *, conformance: ConformanceSession, **rest: Any) -> None:  # noqa: ANN401
        super().__init__(**rest)
        self._conformance = conformance

    def collect(self) -> Iterator[CaseItem]:
        """Yield an item for every chosen case, example and venue."""
        try:
            name = import_cases(self.path).__name__
        except ConformanceError as error:
            raise self.CollectError(str(error)) from None
        settings = self._conformance.settings
        mine = [case for case in self._conformance.cases if case.check.__module__ == name]
        for venue_name in settings.venue:
            venue = venues.load(venue_name)
            chosen = choose(mine, level=settings.level, names=settings.case)
            for position, (case, example) in enumerate(chosen):
                item: CaseItem = CaseItem.from_parent(
                    self,
                    name=case_key(venue_name, case, example),
                    conformance=self._conformance,
                    venue=venue,
                    case=case,
                    example=example,
                    position=position,
                )
                yield item


class CaseItem(pytest.Item):
    """One case with one example at one venue."""

    def __init__(
        self,
        *,
        conformance: ConformanceSession,
        venue: Venue,
        case: Case,
        example: Example | None,
        position: int,
        **rest: Any,  # noqa: ANN401 - pytest's own
    ) -> None:
        super().__init__(**rest)
        self._conformance = conformance
        self._venue = venue
        self._case = case
        self._example = example
        self.rank = (venue.name, case.id, position)
        self.add_marker(pytest.mark.conformance(level=case.level, area=case.area))

    def runtest(self) -> None:
        """Run the case; raise unless its verdict conforms."""
        recorder = self._conformance.recorder
        events: list[dict[str, Any]] = []

        def listen(kind: str, **fields: object) -> None:
            events.append({"kind": kind, **fields})
            recorder(kind, **fields)

        self.user_properties.append((CASE, self.name))
        try:
            result = run_case(
                self._case,
                self._example,
                venue=self._venue,
                adapter_factory=self._conformance.factory,
                seed=self._conformance.settings.seed,
                listener=listen,
                environment=environment(self._conformance.settings, self._venue),
                oracle_home=homes.default_home(),
            )
        except (ConformanceError, InvariantBroken) as error:
            self.user_properties.append((TOOL_ERROR, f"{type(error).__name__}: {error}"))
            raise ToolFailed(f"{self.name}: {error}") from error
        self._report(result, [recorder.begun, *events])

    def _report(self, result: CaseResult, events: list[Any]) -> None:
        self.user_properties.append((VERDICT, result.verdict.value))
        self.user_properties.append((REASON, result.reason))
        if result.verdict is Verdict.NOT_APPLICABLE:
            pytest.skip(result.reason)
        if not result.verdict.conforms:
            run = gather(events)
            raise NotConforming(tell(run, run.cases[0]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """Tell a finding in its own words, and everything else as pytest does."""
        if isinstance(excinfo.value, NotConforming | ToolFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the case is written, and its name."""
        line = self._case.check.__code__.co_firstlineno - 1
        return self.path, line, self.name
