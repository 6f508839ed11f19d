"""A ZIP as an asynchronous iterator of bytes, for the response of a web server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Self
from urllib.parse import quote

from .archive.outlet import Pipe
from .errors import ExtractError, FetchError, UsageError
from .run import Report, Run


class ZipStream:
    """The bytes of a ZIP, made while they are read. Iterate over it once.

        async with session.stream_zip(url) as archive:
            … = archive.filename, archive.headers
            async for chunk in archive:
                ...

    Who does not read it to the end closes it, by `async with` or `aclose()`: that stops all
    fetching. An iteration that is left closes it too.

    filename:       a name for the archive, safe on every system
    content_length: bytes of the archive, None while that is not known
    """

    def __init__(self, run: Run, pipe: Pipe, filename: str) -> None:
        self.filename = filename
        self.content_length: int | None = None
        self._run = run
        self._pipe = pipe
        self._work: asyncio.Task[None] | None = None

    @property
    def report(self) -> Report:
        """How the run ended, or stands."""
        return self._run.report

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
        for failure in report.failures:
            raise FetchError(failure.error, url=failure.url)
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
        if self._work is not None and self._work.cancelled():
            raise UsageError("this archive was closed; ask the session for another one")
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
            async with self._run as run:
                await run.finish()
        finally:
            self._pipe.end()
