"""A ZIP as an asynchronous iterator of bytes, for the response of a web server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import quote

from .archive.layout import Layout, Sizes, failure
from .archive.outlet import Pipe
from .errors import ExtractError, FetchError, UsageError
from .events import Failed
from .run import Report, Run


@dataclass(frozen=True, slots=True)
class Sizing:
    """How the length of an archive is found out.

    run:   into `sizes`, which fetches nothing
    again: makes the run that brings what was seen
    """

    run: Run
    sizes: Sizes
    again: Callable[[Layout], Run]

    async def find(self) -> Layout | None:
        """What the archive will hold; None where a size is not to be known."""
        async with self.run as run:
            async for _ in run:
                if not self.sizes.are_known:
                    return None
        if not self.sizes.are_known:
            return None
        return self.sizes.layout(
            [failure(each.url, each.error) for each in run.report.failures if each.item]
        )


class ZipStream:
    """The bytes of a ZIP, made while they are read. Iterate over it once.

        async with session.stream_zip(url) as archive:
            … = archive.filename, archive.headers
            async for chunk in archive:
                ...

    Who does not read it to the end closes it, by `async with` or `aclose()`: that stops all
    fetching. An iteration that is left closes it too.

    filename:       a name for the archive, safe on every system
    content_length: bytes of the archive, None where that is not known. It may be known, if at all,
                    after `open`
    """

    def __init__(self, run: Run, pipe: Pipe, filename: str, sizing: Sizing | None = None) -> None:
        self.filename = filename
        self.content_length: int | None = None
        self._run = run
        self._pipe = pipe
        self._sizing = sizing
        self._before: tuple[Failed, ...] = ()
        self._is_read = False
        self._work: asyncio.Task[None] | None = None

    @property
    def report(self) -> Report:
        """How the run ended, or stands."""
        report = self._run.report
        return replace(report, failures=self._before + report.failures)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of a response that carries it."""
        known = {
            "Content-Type": "application/zip",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(self.filename, safe='')}",
        }
        if self.content_length is not None:
            known["Content-Length"] = str(self.content_length)
        return known

    async def open(self) -> None:
        """Wait until the first bytes are there.

        Raises what prevents the archive, and `FetchError` or `ExtractError` when there is nothing
        to be had: in time for another answer than 200.
        """
        if self._work is None:
            self._work = asyncio.create_task(self._follow())
        await self._pipe.wait()
        if self._work.done():
            await self._work  # raises what went wrong
        report = self.report
        if report.found:
            return
        for failed in report.failures:
            raise FetchError(failed.error, url=failed.url)
        raise ExtractError("nothing was found that could be archived")

    async def aclose(self) -> None:
        """Stop all work."""
        if self._work is None:
            self._pipe.end()
            return
        self._work.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self._work

    async def __aenter__(self) -> Self:
        try:
            await self.open()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        if self._is_read or (self._work is not None and self._work.cancelled()):
            raise UsageError("this archive was read or closed; ask the session for another one")
        self._is_read = True
        try:
            await self.open()
            while chunk := await self._pipe.read():
                yield chunk
            assert self._work is not None
            await self._work
        finally:
            await self.aclose()

    async def _follow(self) -> None:
        try:
            layout = await self._sizing.find() if self._sizing is not None else None
            if self._sizing is not None and layout is not None and layout.items:
                self._before = self._sizing.run.report.failures
                self._run = self._sizing.again(layout)
                self.content_length = layout.length
            async with self._run as run:
                await run.finish()
        finally:
            self._pipe.end()
