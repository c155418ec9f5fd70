"""Trailing stops: they follow the best price since their activation and fire when it turns.

A price counts with a sign, so that both sides read alike: a sell follows highs and fires on the
way down, a buy follows lows (counted below zero) and fires on the way up. All stops that have
seen the same best price form a cohort. A new best price merges the cohorts it passes, the smaller
into the larger, so that a tick costs O(log n) on average however many stops trail.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TypeAlias, cast

from conformance.model.ids import Ticks
from conformance.model.orders import Side
from conformance.model.records import ConditionalRecord, Peak

MILLION = 1_000_000

_Members: TypeAlias = list[tuple[int, int, ConditionalRecord]]
"""By callback and id, counted downward: the next to fire is the last."""


class Cohort(Peak):
    """Trailing stops with one best price in common."""

    __slots__ = ("by_ppm", "by_ticks", "number", "stop")

    def __init__(self, price: Ticks, number: int) -> None:
        super().__init__(price)
        self.number = number
        self.stop = 0
        """The signed price at which its first member fires."""
        self.by_ppm: _Members = []
        self.by_ticks: _Members = []

    def __len__(self) -> int:
        return len(self.by_ppm) + len(self.by_ticks)

    def add(self, record: ConditionalRecord) -> None:
        """Take a member in."""
        members, key = self._place(record)
        insort(members, key)
        record.peak = self

    def remove(self, record: ConditionalRecord) -> None:
        """Let a member go; its best price stays known."""
        members, key = self._place(record)
        del members[bisect_left(members, key)]
        record.peak = Peak(self.price)

    def first(self, sign: int) -> tuple[int, ConditionalRecord]:
        """Return the signed price at which the next member fires, and the member."""
        peak = sign * self.price
        firsts = []
        if self.by_ppm:
            ppm, number, record = self.by_ppm[-1]
            # Rounded away from the peak: a stop fires at its distance, not before.
            firsts.append((peak + self.price * ppm // MILLION, number, record))
        if self.by_ticks:
            ticks, number, record = self.by_ticks[-1]
            firsts.append((peak + ticks, number, record))
        stop, _, record = max(firsts)
        return stop, record

    def _place(
        self, record: ConditionalRecord
    ) -> tuple[_Members, tuple[int, int, ConditionalRecord]]:
        command, number = record.command, -record.conditional_id
        if command.callback_ppm:
            return self.by_ppm, (-command.callback_ppm, number, record)
        return self.by_ticks, (-command.callback_ticks, number, record)


class Trail:
    """The active trailing stops of one side that watch one price of one market."""

    __slots__ = ("_cohorts", "_peaks", "_sign", "_stops")

    def __init__(self, side: Side) -> None:
        self._sign = -side.sign
        self._cohorts = 0
        self._peaks: list[tuple[int, int, Cohort]] = []
        """By signed peak, counted downward: the next to be passed is the last."""
        self._stops: list[tuple[int, int, Cohort]] = []
        """By signed stop: the next to fire is the last."""

    def add(self, record: ConditionalRecord, price: Ticks) -> None:
        """Let a stop follow from ``price``, the present one, on."""
        key = -self._sign * price
        if self._peaks and self._peaks[-1][0] == key:
            cohort = self._peaks[-1][2]
            self._drop_stop(cohort)
        else:
            self._cohorts += 1
            cohort = Cohort(price, self._cohorts)
            insort(self._peaks, (key, cohort.number, cohort))
        cohort.add(record)
        self._keep_stop(cohort)

    def remove(self, record: ConditionalRecord) -> None:
        """Let a stop go before it fires."""
        cohort = cast("Cohort", record.peak)
        self._drop_stop(cohort)
        cohort.remove(record)
        if cohort:
            self._keep_stop(cohort)
        else:
            key = (-self._sign * cohort.price, cohort.number)
            del self._peaks[bisect_left(self._peaks, key)]

    def follow(self, price: Ticks) -> None:
        """Note a new price: whoever has seen no better one has its best now."""
        key, peaks = -self._sign * price, self._peaks
        if not peaks or peaks[-1][0] < key:
            return
        passed = peaks.pop()[2]
        self._drop_stop(passed)
        while peaks and peaks[-1][0] >= key:
            cohort = peaks.pop()[2]
            self._drop_stop(cohort)
            passed = _merged(passed, cohort)
        passed.price = price
        insort(peaks, (key, passed.number, passed))
        self._keep_stop(passed)

    def next(self, price: Ticks) -> ConditionalRecord | None:
        """Take out and return the next stop that fires at ``price``, or return None."""
        if not self._stops or self._stops[-1][0] < self._sign * price:
            return None
        _, record = self._stops[-1][2].first(self._sign)
        self.remove(record)
        return record

    def _keep_stop(self, cohort: Cohort) -> None:
        cohort.stop, _ = cohort.first(self._sign)
        insort(self._stops, (cohort.stop, cohort.number, cohort))

    def _drop_stop(self, cohort: Cohort) -> None:
        del self._stops[bisect_left(self._stops, (cohort.stop, cohort.number))]


def _merged(one: Cohort, other: Cohort) -> Cohort:
    large, small = (one, other) if len(one) >= len(other) else (other, one)
    for members in (small.by_ppm, small.by_ticks):
        for _, _, record in members:
            large.add(record)
    return large
