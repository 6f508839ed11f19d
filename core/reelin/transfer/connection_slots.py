"""The slots of one download: its own, and further ones while nobody else waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")


class ConnectionSlots:
    """A slot for each connection of a transfer: its own, then others of its run that are free.

    So downloads and their parts together use no more connections than the run has slots.

    slots:     those of the run, of which the transfer has taken one
    asked_for: connections of each download that were asked for; these need no slots
    """

    def __init__(self, slots: asyncio.Semaphore, asked_for: int | None) -> None:
        self.asked_for = asked_for
        self._slots = slots
        self._is_own_free = True

    @property
    def is_any_free(self) -> bool:
        """Whether there is a slot beside the transfer's own."""
        return self.asked_for is not None or not self._slots.locked()

    async def start(self, work: Callable[[], Coroutine[None, None, T]]) -> asyncio.Task[T] | None:
        """Start work that uses one connection, in a slot of its own. None: there is none free."""
        give_back = await self._take()
        if give_back is None:
            return None
        task = asyncio.create_task(work())
        task.add_done_callback(lambda _: give_back())
        return task

    async def _take(self) -> Callable[[], None] | None:
        if self.asked_for is not None:
            return _do_nothing
        if self._is_own_free:
            self._is_own_free = False
            return self._free_own
        if self._slots.locked():
            return None
        await self._slots.acquire()
        return self._slots.release

    def _free_own(self) -> None:
        self._is_own_free = True


def _do_nothing() -> None:
    pass
