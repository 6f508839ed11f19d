"""Running extractors: off the loop, bounded in time and number, whatever they do."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, TypeAlias

from ..model.errors import ExtractError, FetchError, PluginError, ReelinError
from ..page.page import Page
from ..plugins.blame import fault, shown, told
from ..plugins.extractor import Extractor
from .finds import Find, checked

logger = logging.getLogger(__name__)


async def stream(
    extractors: Sequence[Extractor], page: Page, *, seconds: float, most: int
) -> AsyncIterator[tuple[Extractor, Find | ReelinError]]:
    """What extractors find on a page, one after another; errors between the finds, as values.

    Plain extractors run in a thread, all before the first asynchronous one, and what each finds
    comes together; asynchronous ones run on loops of their own, and their finds come one by one.

    seconds: for a plain extractor in all, for an asynchronous one between two finds
    most:    finds after which an extractor is stopped

    The errors are a `PluginError` for whatever goes wrong inside an extractor; its own
    `ExtractError`, and the `FetchError` of a page that it asked for, pass through.
    """
    done = await _by_threads(extractors, page, seconds, most)
    for extractor, (finds, rest) in zip(extractors, done, strict=True):
        for each in finds:
            yield extractor, _checked(extractor, page, each)
        if isinstance(rest, ReelinError):
            yield extractor, rest
        elif rest is not None:
            async for find in _asynchronous(extractor, page, rest, seconds, most):
                yield extractor, find


async def _asynchronous(
    extractor: Extractor, page: Page, found: AsyncIterable[Any], seconds: float, most: int
) -> AsyncIterator[Find | ReelinError]:
    aside = _Aside(found)
    try:
        for number in count():
            try:
                async with asyncio.timeout(seconds):
                    each = await aside.next()
            except TimeoutError:
                yield _too_slow(extractor, page, seconds)
                return
            if isinstance(each, StopAsyncIteration):
                return
            if isinstance(each, BaseException):
                yield _blamed(extractor, page, each)
                return
            if number == most:
                yield _too_many(extractor, page, most)
                return
            yield _checked(extractor, page, each)
    finally:
        aside.close()


class _Aside:
    """A loop in a daemon thread of its own: what blocks there, or ends it, does so to nobody else.

    The pages that an extractor asks for are fetched on the loop of the run: see `Fetcher`.
    """

    def __init__(self, found: AsyncIterable[Any]) -> None:
        self._found = found
        self._finds: AsyncIterator[Any] | None = None
        self._loop = asyncio.new_event_loop()
        self._is_over = False
        threading.Thread(target=self._run, name="reelin-extract", daemon=True).start()

    async def next(self) -> Any:
        """The next find, or what was raised instead of it: `StopAsyncIteration` at the end."""
        step = asyncio.run_coroutine_threadsafe(self._step(), self._loop)
        return await asyncio.wrap_future(step)

    def close(self) -> None:
        """End it; this waits for nothing."""
        self._loop.call_soon_threadsafe(self._end)

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


async def _by_threads(
    extractors: Sequence[Extractor], page: Page, seconds: float, most: int
) -> list[_Outcome]:
    """The outcome of each extractor, from one thread; from another, where one hangs."""
    done: list[_Outcome] = []
    while len(done) < len(extractors):
        done += await _Turn(extractors[len(done) :], page, most).within(seconds)
    return done


class _Turn:
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

    async def within(self, seconds: float) -> list[_Outcome]:
        """The outcomes up to the last one, or to the first that takes longer than `seconds`."""
        loop = asyncio.get_running_loop()
        over = loop.create_future()
        threading.Thread(
            target=self._run, args=(loop, over), name="reelin-extract", daemon=True
        ).start()
        try:
            while not over.done():
                left = self._since + seconds - time.monotonic()
                if left <= 0:
                    done = list(self._done)
                    hangs = self._extractors[len(done) : len(done) + 1]
                    return done + [([], _too_slow(each, self._page, seconds)) for each in hangs]
                await asyncio.wait([over], timeout=left)
        finally:
            self._is_left = True
        return self._done

    def _run(self, loop: asyncio.AbstractEventLoop, over: asyncio.Future[None]) -> None:
        for extractor in self._extractors:
            if self._is_left:
                return
            self._since = time.monotonic()
            self._done.append(_outcome(extractor, self._page, self._most))

        def tell() -> None:
            if not over.done():
                over.set_result(None)

        with suppress(RuntimeError):  # the loop is gone: nobody waits any more
            loop.call_soon_threadsafe(tell)


def _outcome(extractor: Extractor, page: Page, most: int) -> _Outcome:
    """Call `extract`, and go through what a plain generator yields."""
    finds: list[Any] = []
    try:
        found: Any = extractor.extract(page)
        if isinstance(found, AsyncIterable):
            return finds, found
        _check_iterable(found)
        for each in found:
            if len(finds) == most:
                return finds, _too_many(extractor, page, most)
            finds.append(each)
    except BaseException as error:
        return finds, _blamed(extractor, page, error)
    return finds, None


def _check_iterable(found: Any) -> None:
    """Raise `TypeError` for what `extract` should not have returned."""
    if isinstance(found, str | bytes) or not isinstance(found, Iterable):
        hint = "; it should `yield` them" if inspect.iscoroutine(found) else ""
        raise TypeError(f"extract() returned {shown(found)}, and not items to iterate over{hint}")


def _checked(extractor: Extractor, page: Page, found: Any) -> Find | PluginError:
    try:
        return checked(found)
    except (TypeError, ValueError) as error:
        return fault(extractor.name, page.url, str(error))


def _blamed(extractor: Extractor, page: Page, error: BaseException) -> ReelinError:
    if isinstance(error, ExtractError | FetchError | PluginError):
        return error
    logger.debug("plugin %s failed on %s", extractor.name, page.url, exc_info=error)
    return fault(extractor.name, page.url, told(error))


def _too_many(extractor: Extractor, page: Page, most: int) -> PluginError:
    what = f"it finds more than {most}; the rest is left out"
    return fault(extractor.name, page.url, what)


def _too_slow(extractor: Extractor, page: Page, seconds: float) -> PluginError:
    return fault(extractor.name, page.url, f"no result within {seconds:g} s")
