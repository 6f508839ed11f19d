"""Running extractors: off the loop, bounded in time and number, whatever they do."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import suppress
from itertools import islice
from typing import Any, TypeAlias

from .errors import ExtractError, FetchError, PluginError
from .extractor import Extractor
from .models import Link, MediaItem
from .page import Page

logger = logging.getLogger(__name__)

Find: TypeAlias = MediaItem | Link


async def stream(
    extractor: Extractor, page: Page, *, seconds: float, most: int
) -> AsyncIterator[Find]:
    """What an extractor finds on a page.

    A plain extractor runs in a thread and its finds come together; an asynchronous one runs on
    the loop and its finds come one by one.

    seconds: for a plain extractor in all, for an asynchronous one between two finds
    most:    finds after which it is stopped

    Raises `PluginError` for whatever goes wrong inside the extractor; its own `ExtractError` and
    the `FetchError` of a page that it asked for pass through.
    """
    found = await _in_thread(extractor, page, seconds, most)
    if isinstance(found, list):
        for each in found:
            yield _checked(extractor, page, each)
        return
    finds = aiter(found)
    for _ in range(most):
        try:
            async with asyncio.timeout(seconds):
                each = await anext(finds)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise _too_slow(extractor, page, seconds) from None
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            raise _blamed(extractor, page, error) from error
        yield _checked(extractor, page, each)


async def _in_thread(
    extractor: Extractor, page: Page, seconds: float, most: int
) -> list[Any] | AsyncIterable[Any]:
    """Call `extract`, and go through what a plain generator yields, in a thread of its own.

    A daemon thread: one that never ends holds up neither the loop nor the end of the program.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[Any] | AsyncIterable[Any]] = loop.create_future()

    def tell(result: list[Any] | AsyncIterable[Any] | None, error: PluginError | Any) -> None:
        if done.cancelled() or done.done():
            return
        if error is None and result is not None:
            done.set_result(result)
        else:
            done.set_exception(error)

    def work() -> None:
        result, problem = None, None
        try:
            result = _collected(extractor.extract(page), most)
        except BaseException as error:
            problem = _blamed(extractor, page, error)
        with suppress(RuntimeError):  # the loop is gone: nobody waits any more
            loop.call_soon_threadsafe(tell, result, problem)

    threading.Thread(target=work, name=f"reelin-{extractor.name}", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            return await done
    except TimeoutError:
        raise _too_slow(extractor, page, seconds) from None


def _collected(found: Any, most: int) -> list[Any] | AsyncIterable[Any]:
    if isinstance(found, AsyncIterable):
        return found
    if isinstance(found, Iterable):
        return list(islice(found, most))
    raise TypeError(f"extract() returned {type(found).__name__}, and not items to iterate over")


def _checked(extractor: Extractor, page: Page, found: Any) -> Find:
    if isinstance(found, MediaItem | Link):
        return found
    raise PluginError(
        f"plugin {extractor.name} on {page.url}: yielded {type(found).__name__},"
        " and not a MediaItem or a Link",
        url=page.url,
    )


def _blamed(extractor: Extractor, page: Page, error: BaseException) -> Exception:
    if isinstance(error, ExtractError | FetchError | PluginError):
        return error
    logger.debug("plugin %s failed on %s", extractor.name, page.url, exc_info=error)
    return PluginError(
        f"plugin {extractor.name} on {page.url}: {type(error).__name__}: {error}", url=page.url
    )


def _too_slow(extractor: Extractor, page: Page, seconds: float) -> PluginError:
    return PluginError(
        f"plugin {extractor.name} on {page.url}: no result within {seconds:g} s", url=page.url
    )
