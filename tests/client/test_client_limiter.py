"""Budgets, silence, lanes and precedence, on virtual time."""

import asyncio
import time
from random import Random

import pytest

from conformance import virtual
from conformance.client.limiter import Limiter, Refused
from conformance.client.settings import Settings
from conformance.contracts.client import Pool, Silence
from conformance.model.wire import Operation

POOLS = (Pool("requests", 100, 60_000), Pool("orders", 30, 10_000))
ORDER = (("orders", 1),)
READ = (("requests", 1),)


def limiter(**bounds):
    bounds = {"lanes": 1000, "lanes_reserve": 0, **bounds}
    return Limiter(POOLS, Settings(**bounds), Random(1))


async def through(it, operation, costs, count):
    """Return the instants at which calls were admitted, in seconds from now."""
    begun, passed = time.monotonic(), []

    async def one():
        await it.admit(operation, costs)
        passed.append(time.monotonic() - begun)
        it.release()

    await asyncio.gather(*(one() for _ in range(count)))
    return passed


def test_no_window_of_the_published_length_holds_more_than_the_limit():
    async def main():
        return await through(limiter(), Operation.PLACE, ORDER, 120)

    passed = virtual.run(main)
    assert len(passed) == 120
    for start in passed:
        assert sum(start <= at < start + 10 for at in passed) <= 30


def test_at_least_nine_tenths_of_the_limit_are_used():
    async def main():
        return await through(limiter(), Operation.PLACE, ORDER, 120)

    assert max(virtual.run(main)) <= 120 / 30 * 10 / 0.9


def test_orders_that_wait_do_not_hold_up_questions():
    async def main():
        it = limiter()
        waiting = asyncio.ensure_future(through(it, Operation.PLACE, ORDER, 60))
        await asyncio.sleep(1)
        asked = await through(it, Operation.QUERY_ORDER, READ, 5)
        await waiting
        return asked

    assert max(virtual.run(main)) == 0


def test_cancels_overtake_what_waits_for_the_same_budget():
    async def main():
        it, order = limiter(), []

        async def one(operation):
            await it.admit(operation, READ)
            order.append(operation)
            it.release()

        await asyncio.gather(*(one(Operation.BALANCES) for _ in range(97)))
        reads = [asyncio.ensure_future(one(Operation.BALANCES)) for _ in range(5)]
        await asyncio.sleep(1)
        await one(Operation.CANCEL)
        cancelled_after = len(order)
        await asyncio.gather(*reads)
        return cancelled_after

    assert virtual.run(main) == 98


def test_cancels_have_lanes_of_their_own():
    async def main():
        it = limiter(lanes=2, lanes_reserve=1)
        await it.admit(Operation.PLACE, ORDER)
        await it.admit(Operation.PLACE, ORDER)
        third = asyncio.ensure_future(it.admit(Operation.PLACE, ORDER))
        await asyncio.sleep(1)
        assert not third.done()
        await it.admit(Operation.CANCEL, READ)
        it.release()
        assert not third.done()
        it.release()
        await third

    virtual.run(main)


def test_what_others_spend_is_respected_until_their_window_has_passed():
    async def main():
        it = limiter()
        it.learn({"orders": 25, "unheard-of": 1})
        return await through(it, Operation.PLACE, ORDER, 10)

    passed = virtual.run(main)
    assert sum(at < 10 for at in passed) == 5
    assert max(passed) < 11


def test_silence_of_a_stated_length_is_kept_to_the_end():
    async def main():
        it = limiter()
        it.hush(Silence(for_ms=5_000), 0)
        return await through(it, Operation.CANCEL, READ, 3)

    assert min(virtual.run(main)) >= 5


def test_a_ban_longer_than_anyone_waits_refuses_at_once_and_shows():
    async def main():
        it = limiter()
        it.hush(Silence(until_ms=1_000_000, banned=True), 0)
        assert it.banned
        begun = time.monotonic()
        with pytest.raises(Refused, match="silence"):
            await it.admit(Operation.CANCEL, READ)
        assert time.monotonic() == begun
        await asyncio.sleep(1_000)
        assert not it.banned
        await it.admit(Operation.CANCEL, READ)

    virtual.run(main)


def test_a_pause_without_a_length_doubles_with_every_complaint_until_calm():
    async def main():
        it, pauses = limiter(), []
        for _ in range(3):
            it.hush(Silence(), 0)
            pauses.append(it.silent_s)
            await asyncio.sleep(it.silent_s)
        it.calm()
        it.hush(Silence(), 0)
        return [*pauses, it.silent_s]

    first, second, third, again = virtual.run(main)
    assert 2 <= first <= 2.4
    assert 4 <= second <= 4.8
    assert 8 <= third <= 9.6
    assert 2 <= again <= 2.4


def test_a_pause_of_the_order_pool_does_not_hold_up_cancels():
    async def main():
        it = limiter()
        it.hush(Silence(for_ms=5_000, pools=("orders",)), 0)
        cancelled = await through(it, Operation.CANCEL, READ, 1)
        placed = await through(it, Operation.PLACE, ORDER, 1)
        return cancelled + placed

    cancelled, placed = virtual.run(main)
    assert cancelled == 0
    assert placed >= 5


def test_the_queue_is_bounded():
    async def main():
        it = limiter(queue_max=3)
        results = await asyncio.gather(
            *(it.admit(Operation.PLACE, ORDER) for _ in range(40)), return_exceptions=True
        )
        return [result for result in results if result is not None]

    refused = virtual.run(main)
    assert len(refused) == 40 - 30 - 3
    assert all(isinstance(result, Refused) for result in refused)


def test_nobody_waits_longer_than_the_bound():
    async def main():
        it = limiter(queue_ms_max=3_000)
        await through(it, Operation.PLACE, ORDER, 30)
        begun = time.monotonic()
        with pytest.raises(Refused, match="in time"):
            await it.admit(Operation.PLACE, ORDER)
        return time.monotonic() - begun

    assert virtual.run(main) == pytest.approx(3, abs=0.01)


def test_a_waiter_that_gives_up_leaves_its_place_and_its_lane():
    async def main():
        it = limiter(lanes=1)
        await it.admit(Operation.PLACE, ORDER)
        leaver = asyncio.ensure_future(it.admit(Operation.PLACE, ORDER))
        await asyncio.sleep(0)
        leaver.cancel()
        await asyncio.gather(leaver, return_exceptions=True)
        assert leaver.cancelled()
        it.release()
        await it.admit(Operation.PLACE, ORDER)

    virtual.run(main)


def test_a_call_dearer_than_the_share_still_gets_through():
    async def main():
        it = Limiter((Pool("requests", 2, 1_000),), Settings(), Random(1))
        return await through(it, Operation.BALANCES, (("requests", 2),), 1)

    assert virtual.run(main) == [0]


def test_new_limits_are_taken_over():
    async def main():
        it = limiter()
        it.resize([Pool("orders", 60, 10_000), Pool("fresh", 1, 1_000)])
        return await through(it, Operation.PLACE, ORDER, 58)

    assert max(virtual.run(main)) == 0


def test_a_closed_limiter_lets_nobody_wait():
    async def main():
        it = limiter(lanes=1)
        await it.admit(Operation.PLACE, ORDER)
        waiting = asyncio.ensure_future(it.admit(Operation.PLACE, ORDER))
        await asyncio.sleep(0)
        it.close()
        with pytest.raises(Refused, match="stopped"):
            await waiting

    virtual.run(main)
