from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.flow import Flow, Now, Show, Step, Wait, arun, run

if TYPE_CHECKING:
    from collections.abc import Callable


class World:
    """Answers steps by a function; counts its closings."""

    def __init__(self, answer: Callable[[Step], Any]) -> None:
        self.answer = answer
        self.steps: list[Step] = []
        self.closed = 0

    def do(self, step: Step) -> Any:
        """Keep and answer a step."""
        self.steps.append(step)
        return self.answer(step)

    def close(self) -> None:
        """Count."""
        self.closed += 1


class AsyncWorld:
    """The same on an event loop."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def do(self, step: Step) -> Any:
        """Keep and answer a step."""
        await asyncio.sleep(0)
        return self.world.do(step)

    async def close(self) -> None:
        """Count."""
        self.world.close()


def drive(flow: Flow[Any], world: World, driver: str) -> Any:
    """Run a flow with one of the two drivers."""
    if driver == "run":
        return run(flow, world)
    return asyncio.run(arun(flow, AsyncWorld(world)))


both = pytest.mark.parametrize("driver", ["run", "arun"])


@both
def test_answers_go_back_into_the_flow(driver: str) -> None:
    """Each step's answer is its `yield`'s value; the flow's return value is the result."""

    def flow() -> Flow[float]:
        first: float = yield Now()
        yield Wait(1.0)
        second: float = yield Now()
        return second - first

    times = iter([10.0, 15.0])
    world = World(lambda step: next(times) if isinstance(step, Now) else None)
    assert drive(flow(), world, driver) == 5.0
    assert world.steps == [Now(), Wait(1.0), Now()]
    assert world.closed == 1


@both
def test_a_flow_without_steps(driver: str) -> None:
    """It ends at once, and the world is closed all the same."""

    def flow() -> Flow[str]:
        yield from ()
        return "done"

    world = World(lambda _: None)
    assert drive(flow(), world, driver) == "done"
    assert world.closed == 1


def failing(step: Step) -> Any:
    """Fail at Now, answer the rest."""
    if isinstance(step, Now):
        raise OSError("down")


@both
def test_an_error_of_a_step_arrives_at_its_yield(driver: str) -> None:
    """The flow may answer it, and go on."""

    def flow() -> Flow[str]:
        try:
            yield Now()
        except OSError as error:
            yield Show(str(error))
            return "handled"
        return "not reached"

    world = World(failing)
    assert drive(flow(), world, driver) == "handled"
    assert world.steps == [Now(), Show("down")]


@both
def test_an_error_may_end_the_flow_well(driver: str) -> None:
    """A flow that returns from its handler has returned."""

    def flow() -> Flow[str]:
        try:
            yield Now()
        except OSError:
            return "ended"
        return "not reached"

    assert drive(flow(), World(failing), driver) == "ended"


@both
def test_an_error_nobody_answers_ends_it(driver: str) -> None:
    """It comes out of the driver; flow and world are closed."""
    left: list[str] = []

    def flow() -> Flow[None]:
        try:
            yield Now()
        finally:
            left.append("left")

    world = World(failing)
    with pytest.raises(OSError, match="down"):
        drive(flow(), world, driver)
    assert left == ["left"]
    assert world.closed == 1


@both
def test_an_interruption_closes_everything(driver: str) -> None:
    """Ctrl-C in a step is not thrown into the flow, which could swallow it; its finally runs."""
    left: list[str] = []

    def flow() -> Flow[None]:
        try:
            yield Now()
        except Exception:  # noqa: BLE001
            left.append("swallowed")
        finally:
            left.append("left")

    class Interruption(BaseException):
        """As KeyboardInterrupt, which would end the test run."""

    def interrupted(_: Step) -> Any:
        raise Interruption

    world = World(interrupted)
    with pytest.raises(Interruption):
        drive(flow(), world, driver)
    assert left == ["left"]
    assert world.closed == 1


@both
def test_flows_within_flows(driver: str) -> None:
    """`yield from` passes steps and answers through."""

    def inner() -> Flow[float]:
        now: float = yield Now()
        return now * 2

    def outer() -> Flow[float]:
        return (yield from inner()) + 1

    assert drive(outer(), World(lambda _: 3.0), driver) == 7.0
