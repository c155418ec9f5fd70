"""Claims about what is logged and printed, however talkative the loggers are."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO

from conformance.cases import accepted, case, check
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.wire import Condition, Operation
from conformance.suites.canary import betrayed, credentials, tokens
from conformance.suites.staging import rest

_NEEDS = [Capability.PLACE]
_TALKATIVE = ("aiohttp", "asyncio", "httpcore", "httpx", "requests", "urllib3", "websockets")
"""Libraries that write addresses, headers and frames down when asked for everything."""
_OURS = (
    "websockets.server",
    *(f"conformance.{part}" for part in ("sim", "tap", "gateway", "exchange")),
)
"""Loggers of the world itself."""


class _Everything(logging.Handler):
    """Keeps every line that the adapter and its libraries log."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(_OURS):
            self.lines.append(f"{record.name}: {self.format(record)}")


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """Listen at the most talkative level; yield the lines logged so far, in the end all output.

    Nobody else listens meanwhile: what libraries tell at that level differs from run to run.
    """
    ear, printed = _Everything(), StringIO()
    root = logging.getLogger()
    loggers = [root, *[logging.getLogger(name) for name in _TALKATIVE]]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    others, root.handlers[:] = root.handlers[:], [ear]
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            yield ear.lines
    finally:
        root.handlers[:] = others
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        ear.lines.extend(printed.getvalue().splitlines())


async def _live(adapter: Adapter, world: World) -> None:
    """Start, trade, be refused, lose an answer and the streams, and stop."""
    await adapter.start()
    order = await rest(adapter, world)
    if Capability.QUERY in adapter.capabilities:
        accepted(await adapter.open_orders(world.symbol), "a question for the resting orders")
    accepted(await adapter.cancel(world.symbol, client_id=order.client_id), "a cancel")
    troubles: list[Callable[[], object]] = [
        lambda: world.faults.answer(Operation.PLACE, Condition.INSUFFICIENT_MARGIN),
        lambda: world.faults.lose_answer(Operation.PLACE, executed=True),
        lambda: world.faults.answer(Operation.PLACE, Condition.HTML_GATEWAY),
    ]
    for number, arm in enumerate(troubles, 1):
        arm()
        # Another order every time: the same one, sent anew, would be the case's own fault.
        await _whatever_comes(adapter.place(world.request(ticks_away=200 + number)))
    world.faults.close_streams(1006)
    await world.quiet(35 * 60_000)
    world.faults.answer(Operation.PLACE, Condition.BAD_SIGNATURE)
    await _whatever_comes(adapter.place(world.request()))
    await _whatever_comes(adapter.stop())


async def _whatever_comes(command: Awaitable[object]) -> None:
    with suppress(AdapterError):
        await command


@case("LOG-01", level=1, needs=_NEEDS, source="I31", started=False, stimulus=True)
async def nobody_logs_the_credentials(adapter: Adapter, world: World) -> None:
    """At the most talkative level nothing that is logged or printed holds key or secret."""
    with _overheard() as lines:
        await _live(adapter, world)
    told = betrayed(lines, credentials(world))
    check(
        not told,
        "no line of any log, and nothing that is printed, holds the key or the secret",
        expected="credentials that are masked, or not mentioned",
        observed=f"{len(told)} lines, the first: {told[:1]}",
    )


@case("LOG-02", level=1, needs=_NEEDS, source="I31, B167", started=False, stimulus=True)
async def nobody_logs_what_was_signed(adapter: Adapter, world: World) -> None:
    """At the most talkative level no signature and no key of a stream is logged or printed."""
    with _overheard() as lines:
        await _live(adapter, world)
    signed = tokens(world) - credentials(world)
    check(signed, "private calls carry a signature", expected="at least one signed call")
    told = betrayed(lines, signed)
    check(
        not told,
        "no line of any log, and nothing that is printed, holds a signature or a stream's key",
        expected="signatures that are masked, or not mentioned",
        observed=f"{len(told)} lines, the first: {told[:1]}",
    )
