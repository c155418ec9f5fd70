"""Stories beside a testee: on the venue's clock, in the same book, told of when they break off."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from conformance.contracts.world import Performance
from conformance.errors import Beyond, UsageError, WorldError
from conformance.gateway.ground import Ground
from conformance.model.orders import Side, Status
from conformance.scenarios import Flawed, load
from conformance.sim import Simulator, SimWorld
from conformance.virtual import run
from tests.sim.echo_venue import ECHO


def playing(play, **settings):
    async def main():
        async with SimWorld(ECHO, **settings) as world:
            return await play(world)

    return run(main, real_limit_s=30)


def written(folder, tables):
    path = folder / "own.toml"
    path.write_text(f'title = "x"\nlasts = "10s"\n{tables}')
    return str(path)


RAMP = '[[path]]\nkind = "ramp"\nuntil = "4s"\nevery = "1s"\ntarget = 102\n'


def test_a_story_goes_on_beside_the_case_and_ends_when_it_says(tmp_path):
    async def play(world):
        loop = asyncio.get_running_loop()
        began = loop.time()
        told: Performance = world.play(written(tmp_path, RAMP))
        assert (told.story, told.done) == ("own", False)
        await world.until(lambda: world.reference_price() == Decimal(61_200), what="the top")
        assert 3.9 < loop.time() - began < 4.2
        assert not told.done
        await told.wait()
        assert told.done
        return loop.time() - began

    assert playing(play) == pytest.approx(10, abs=0.01)


def test_the_actors_meet_the_testee_in_one_book():
    async def play(world):
        resting = world.market.foreign(world.request(Side.BUY, ticks_away=12_000))
        story = world.play("flash-crash")
        await world.until(world.truth.fills, within_ms=60_000, what="a fill in the crash")
        assert world.truth.order(resting.client_id).status is not Status.OPEN
        assert not story.done

    playing(play)


def test_a_world_plays_the_same_story_for_the_same_seed():
    async def play(world):
        story = world.play("fast-market", symbol=world.symbols[1])
        await story.wait()
        return world.truth.book(world.symbols[1]), world.mark(world.symbols[1])

    assert playing(play, seed=4) == playing(play, seed=4)
    assert playing(play, seed=4) != playing(play, seed=5)


def test_a_story_that_breaks_off_fails_its_world(tmp_path):
    impossible = written(tmp_path, '[[do]]\nat = "2s"\ncommand = "liquidate"\nof = "testee"\n')

    async def play(world):
        story = world.play(impossible)
        with pytest.raises(WorldError, match="holds nothing to liquidate"):
            await story.wait()
        assert story.done

    with pytest.raises(WorldError, match=r"breaks off at liquidate \(2000 ms\)"):
        playing(play)


def test_a_story_may_be_stopped_and_ends_with_its_world(tmp_path):
    async def play(world):
        one, other = world.play("trade-storm"), world.play(written(tmp_path, RAMP))
        await world.quiet(1_500)
        other.stop()
        before = world.reference_price()
        await other.wait()
        await world.quiet(5_000)
        assert other.done
        return one, before

    one, before = playing(play)
    assert one.done
    assert before > 60_000
    assert one.refused == ()


def test_what_cannot_be_read_is_not_begun(tmp_path):
    async def play(world):
        with pytest.raises(UsageError, match="did you mean"):
            world.play("flash-crush")
        with pytest.raises(Flawed, match="nothing happens"):
            world.play(written(tmp_path, ""))
        assert world.truth.book(world.symbol).bids == ()

    playing(play)


def test_nobody_plays_stories_at_a_venue_that_is_not_ours():
    with pytest.raises(Beyond, match="flash-crash"):
        Ground.play(None, "flash-crash")


def test_the_simulator_plays_a_story_in_place_of_its_makers():
    async def main():
        simulator = Simulator(ECHO, story=load("flash-crash"), symbol=ECHO.listings[0].symbol)
        assert simulator.performance is None
        async with simulator:
            assert simulator.performance.story == "flash-crash"
            await simulator.performance.wait()
        return simulator.performance.done

    assert run(main, real_limit_s=30)
