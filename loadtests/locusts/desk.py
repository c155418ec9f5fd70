"""The leading process of a load run: gives each bot its seat, and passes on what all have seen."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import gevent
from locust.env import Environment
from locust.runners import MasterRunner

from conformance.errors import UsageError
from conformance.guard import permit
from conformance.venues import load

ORDERS = "CONFORMANCE_LOAD"
"""The environment variable that names the file with plan and seats."""
LEAD_S = 0.5
"""From the word to the first message, so that it reaches every machine."""
GRACE_S = 20.0
"""How long bots may take beyond their plan before they are given up."""
HALT_S = 5.0
"""How long processes may take to say their last word."""


class Desk:
    """Hears what crews say; says ``seated`` to one, ``go`` and ``halt`` to all."""

    def __init__(self, environment: Environment, orders: dict[str, Any]) -> None:
        self._environment = environment
        self._orders = orders
        self._bots: int = orders["plan"]["bots"]
        self._given = 0
        self._ready = 0
        self._done = 0
        self._left: set[str] = set()
        self._known: set[str] = set()
        for name in ("seat", "ready", "done", "tally", "trouble", "left"):
            self._runner.register_message(name, getattr(self, f"_on_{name}"))
        if isinstance(self._runner, MasterRunner):
            gevent.spawn(self._watch_workers, self._runner)
            tell("listening", port=self._runner.server.port)

    @property
    def _runner(self) -> Any:  # noqa: ANN401 - the runners share no useful type
        return self._environment.runner

    def _on_seat(self, msg: Any, **_more: Any) -> None:  # noqa: ANN401 - locust's message
        """Give the next bot to whoever asks."""
        bot, self._given = self._given, self._given + 1
        self._known.add(msg.node_id)
        if bot >= self._bots:
            return
        answer = {
            "user": msg.data["user"],
            "bot": bot,
            "seat": self._orders["seats"][bot % len(self._orders["seats"])],
            "plan": self._orders["plan"],
            "goods": self._orders["goods"],
        }
        self._runner.send_message("seated", answer, client_id=msg.node_id)

    def _on_ready(self, **_more: Any) -> None:  # noqa: ANN401
        """Begin when all bots have connected."""
        self._ready += 1
        if self._ready == self._bots:
            tell("go", lead_s=LEAD_S)
            self._runner.send_message("go", {"lead_s": LEAD_S})
            gevent.spawn_later(LEAD_S + self._orders["plan"]["duration_s"] + GRACE_S, self._give_up)

    def _on_done(self, **_more: Any) -> None:  # noqa: ANN401
        self._done += 1
        if self._done == self._bots:
            tell("finished")
            gevent.spawn(self._runner.quit)

    def _on_tally(self, msg: Any, **_more: Any) -> None:  # noqa: ANN401 - locust's message
        tell("tally", process=msg.node_id, **msg.data)

    def _on_trouble(self, msg: Any, **_more: Any) -> None:  # noqa: ANN401 - locust's message
        tell("trouble", process=msg.node_id, **msg.data)

    def _on_left(self, msg: Any, **_more: Any) -> None:  # noqa: ANN401 - locust's message
        self._left.add(msg.node_id)

    def _give_up(self) -> None:
        tell("trouble", text=f"{self._bots - self._done} bots did not come to their end")
        self._runner.quit()

    def _watch_workers(self, runner: MasterRunner) -> None:
        """Say which worker is gone: its bots are missing from everything that follows."""
        told: set[str] = set()
        while True:
            gevent.sleep(0.5)
            here = {each.id for each in runner.clients.all if each.state != "missing"}
            if self._done == self._bots:
                return
            for gone in self._known - here - told - self._left:
                told.add(gone)
                tell("lost", process=gone)
                gevent.spawn(self._runner.quit)

    def halt(self) -> None:
        """Let every process say its last word, however the run ends."""
        if self._known:
            self._runner.send_message("halt", {})
            with gevent.Timeout(HALT_S, exception=False):
                while self._known - self._left:
                    gevent.sleep(0.02)
        tell("ended", complete=self._done == self._bots)


def orders() -> dict[str, Any]:
    """Read plan and seats; raise UsageError without them, HostRefused for a foreign target."""
    path = os.environ.get(ORDERS)
    if not path:
        raise UsageError(
            "no plan is given", hint="start load runs with `conformance stress --help`"
        )
    found: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    testnets = load(found["plan"]["venue"]).client().testnets
    for seat in found["seats"]:
        for url in (seat["rest"], seat["streams"]):
            permit(url, testnets=testnets)
    return found


def tell(kind: str, **more: object) -> None:
    """Write one line for whoever started this process."""
    sys.stdout.write(json.dumps({"kind": kind, **more}) + "\n")
    sys.stdout.flush()


def refuse(error: UsageError) -> NoReturn:
    """End this process with the code and the hint of an error."""
    tell("refused", text=error.message, hint=error.hint)
    sys.stderr.write(f"error: {error}\n")
    raise SystemExit(error.exit_code)
