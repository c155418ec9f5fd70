"""Tell a human what stands against a case: claim, expected, observed, wire, how to see it again."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from conformance.evidence import trace
from conformance.evidence.reading import CaseRun, Run


def tell(run: Run, case: CaseRun) -> str:
    """Return the whole story of a case that does not conform, as plain text."""
    return "\n".join(
        [
            f"{case.begun['venue']}/{case.name}  {case.begun['title']}",
            *statement(case),
            "",
            *trace.around(case),
            "",
            f"reproduce: {run.reproduce(case)}",
        ]
    )


def statement(case: CaseRun) -> Iterator[str]:
    """Yield what was claimed, expected and observed, and what else is worth knowing."""
    yield f"verdict:  {case.verdict}"
    if case.finding is None:
        yield f"reason:   {case.reason}"
    else:
        if rule := case.finding.get("rule"):
            yield f"rule:     {rule}, watched on every run"
        for name in ("claim", "expected", "observed"):
            if text := str(case.finding[name]):
                yield f"{name + ':':<9} {_hanging(text)}"
    for breach in case.others:
        yield f"rule:     {breach['rule']} broken as well: {breach['claim']}"
        yield f"          expected {breach['expected']}, observed {breach['observed']}"
    yield f"source:   {case.begun['source']}"
    for trouble in case.troubles:
        yield f"fault:    {trouble}"
    for note in case.notes:
        yield f"note:     {_hanging(note)}"
    if case.finding is not None and case.finding["detail"]:
        yield "detail:"
        yield indent(str(case.finding["detail"]).rstrip(), "    ")


def _hanging(text: str) -> str:
    return text.replace("\n", "\n          ")
