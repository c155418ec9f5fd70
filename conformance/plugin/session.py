"""One pytest run that asks for cases: collect them, keep the evidence, make the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.errors import ConformanceError
from conformance.evidence import journal
from conformance.evidence.reading import Run
from conformance.evidence.verdicts import COULD_NOT_JUDGE
from conformance.plugin.discovery import (
    SUITES,
    all_cases,
    all_monitors,
    all_mutants,
    holds_cases,
    load_adapter,
)
from conformance.plugin.entry import OPTIONS
from conformance.plugin.environments import ready
from conformance.plugin.items import TOOL_ERROR, CaseFile, CaseItem
from conformance.plugin.recording import Recorder, finish, now_ms, unproven
from conformance.plugin.selection import verify
from conformance.plugin.settings import Settings, resolve

SETTINGS: pytest.StashKey[Settings] = pytest.StashKey()


def settings_of(config: pytest.Config) -> Settings:
    """Return the settings of a run, resolved once; raise pytest.UsageError when they are wrong."""
    if SETTINGS not in config.stash:
        asked = {name: config.getoption(f"conformance_{name}") for name in OPTIONS}
        try:
            config.stash[SETTINGS] = resolve(asked, config.rootpath)
        except ConformanceError as error:
            raise pytest.UsageError(str(error)) from None
    return config.stash[SETTINGS]


def writer_of(config: pytest.Config) -> str:
    """Return the name of this process among those of the run, empty for the one that leads."""
    worker: dict[str, Any] = getattr(config, "workerinput", {})
    return str(worker.get("workerid", ""))


class ConformanceSession:
    """The hooks of a run with cases; registered only then."""

    def __init__(self, config: pytest.Config) -> None:
        self.settings = settings_of(config)
        self.run: Run | None = None
        """What the journal tells, once the run has ended; None on workers."""
        self._leads = not writer_of(config)
        self._writer = writer_of(config) or "main"
        self._started_ms = now_ms()
        self._recorder: Recorder | None = None
        self._session: pytest.Session | None = None
        try:
            self.cases = all_cases(self.settings.folder)
            verify(self.settings.case, self.cases)
            self.factory = load_adapter(self.settings.adapter)
            ready(self.settings)
            if self._leads:
                journal.begin(self.settings.report)
        except ConformanceError as error:
            raise pytest.UsageError(str(error)) from None

    @property
    def recorder(self) -> Recorder:
        """The writer of this process's part, opened by its first case."""
        if self._recorder is None:
            ids = unproven([*self.cases, *all_monitors()], all_mutants())
            self._recorder = Recorder(self.settings, self._writer, ids)
        return self._recorder

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remember the session, to stop it when the tool fails."""
        self._session = session

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> CaseFile | None:
        """Collect the suites, and the files in the user's folders of cases."""
        homes = (SUITES, *(folder.resolve() for folder in self.settings.folder))
        if not holds_cases(file_path) or not any(map(file_path.is_relative_to, homes)):
            return None
        return CaseFile.from_parent(parent, path=file_path, conformance=self)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the cases in the order of their ids, whatever else shuffled them."""
        ours = sorted((i for i in items if isinstance(i, CaseItem)), key=lambda one: one.rank)
        items[:] = [*ours, *(item for item in items if not isinstance(item, CaseItem))]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Stop a run whose tool failed; what was seen so far is kept."""
        broken = dict(report.user_properties).get(TOOL_ERROR)
        if broken and self._session is not None:
            self._session.shouldstop = f"the tool could not judge: {broken}"

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Close this process's part; where the run is led, make the report."""
        if self._recorder is not None:
            self._recorder.close()
        if not self._leads or not (self.settings.report / journal.PARTS).is_dir():
            return
        whole = session.exitstatus != pytest.ExitCode.INTERRUPTED
        self.run = finish(self.settings, self._started_ms, whole=whole)
        if self.run.errors or self.run.unheard:
            session.exitstatus = COULD_NOT_JUDGE

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say the outcome in one line, and where the evidence is."""
        if self.run is not None:
            terminalreporter.section("conformance")
            for oracle, told in zip(self.run.oracles, self.run.hearings, strict=True):
                if not oracle["heard"]:
                    terminalreporter.write_line(told)
            terminalreporter.write_line(f"{self.run.sentence}; see {self.settings.report}")
