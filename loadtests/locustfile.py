"""What locust loads: the users there are, and the desk and crew of this process.

Start it by ``conformance stress``, which writes the plan and reads what is told on stdout.
"""

from __future__ import annotations

from typing import Any

from locust import events
from locust.env import Environment
from locust.runners import WorkerRunner

from conformance.errors import UsageError
from conformance.guard import permit
from loadtests.locusts import desk
from loadtests.locusts.crew import Crew
from loadtests.locusts.traders import Trader

__all__ = ["Trader"]


@events.init.add_listener  # type: ignore[untyped-decorator]
def prepare(environment: Environment, **_more: Any) -> None:  # noqa: ANN401
    """Refuse foreign targets before anything is sent; then open the desk and gather the crew."""
    try:
        if environment.host:
            permit(environment.host)
        leading = not isinstance(environment.runner, WorkerRunner)
        orders = desk.orders() if leading else {}
    except UsageError as error:
        desk.refuse(error)
    crew = Crew(environment)
    Trader.crew = staticmethod(lambda: crew)
    if leading:
        opened = desk.Desk(environment, orders)
        hook: Any = environment.events.quitting
        hook.add_listener(lambda **_: opened.halt())
