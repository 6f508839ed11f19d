"""Stopping tasks so that they clean up to the end, whoever else is cancelled meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any


def cancel(work: asyncio.Task[Any]) -> None:
    """Cancel a task unless it is being cancelled: a second time would cut its cleaning up."""
    if not work.cancelling():
        work.cancel()


async def stop(works: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and wait until they have cleaned up. What they raise is dropped.

    Who is cancelled meanwhile waits for that all the same, and is cancelled then.
    """
    works = list(works)
    for each in works:
        cancel(each)
    interrupted: asyncio.CancelledError | None = None
    while left := [each for each in works if not each.done()]:
        try:
            await asyncio.wait(left)
        except asyncio.CancelledError as error:
            interrupted = error
    for each in works:
        if not each.cancelled():
            each.exception()  # else asyncio logs that nobody asked for it
    if interrupted is not None:
        raise interrupted
