"""Who logs on to a stream: key, expiry and signature of an ``auth`` message.

Source: websocket/wss-authentication, 2026-07-24: ``expires`` lies ahead, however far (hummingbot
of 2026-07 sends seconds times a thousand twice); a number or text, as SDKs send either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.model.ids import AccountId, Millis
from conformance.venues.bybit.server.answers import Refused
from conformance.venues.bybit.server.call import integer
from conformance.venues.bybit.signing import login
from conformance.venues.keys import Keyring


def log_on(args: Sequence[Any], keys: Keyring, at: Millis) -> tuple[str, AccountId]:
    """Return key and account; raise Refused (10001, 10002, 10003, 10004)."""
    if len(args) != 3 or not all(isinstance(arg, str | int) for arg in args):
        raise Refused(10001)
    name, stamp, signature = map(str, args)
    expires = integer(stamp)
    if expires is None:
        raise Refused(10001)
    if expires <= at:
        raise Refused(10002)
    key, account = keys.key(name), keys.account(name)
    if key is None or account is None:
        raise Refused(10003)
    if not key.verify(login(stamp), signature):
        raise Refused(10004, "Invalid sign")
    return name, account
