"""What stands before the server half counts what it sees, and throttles in a storm."""

from __future__ import annotations

import asyncio
import socket
from types import SimpleNamespace

import pytest

from conformance.contracts.dialect import Served
from conformance.load.sampling import Loop, Sampler
from conformance.load.watch import CROSSING_MS, Storm, Watch, rate_codes
from conformance.model.wire import Condition, Operation, Reading, WireReply, WireRequest


class Half:
    """Accepts every order; knows one way to throttle."""

    name = "half"

    def __init__(self, status: int = 200, code: str = "") -> None:
        self.seen: list[WireRequest] = []
        self._answer = status, code

    def handle(self, request: WireRequest, at: int) -> Served:
        self.seen.append(request)
        status, code = self._answer
        return Served(WireReply(status, b"{}"), self.read(request, at)._replace(code=code))

    def read(self, request: WireRequest, at: int) -> Reading:
        return Reading(Operation.PLACE, client_id=request.path)

    def refusal(self, condition: Condition, operation: Operation, at: int, *, retry_after_ms: int):
        assert condition is Condition.THROTTLED
        return WireReply(429, b"", (("retry-after", str(retry_after_ms // 1000)),))

    def code(self, reply: WireReply) -> str:
        return "-1003"


def order(name: str, host: str = "127.0.0.1:4001") -> WireRequest:
    return WireRequest("POST", name, b"", (("host", host),), b"")


def test_every_port_is_an_address_of_its_own():
    half = Half()
    watch = Watch(half, frozenset())
    watch.handle(order("a"), 0)
    watch.handle(order("b", "127.0.0.1:4002"), 0)
    assert [request.peer for request in half.seen] == ["127.0.0.1:4001", "127.0.0.1:4002"]
    assert watch.name == "half"


def test_accepted_orders_are_counted_by_name():
    watch = Watch(Half(), frozenset())
    for name in ("a", "b", "a"):
        watch.handle(order(name), 0)
    assert watch.accepted == {"a": 2, "b": 1}
    assert watch.statuses == {"200": 3}


@pytest.mark.parametrize(("status", "code"), [(429, "-1003"), (418, "-1003"), (200, "10006")])
def test_a_refusal_because_of_a_limit_is_a_violation(status: int, code: str):
    watch = Watch(Half(status, code), frozenset({"10006"}))
    watch.handle(order("a"), 0)
    assert watch.violations == {"127.0.0.1:4001": 1}
    assert not watch.accepted


def test_another_refusal_is_none():
    watch = Watch(Half(400, "-2010"), frozenset({"10006"}))
    watch.handle(order("a"), 0)
    assert not watch.violations
    assert not watch.accepted


def test_a_storm_throttles_everyone_until_it_is_over():
    watch = Watch(Half(), frozenset())
    watch.storm = Storm(1_000, 3_000)
    statuses = [watch.handle(order("a"), at).reply.status for at in (999, 1_000, 2_999, 3_000)]
    assert statuses == [200, 429, 429, 200]
    assert not watch.violations


def test_whoever_goes_on_when_asked_for_silence_is_noise():
    watch = Watch(Half(), frozenset())
    watch.storm = Storm(0, 10_000)
    reply = watch.handle(order("a"), 100).reply
    assert reply.headers == (("retry-after", "10"),)
    watch.handle(order("b"), 100 + CROSSING_MS)
    assert not watch.noise
    watch.handle(order("c"), 101 + CROSSING_MS)
    assert watch.noise == {"127.0.0.1:4001": 1}
    assert len(watch.told_silence) == 1


def test_codes_of_limits_are_read_from_the_facts():
    facts = {"limits": {"source": "a page", "orders": {"code": -1015}, "inbound": {"units": 1}}}
    assert rate_codes(facts) == {"-1015"}
    assert rate_codes({}) == frozenset()


def test_a_process_is_seen_with_its_files_tasks_and_futures():
    async def look() -> tuple[SimpleNamespace, SimpleNamespace]:
        loop, sampler = asyncio.get_running_loop(), Sampler()
        before = sampler.sample()
        kept = [loop.create_future() for _ in range(5)]
        task = asyncio.create_task(asyncio.Event().wait())
        await asyncio.sleep(0)
        with socket.socket():
            after = sampler.sample()
        task.cancel()
        for future in kept:
            future.set_result(None)
        return before, after

    with asyncio.Runner(loop_factory=Loop) as runner:
        before, after = runner.run(look())
    assert after.futures - before.futures == 6  # the event's waiter is one too
    assert after.tasks - before.tasks == 1
    assert (after.fds - before.fds, after.sockets - before.sockets) == (1, 1)
    assert after.rss_kib > 0
    assert after.at_s >= before.at_s


def test_a_process_that_is_gone_cannot_be_sampled():
    with pytest.raises(FileNotFoundError):
        Sampler(2**22 + 1).sample()
