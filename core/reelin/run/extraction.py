"""Running extractors: off the loop, bounded in time and number, whatever they do."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, TypeAlias

from ..model import daemon
from ..model.errors import ExtractError, FetchError, LoginRequired, PluginError, ReelinError
from ..page.page import Page
from ..plugins.calls import describe, plugin_error, preview
from ..plugins.extractor import Extractor
from .finds import Find, check_find

logger = logging.getLogger(__name__)


async def stream(
    extractors: Sequence[Extractor], page: Page, *, seconds: float, most: int
) -> AsyncIterator[tuple[Extractor, Find | ReelinError]]:
    """Yield what extractors find on a page, one after another; errors between the finds, as values.

    Plain extractors run in a thread, all before the first asynchronous one, and what each finds
    comes together; asynchronous ones run on loops of their own, and their finds come one by one.

    seconds: for a plain extractor in all, for an asynchronous one between two finds
    most:    finds after which an extractor is stopped

    The errors are a `PluginError` for whatever goes wrong inside an extractor; its own
    `ExtractError`, and the `FetchError` of a page that it asked for, pass through.
    """
    done = await _run_in_threads(extractors, page, seconds, most)
    for extractor, (finds, rest) in zip(extractors, done, strict=True):
        for each in finds:
            yield extractor, _check(extractor, page, each)
        if isinstance(rest, ReelinError):
            yield extractor, rest
        elif rest is not None:
            async for find in _run_asynchronous(extractor, page, rest, seconds, most):
                yield extractor, find


async def _run_asynchronous(
    extractor: Extractor, page: Page, found: AsyncIterable[Any], seconds: float, most: int
) -> AsyncIterator[Find | ReelinError]:
    loop = _ExtractorLoop(found)
    try:
        for number in count():
            try:
                async with asyncio.timeout(seconds):
                    each = await loop.next()
            except TimeoutError:
                yield _too_slow_error(extractor, page, seconds)
                return
            if isinstance(each, StopAsyncIteration):
                return
            if isinstance(each, BaseException):
                yield _as_reelin_error(extractor, page, each)
                return
            if number == most:
                yield _too_many_error(extractor, page, most)
                return
            yield _check(extractor, page, each)
    finally:
        loop.close()


class _ExtractorLoop:
    """A loop in a daemon thread of its own: what blocks there, or ends it, does so to nobody else.

    The pages that an extractor asks for are fetched on the loop of the run: see `Fetcher`.
    """

    def __init__(self, found: AsyncIterable[Any]) -> None:
        self._found = found
        self._finds: AsyncIterator[Any] | None = None
        self._loop = asyncio.new_event_loop()
        self._is_over = False
        daemon.start(self._run, "reelin-extract")

    async def next(self) -> Any:
        """Return the next find, or what was raised instead: `StopAsyncIteration` at the end."""
        step = asyncio.run_coroutine_threadsafe(self._step(), self._loop)
        return await asyncio.wrap_future(step)

    def close(self) -> None:
        """End it; this waits for nothing."""
        daemon.tell(self._loop, self._end)

    def _end(self) -> None:
        self._last = self._loop.create_task(self._wind_up())  # kept, or it could be collected

    def _run(self) -> None:
        while not self._is_over:
            with suppress(SystemExit, KeyboardInterrupt):  # of a task that an extractor began
                self._loop.run_forever()
        self._loop.close()

    async def _step(self) -> Any:
        try:
            if self._finds is None:
                self._finds = aiter(self._found)
            return await anext(self._finds)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            return error

    async def _wind_up(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        self._is_over = True
        self._loop.stop()


# What an extractor found, and what is left: its finds to come, or why there are no more.
_Outcome: TypeAlias = tuple[list[Any], AsyncIterable[Any] | ReelinError | None]


async def _run_in_threads(
    extractors: Sequence[Extractor], page: Page, seconds: float, most: int
) -> list[_Outcome]:
    """Return the outcome of each extractor, from one thread; from another, where one hangs."""
    done: list[_Outcome] = []
    while len(done) < len(extractors):
        done += await _ExtractorThread(extractors[len(done) :], page, most).run(seconds)
    return done


class _ExtractorThread:
    """A thread that calls extractors one after another.

    A daemon thread: one that never ends holds up neither the loop nor the end of the program.
    """

    def __init__(self, extractors: Sequence[Extractor], page: Page, most: int) -> None:
        self._extractors = extractors
        self._page = page
        self._most = most
        self._done: list[_Outcome] = []
        self._since = time.monotonic()  # when the present extractor began
        self._is_left = False

    async def run(self, seconds: float) -> list[_Outcome]:
        """Return the outcomes up to the last, or to the first that takes longer than `seconds`."""
        over = daemon.follow(daemon.start(self._run, "reelin-extract"))
        try:
            while not over.done():
                left = self._since + seconds - time.monotonic()
                if left <= 0:
                    done = list(self._done)
                    hangs = self._extractors[len(done) : len(done) + 1]
                    for each in hangs:
                        done.append(([], _too_slow_error(each, self._page, seconds)))
                    return done
                await asyncio.wait([over], timeout=left)
        finally:
            self._is_left = True
        return self._done

    def _run(self) -> None:
        for extractor in self._extractors:
            if self._is_left:
                return
            self._since = time.monotonic()
            self._done.append(_call_extract(extractor, self._page, self._most))


def _call_extract(extractor: Extractor, page: Page, most: int) -> _Outcome:
    """Call `extract`, and go through what a plain generator yields."""
    finds: list[Any] = []
    try:
        found: Any = extractor.extract(page)
        if isinstance(found, AsyncIterable):
            return finds, found
        _check_iterable(found)
        for each in found:
            if len(finds) == most:
                return finds, _too_many_error(extractor, page, most)
            finds.append(each)
    except BaseException as error:
        return finds, _as_reelin_error(extractor, page, error)
    return finds, None


def _check_iterable(found: Any) -> None:
    """Raise `TypeError` for what `extract` should not have returned."""
    if isinstance(found, str | bytes) or not isinstance(found, Iterable):
        hint = "; it should `yield` them" if inspect.iscoroutine(found) else ""
        raise TypeError(f"extract() returned {preview(found)}, and not items to iterate over{hint}")


def _check(extractor: Extractor, page: Page, found: Any) -> Find | PluginError:
    try:
        return check_find(found)
    except (TypeError, ValueError) as error:
        return plugin_error(extractor.name, page.url, str(error))


def _as_reelin_error(extractor: Extractor, page: Page, error: BaseException) -> ReelinError:
    logger.debug("plugin %s failed on %s", extractor.name, page.url, exc_info=error)
    if isinstance(error, LoginRequired) and not error.url:
        return LoginRequired(error.hint, url=page.url)
    if isinstance(error, FetchError) and not error.url:  # of no address that could be asked for
        where = plugin_error(extractor.name, page.url, describe(error))
        return FetchError(str(where), url=page.url)
    if isinstance(error, ExtractError | FetchError | PluginError):
        return error
    return plugin_error(extractor.name, page.url, describe(error))


def _too_many_error(extractor: Extractor, page: Page, most: int) -> PluginError:
    what = f"it finds more than {most}; the rest is left out"
    return plugin_error(extractor.name, page.url, what)


def _too_slow_error(extractor: Extractor, page: Page, seconds: float) -> PluginError:
    return plugin_error(extractor.name, page.url, f"no result within {seconds:g} s")
