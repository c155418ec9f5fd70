"""What this process holds at one instant, as far as an adapter in it could be to blame."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from pathlib import Path
from typing import NamedTuple

_DESCRIPTORS = Path("/proc/self/fd")


class Census(NamedTuple):
    """Counts; ``blocks`` are small blocks of memory."""

    descriptors: int
    threads: int
    tasks: int
    futures: int
    blocks: int


def census() -> Census:
    """Count what is alive after a collection."""
    gc.collect()
    loop = asyncio.get_running_loop()
    return Census(
        descriptors=len(list(_DESCRIPTORS.iterdir())) if _DESCRIPTORS.is_dir() else 0,
        threads=threading.active_count(),
        tasks=len(asyncio.all_tasks(loop)),
        futures=sum(
            isinstance(each, asyncio.Future)
            and not isinstance(each, asyncio.Task)
            and not each.done()
            and each.get_loop() is loop
            for each in gc.get_objects()
        ),
        blocks=sys.getallocatedblocks(),
    )
