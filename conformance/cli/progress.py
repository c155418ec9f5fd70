"""Show a run while it goes on: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from conformance.cases.areas import area_title
from conformance.evidence.verdicts import Verdict
from conformance.plugin.items import CASE, REASON, TOOL_ERROR, VERDICT

COLOURS = {
    Verdict.PASS: "green",
    Verdict.LAX: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.WAIVED: "yellow",
}
"""Every verdict that is not named here is red."""


def coloured(verdict: Verdict, text: str) -> str:
    """Return ``text`` in the colour of a verdict, as markup."""
    colour = COLOURS.get(verdict, "red")
    return f"[{colour}]{escape(text)}[/{colour}]"


class Progress:
    """A pytest plugin of the leading process; says nothing when there is no console."""

    def __init__(self, console: Console | None) -> None:
        self.troubles: list[str] = []
        """What kept pytest itself from running cases, such as a worker's death."""
        self._console = console
        self._total: Counter[str] = Counter()
        self._done: dict[str, Counter[Verdict]] = {}
        self._bar: Bar | None = None

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn how many cases there are, when they run in this process."""
        self._expect(item.name for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Learn how many cases there are, when workers run them."""
        if not self._total:
            self._expect(one.rsplit("::", 1)[-1] for one in ids)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected."""
        if report.failed:
            self._trouble(report.longreprtext)

    def pytest_internalerror(self, excrepr: object) -> None:
        """Keep what broke pytest itself."""
        self._trouble(str(excrepr))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Show a finding at once, and an area when it is done."""
        told = dict(report.user_properties)
        if CASE not in told or report.when != "call":
            if report.failed:
                self._trouble(report.longreprtext)
            return
        if TOOL_ERROR in told:
            self._say(f"[red]{escape(str(told[TOOL_ERROR]))}[/red]")
            return
        verdict = Verdict(str(told[VERDICT]))
        if not verdict.conforms:
            self._say("")
            self._say(coloured(verdict, f"{verdict.upper()} {told[REASON]}"))
            self._say(escape(report.longreprtext))
            self._say("")
        self._count(area_of(str(told[CASE])), verdict)

    def _expect(self, names: Iterable[str]) -> None:
        self._total.update(area_of(name) for name in names)
        if self._console is not None and self._console.is_terminal and self._total.total():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            self._bar = Bar(*columns, console=self._console, transient=True)
            self._bar.add_task("cases", total=self._total.total())
            self._bar.start()

    def _count(self, area: str, verdict: Verdict) -> None:
        counts = self._done.setdefault(area, Counter())
        counts[verdict] += 1
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], advance=1, description=area)
        if counts.total() == self._total[area]:
            told = ", ".join(coloured(v, f"{counts[v]} {v}") for v in Verdict if counts[v])
            self._say(f"{area:<28} {told}")

    def _trouble(self, text: str) -> None:
        self.troubles.append(text)
        self._say(f"[red]{escape(text)}[/red]")

    def _say(self, markup: str) -> None:
        if self._console is not None:
            self._console.print(markup, highlight=False, soft_wrap=True)


def area_of(key: str) -> str:
    """Return the area of a case's key as ``ORD Order entry``."""
    code = key.rpartition("/")[2].partition("-")[0]
    title = area_title(code)
    return code if title == code else f"{code} {title}"
