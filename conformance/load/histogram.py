"""Latencies in an HDR histogram: three significant digits from a microsecond to an hour.

The quantiles, the merging and the text form are those of HdrHistogram (hdrhistogram.org, read
2026-11-20). Counting is done in a dict keyed by the lowest value of each of its buckets, which is
several times cheaper than ``record_value`` and loses nothing that the histogram would keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from conformance.errors import UsageError

if TYPE_CHECKING:
    from hdrh.histogram import HdrHistogram

DIGITS = 3
LOWEST_US, HIGHEST_US = 1, 3_600_000_000
_BITS = 11
"""Significant bits a bucket keeps: HdrHistogram has 2048 sub-buckets for three digits."""
PERCENTILES = (50.0, 90.0, 99.0, 99.9)


class Summary(NamedTuple):
    """How long it took, in microseconds; all zero when nothing was recorded."""

    total: int
    p50: int
    p90: int
    p99: int
    p999: int
    greatest: int


class Latencies:
    """Counts of latencies in microseconds."""

    __slots__ = ("counts", "greatest")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        """By the lowest value of the bucket."""
        self.greatest = 0
        """The longest one, exact in the process that saw it, else to three digits."""

    def record(self, us: int) -> None:
        """Count one latency; what is beyond the range counts as its end."""
        us = min(max(us, LOWEST_US), HIGHEST_US)
        self.greatest = max(self.greatest, us)
        shift = us.bit_length() - _BITS
        if shift > 0:
            us = us >> shift << shift
        counts = self.counts
        counts[us] = counts.get(us, 0) + 1

    def merge(self, other: Latencies) -> None:
        """Add what another one has counted."""
        counts = self.counts
        for us, count in other.counts.items():
            counts[us] = counts.get(us, 0) + count
        self.greatest = max(self.greatest, other.greatest)

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    def hdr(self) -> HdrHistogram:
        """Return the counts as an HdrHistogram; raise UsageError when it is not installed."""
        histogram = _hdr()
        for us, count in self.counts.items():
            histogram.record_value(us, count)
        return histogram

    def summary(self) -> Summary:
        """Return the percentiles as HdrHistogram defines them."""
        if not self.counts:
            return Summary(0, 0, 0, 0, 0, 0)
        histogram = self.hdr()
        p50, p90, p99, p999 = (
            min(histogram.get_value_at_percentile(percent), self.greatest)
            for percent in PERCENTILES
        )
        return Summary(self.total, p50, p90, p99, p999, self.greatest)

    def encoded(self) -> str:
        """Return HdrHistogram's compressed text (V2, base64), which any of its tools reads."""
        return str(self.hdr().encode().decode("ascii"))

    def plain(self) -> list[list[int]]:
        """Return the counts, and the longest one at last, as JSON and msgpack can say them.

        The text form takes a hundred times as long to read: it walks through every bucket.
        """
        return [*([us, count] for us, count in self.counts.items()), [self.greatest, 0]]

    @classmethod
    def of(cls, plain: Sequence[Sequence[int]]) -> Latencies:
        """Return what ``plain`` made plain."""
        made = cls()
        *counts, (made.greatest, _) = plain
        made.counts = {us: count for us, count in counts}  # noqa: C416 - pairs may be lists
        return made


def _hdr() -> HdrHistogram:
    try:
        from hdrh.histogram import HdrHistogram  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            "the package hdrhistogram is missing",
            hint="install the extra for load runs: pip install 'exchange-conformance[load]'",
        ) from None
    return HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
