"""The one door to the shipped data."""

from __future__ import annotations

import pytest

from conformance.errors import ConformanceError
from conformance.resources import data


def test_shipped_data_is_found() -> None:
    assert data("fixtures").is_dir()


def test_missing_data_is_named() -> None:
    with pytest.raises(ConformanceError, match="fixtures/absent is missing"):
        data("fixtures", "absent")
