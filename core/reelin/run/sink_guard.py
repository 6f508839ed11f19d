"""A sink for the time of a run: what is wrong with it, or with what it returns, is its error."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Self

from ..model.errors import FetchError, PluginError, ReelinError
from ..model.item import MediaItem
from ..model.outcomes import AlreadyStored
from ..model.stored import Stored
from ..plugins.calls import describe, preview
from ..plugins.sink import Sink
from ..plugins.transfer import Transfer


class GuardedSink:
    """Enters and leaves a sink. What it raises itself, first or last, ends the run."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def __aenter__(self) -> Self:
        try:
            await self._sink.__aenter__()
            return self
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            if _is_known(error):
                raise
            raise self._plugin_error("before the first item", error) from error

    async def __aexit__(self, *exc: Any) -> None:
        try:
            await self._sink.__aexit__(*exc)
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            if _is_known(error):
                raise
            raise self._plugin_error("after the last item", error) from error

    def take_doubts(self) -> Sequence[MediaItem]:
        """Return the items that the sink is to be given once more."""
        try:
            return list(self._sink.take_doubts())
        except Exception as error:
            if isinstance(error, ReelinError):
                raise
            raise self._plugin_error("after the last item", error) from error

    def _plugin_error(self, when: str, error: BaseException) -> PluginError:
        return PluginError(f"sink {self._sink.name}, {when}: {describe(error)}")


def _is_known(error: BaseException) -> bool:
    """Whether an error says itself what is to be done."""
    return isinstance(error, ReelinError | OSError) or is_cancelled(error)


def is_cancelled(error: BaseException) -> bool:
    """Whether it is this task that is cancelled, and not something that a plugin waited for."""
    task = asyncio.current_task()
    is_ours = task is not None and task.cancelling() > 0
    return isinstance(error, asyncio.CancelledError) and is_ours


async def recall(sink: Sink, url: str) -> MediaItem | None:
    """Return the file that a sink knows a URL itself to be. Raises `PluginError`."""
    try:
        known = await sink.recall(url)
    except (Exception, SystemExit, asyncio.CancelledError) as error:
        if _is_known(error):
            raise
        what = f"sink {sink.name}, asked for {url}: {describe(error)}"
        raise PluginError(what, url=url) from error
    if known is not None and not isinstance(known, MediaItem):
        what = f"sink {sink.name}: recall() returned {preview(known)}, and not a MediaItem"
        raise PluginError(what, url=url)
    return known


async def store(sink: Sink, item: MediaItem, transfer: Transfer) -> Stored:
    """Have a sink store an item; return its receipt. Raises what the two raise, and `TypeError`.

    Also `FetchError` for what is stored and not all of the item: no sink has to look at that.
    """
    try:
        stored = _check_receipt(await sink.write(item, transfer))
    except AlreadyStored as known:
        stored = known.stored
    loss = transfer.loss or stored.loss
    if loss:
        hope = "" if stored.new else ", which --overwrite fetches again"
        words = f"{item.url}: {loss}; the rest is saved as {stored.name}{hope}"
        raise FetchError(words, url=item.url)
    return stored


def _check_receipt(stored: Any) -> Stored:
    """Return what the `write` of a sink returned. Raises `TypeError` if that is no receipt."""
    if not isinstance(stored, Stored):
        raise TypeError(f"write() returned {preview(stored)}, and not a Stored")
    if not isinstance(stored.name, str) or not isinstance(stored.size, int):
        raise TypeError(f"write() returned {stored}, and not a name and a size in bytes")
    return stored
