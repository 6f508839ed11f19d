"""One HTTP answer: its headers, and its body as it arrives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

import aiohttp
from multidict import CIMultiDictProxy

from ..model import urls
from ..model.errors import FetchError, Transient
from .decoder import Decoder, codings_of, is_packed_file

SLOW_BYTES, SLOW_SECONDS = 512 * 30, 30.0  # less than this in that time: dead


class Response:
    """An answer whose headers have arrived. Read `chunks()` to the end, or `close()` it.

    url:     where it came from, after redirects
    headers: as they came; Content-Encoding is there only where the body is given without it
    as_file: whether it was asked for as it is; then archives stay packed
    pay:     waits until so many bytes may be passed on; None: there is no limit
    failed:  the error of our own that one of the connection means
    give_back: called once, when the connection is needed no more
    """

    __slots__ = (
        "_answer",
        "_closed",
        "_coding",
        "_decoded",
        "_failed",
        "_first",
        "_give_back",
        "_is_whole",
        "_pay",
        "ended",
        "headers",
        "is_encoded",
        "status",
        "url",
    )

    def __init__(
        self,
        answer: aiohttp.ClientResponse,
        url: str,
        *,
        as_file: bool,
        pay: Callable[[int], Awaitable[None]] | None,
        failed: Callable[[Exception, str, str], FetchError],
        give_back: Callable[[], None],
    ) -> None:
        self.url = urls.without_userinfo(url)
        self.status = answer.status
        self.headers: Mapping[str, str] = answer.headers
        self.ended = True  # while it is not yet made
        self._answer = answer
        self._pay = pay
        self._failed = failed
        self._give_back = give_back
        self._first: bytes | None = None
        self._is_whole = False
        self._decoded: Iterator[bytes] = iter(())
        codings = codings_of(self.headers)
        kept = (
            as_file
            and len(set(codings)) == 1
            and is_packed_file(codings[0], self.headers, self.url)
        )
        # Whether a content coding was applied that is undone while reading.
        self.is_encoded = bool(codings) and not kept
        if "Content-Encoding" in self.headers and not self.is_encoded:
            self.headers = _without_coding(answer.headers, codings)
        self._coding = Decoder(codings, self.url) if self.is_encoded else None
        self._closed = None if "Content-Length" in self.headers else _end_of_connection(answer)
        if self._closed is not None and self.is_framed:
            _tell_of_loss(answer, self._closed)
        self.ended = False

    @property
    def length(self) -> int | None:
        """Content-Length in bytes, None when absent or when the body arrives encoded."""
        value = self.headers.get("Content-Length", "")
        if self.is_encoded or not (value.isascii() and value.isdigit() and len(value) < 19):
            return None
        return int(value)

    @property
    def is_framed(self) -> bool:
        """Whether the end of the body is marked, rather than told by closing the connection."""
        return "Content-Length" in self.headers or "Transfer-Encoding" in self.headers

    async def first(self, least: int = 1) -> bytes:
        """The first chunk of the body, without taking it from `chunks()`. Empty: no body.

        least: bytes that it is to have, unless the body ends before
        """
        if self._first is None:
            self._first = await self._next()
        while len(self._first) < least and self._first and (more := await self._next()):
            self._first += more
        return self._first

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, in pieces of up to about 1 MiB, at the session's rate.

        Raises `Transient` when it ends too early, stalls, or crawls.
        """
        waited, window_bytes = 0.0, 0
        while True:
            began = time.monotonic()
            chunk = await self.first()
            waited += time.monotonic() - began  # for the server: who reads may take his time
            if not chunk:
                return
            self._first = None
            if self._pay is not None:
                await self._pay(len(chunk))
            yield chunk
            window_bytes += len(chunk)
            if waited > SLOW_SECONDS:
                if window_bytes < SLOW_BYTES:
                    raise Transient(f"{self.url}: less than 512 bytes a second", url=self.url)
                waited, window_bytes = 0.0, 0

    async def read(self, most: int) -> tuple[bytes, bool]:
        """Up to `most` bytes of the body, and whether that is all of it."""
        parts, size = [], 0
        async for chunk in self.chunks():
            parts.append(chunk)
            size += len(chunk)
            if size > most:
                self.close()
                return b"".join(parts)[:most], False
        return b"".join(parts), True

    def close(self) -> None:
        """Give the connection back if the body was read, and cut it otherwise."""
        if not self.ended:
            self._end(self._answer.close)

    def _end(self, leave: Callable[[], object]) -> None:
        self.ended = True
        leave()
        self._give_back()

    def __del__(self) -> None:
        if not self.ended:  # by mistake: others would wait for ever
            self._end(self._answer.close)

    async def _next(self) -> bytes:
        """The next piece of the body, decoded. Empty: it has ended."""
        while True:
            for piece in self._decoded:
                return piece
            if self._is_whole:
                return b""
            if self._coding is not None and self._coding.is_over:
                self._is_whole = True
                self.close()
                self._decoded = self._coding.finish()
                continue
            chunk = await self._read_some()
            self._is_whole = not chunk
            if self._coding is None:
                return chunk
            self._decoded = self._coding.decode(chunk) if chunk else self._coding.finish()

    async def _read_some(self) -> bytes:
        """The next bytes as they came. Empty: the body has ended, and is whole."""
        try:
            if chunk := await self._answer.content.readany():
                return chunk
            if self._closed is not None and not self.is_framed:
                await self._closed  # a reset looks like an end, but for this
            self._end(self._answer.release)
            return b""
        except (aiohttp.ClientError, OSError, ValueError) as error:
            self.close()
            raise self._failed(error, self.url, "broke off") from None


def _without_coding(headers: CIMultiDictProxy[str], codings: list[str]) -> Mapping[str, str]:
    """Return headers that tell of the body as it is, coding and all."""
    own = headers.copy()
    own.popall("Content-Encoding")
    if codings[:1] == ["gzip"] and not own.get("Content-Type", "").startswith(("image/", "model/")):
        own["Content-Type"] = "application/gzip"  # the type was that of what is packed in it
    return CIMultiDictProxy(own)


def _end_of_connection(answer: aiohttp.ClientResponse) -> asyncio.Future[None] | None:
    """Return what ends when the connection of an answer does, with an error if it was lost."""
    protocol = answer.connection.protocol if answer.connection is not None else None
    return protocol.closed if protocol is not None else None


def _tell_of_loss(answer: aiohttp.ClientResponse, closed: asyncio.Future[None]) -> None:
    """Have a chunked body fail when its connection is closed before its last chunk.

    aiohttp closes it at a chunk size that is none, and leaves who reads the body waiting.
    """

    def tell(_: asyncio.Future[None]) -> None:
        content = answer.content
        if not content.is_eof() and content.exception() is None:
            content.set_exception(aiohttp.ClientPayloadError("the connection was closed"))

    closed.add_done_callback(tell)
