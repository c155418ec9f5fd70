"""What is open inside ``async with``, and closed behind it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Opening(ABC):
    """Starts when it is entered and stops when it is left, whatever happened in between."""

    @abstractmethod
    async def start(self) -> object:
        """Open."""

    @abstractmethod
    async def stop(self) -> None:
        """Close."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
