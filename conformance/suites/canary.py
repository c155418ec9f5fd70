"""What nobody may read: the credentials of a world, looked for in whatever an adapter says."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.contracts.world import World

_SHOWN_MAX = 160


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
