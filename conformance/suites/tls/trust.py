"""Claims about certificates: whom the adapter talks to, and whom it tells nothing."""

from __future__ import annotations

from conformance.cases import accepted, case, check, equal, fail, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.faults import Flaw
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Side
from conformance.suites.staging import hit, rest
from conformance.suites.witness import settle

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_OUTAGE_MS = 120_000


@case("TLS-01", level=1, needs=_NEEDS, source="RFC 8446", tls=True)
async def a_trusted_authority_is_enough(adapter: Adapter, world: World) -> None:
    """With the given authority trusted, requests and streams work over TLS."""
    await rest(adapter, world)
    hit(world, Side.BUY)
    await settle(adapter, world)
    check(
        all(call.request.secure for call in world.wire.calls()),
        "every request of an adapter that was given https addresses travels by TLS",
    )


async def _refused(adapter: Adapter, world: World, flaw: Flaw) -> None:
    """Judge that the adapter does not start, and gives nothing away by trying."""
    world.faults.spoil_certificate(flaw)
    try:
        await adapter.start()
    except Exception as error:  # noqa: BLE001 - how it refuses is its own affair
        told = f"{type(error).__name__}: {error}"
    else:
        fail("a start against a wrong certificate fails", expected="an error", observed="ready")
    equal(
        [call.request.path for call in world.wire.calls()],
        [],
        "not a byte of a request is sent to whoever shows a wrong certificate",
    )
    equal(list(world.wire.streams()), [], "no stream is opened behind a wrong certificate")
    check(told, "the refusal has a text")


@case("TLS-02", level=1, needs=_NEEDS, source="I32", started=False, stimulus=True, tls=True)
async def an_unknown_authority_is_refused(adapter: Adapter, world: World) -> None:
    """A certificate of an unknown authority is refused before any byte of key or order."""
    await _refused(adapter, world, Flaw.UNKNOWN_AUTHORITY)


@case("TLS-03", level=1, needs=_NEEDS, source="I32", started=False, stimulus=True, tls=True)
@for_each(flaw=[Flaw.EXPIRED, Flaw.NOT_YET_VALID])
async def a_certificate_out_of_date_is_refused(adapter: Adapter, world: World, flaw: Flaw) -> None:
    """A certificate that holds no longer, or not yet, is refused."""
    await _refused(adapter, world, flaw)


@case("TLS-04", level=1, needs=_NEEDS, source="I32", started=False, stimulus=True, tls=True)
async def a_certificate_of_another_host_is_refused(adapter: Adapter, world: World) -> None:
    """A certificate with another name is refused."""
    await _refused(adapter, world, Flaw.WRONG_NAME)


@case("TLS-05", level=2, needs=_NEEDS, source="RFC 8996", started=False, stimulus=True, tls=True)
async def an_old_protocol_is_refused(adapter: Adapter, world: World) -> None:
    """A server that speaks nothing newer than TLS 1.1 is refused."""
    await _refused(adapter, world, Flaw.OLD_PROTOCOL)


@case("TLS-06", level=2, needs=_NEEDS, source="I32", stimulus=True, tls=True)
@for_each(flaw=[Flaw.UNKNOWN_AUTHORITY, Flaw.WRONG_NAME])
async def a_reconnect_verifies_again(adapter: Adapter, world: World, flaw: Flaw) -> None:
    """A certificate that is wrong at a reconnect is refused as it would be at the start."""
    await rest(adapter, world, multiple=2)
    streams = len(world.wire.streams())
    spoiled = world.faults.spoil_certificate(flaw)
    world.faults.close_streams(1006)
    await world.quiet(_OUTAGE_MS)
    equal(len(world.wire.streams()), streams, "no stream is opened behind a wrong certificate")
    check(
        adapter.health is not Health.READY,
        "an adapter without a trustworthy stream does not say that it is ready",
        expected="another state than ready",
        observed=adapter.health,
    )
    spoiled.withdraw()
    await world.until(
        lambda: adapter.health is Health.READY,
        within_ms=_OUTAGE_MS,
        what="with a right certificate again the adapter is ready within two minutes",
    )
    hit(world, Side.BUY)
    await settle(adapter, world)
    accepted(await adapter.place(world.request()), "an order after the certificate was right again")
