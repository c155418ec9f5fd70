"""The one door to the shipped data: fixtures, cassettes and load tests.

In an installed wheel the folders live in ``conformance/_data``; in a checkout they are at the
top level, beside the package.
"""

from __future__ import annotations

from pathlib import Path

from conformance.errors import ConformanceError

_PACKAGE = Path(__file__).parent


def data(*parts: str) -> Path:
    """Return the path of a shipped file or folder, such as ``data("fixtures", "samples")``."""
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise ConformanceError(
        f"the shipped data {'/'.join(parts)} is missing",
        hint="the installation is incomplete: install the package again",
    )
