"""Pause only when told for how long."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.courier import Courier
from conformance.client.limiter import Limiter


class _Limiter(Limiter):
    def back_off(self, pools: Iterable[str] = ()) -> None:
        """Go on at once."""


class _Courier(Courier):
    limiter_type = _Limiter


@mutant("no-pause-unless-told", kills=("RTL-09",), bug="hummingbot/hummingbot#1291")
class NoPauseUnlessTold(ReferenceClient):
    """Pauses after a refusal for speed only when the venue says for how long."""

    courier_type = _Courier
