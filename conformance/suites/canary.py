"""What nobody may read: the credentials of a world, looked for in whatever an adapter says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from conformance.contracts.world import World

_SHOWN_MAX = 160
_TOKEN = re.compile(r"[A-Za-z0-9+/_%-]{40,}")
"""What is long enough to be a signature or a stream key, and longer than any client id."""


def credentials(world: World) -> set[str]:
    """Return the key and what is secret, a private key by its longest line."""
    mine = world.credentials
    longest = max(mine.secret.splitlines(), key=len, default="")
    return {text for text in (mine.key, longest, mine.passphrase) if text}


def betrayed(texts: Iterable[str], needles: set[str]) -> list[str]:
    """Return the texts that hold a needle, shortened, with the needles taken out."""
    found = []
    for text in texts:
        if any(needle in text for needle in needles):
            for needle in needles:
                text = text.replace(needle, "***")  # noqa: PLW2901 - one after the other
            found.append(text[:_SHOWN_MAX])
    return found


def tokens(world: World) -> set[str]:
    """Return the long tokens of signed requests, of handshakes and of messages sent."""
    texts = [
        text
        for call in world.wire.calls()
        if call.reading.signed or call.reading.key_sent
        for text in (
            call.request.query.decode("latin-1"),
            call.request.body.decode("latin-1"),
            *[value for _, value in call.request.headers],
        )
    ]
    texts += [stream.query for stream in world.wire.streams(private=True)]
    texts += [
        frame.payload.decode("latin-1")
        for frame in world.wire.frames(inbound=True)
        if frame.opcode == "text"
    ]
    return {token for text in texts for token in _TOKEN.findall(text)}
