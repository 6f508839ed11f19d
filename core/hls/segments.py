"""The segments of a media playlist: fetched ahead, decrypted, checked, and given out in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from ..client import Client
from ..errors import FetchError, Transient
from ..m3u8 import ByteRange, Key, Map, Media, Segment, protection
from ..models import MediaItem
from ..response import Response
from ..retry import Budget
from ..sniff import SNIFF_BYTES, looks_like_html
from ..transfer.resume import parse_content_range
from .crypt import Keys
from .loading import Mirrors

Body: TypeAlias = bytes | bytearray

MOST_BYTES = 256 << 20  # of one segment
MOST_AHEAD = 32 << 20  # bytes that wait for their turn, but for the segment whose turn it is
# What MPEG-TS, tagged audio, WebVTT and TTML begin with; MP4 is told by its boxes.
_BEGINNINGS = (b"\x47", b"ID3", b"WEBVTT", b"\xef\xbb\xbfWEBVTT", b"<tt", b"<?xml")
BOXES = frozenset(b"emsg ftyp free mdat moof moov pdin prft sidx skip ssix styp uuid wide".split())


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment, as it is to be written. `number`: its place in the playlist, from 0."""

    number: int
    segment: Segment
    body: Body


class Segments:
    """Fetches the segments of one item's playlists.

    ahead: how many are fetched at once
    """

    def __init__(self, client: Client, item: MediaItem, ahead: int) -> None:
        self._client = client
        self._item = item
        self._ahead = ahead
        self._keys = Keys(client, item)
        self._maps: dict[Map, Body] = {}

    async def close(self) -> None:
        """Stop what is still being fetched."""
        await self._keys.close()

    def forget_failures(self) -> None:
        """What could not be had is asked for again when it is needed again."""
        self._keys.forget_failures()

    async def in_order(
        self, segments: Sequence[Segment], start: int = 0, mirrors: Mirrors | None = None
    ) -> AsyncGenerator[Piece]:
        """The segments from number `start` on, without the gaps.

        Raises `FetchError` at the first one that cannot be had; nothing further is asked for then.
        """
        left = deque(
            (number, each)
            for number, each in enumerate(segments)
            if number >= start and not each.gap
        )
        tasks: deque[asyncio.Task[Piece]] = deque()
        largest = MOST_AHEAD  # as long as nothing is known
        is_known = False
        try:
            while left or tasks:
                room = max(1, min(self._ahead, MOST_AHEAD // max(1, largest)))
                while left and len(tasks) < room:
                    tasks.append(asyncio.create_task(self._piece(*left.popleft(), mirrors)))
                size = len((await tasks[0]).body)
                largest = max(largest, size) if is_known else size
                is_known = True
                yield tasks.popleft().result()  # kept by no name: it may be large
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def map(self, segment: Segment, mirrors: Mirrors | None = None) -> Body:
        """The initialization section that a segment needs, fetched once; empty without one."""
        if segment.map is None:
            return b""
        if segment.map not in self._maps:
            self._maps[segment.map] = await _from_any(self._map, segment, mirrors)
        return self._maps[segment.map]

    async def body(self, segment: Segment, mirrors: Mirrors | None = None) -> Body:
        """The plain bytes of a segment. Raises `FetchError`."""
        return await _from_any(self._body, segment, mirrors)

    async def _body(self, segment: Segment) -> Body:
        _refuse_protected(segment)
        return await self._fetch(segment.uri, segment.byterange, segment.key, segment.iv)

    async def _piece(self, number: int, segment: Segment, mirrors: Mirrors | None) -> Piece:
        return Piece(number, segment, await self.body(segment, mirrors))

    async def _map(self, segment: Segment) -> Body:
        map = segment.map
        if map is None:
            return b""
        _refuse_protected(map)
        return await self._fetch(map.uri, map.byterange, map.key, map.iv)

    async def _fetch(
        self, url: str, byterange: ByteRange | None, key: Key | None, iv: bytes
    ) -> Body:
        """The plain bytes at a URL. Tries again where that may help."""
        budget = Budget(self._client.network.retries)
        while True:
            try:
                body = await self._ask(url, byterange)
                break
            except Transient as error:
                await asyncio.sleep(budget.spend(error))
        if key is not None and not _is_plain(body):
            await self._keys.decrypt(body, key, iv, url)
        check(body, url)
        return body

    async def _ask(self, url: str, byterange: ByteRange | None) -> bytearray:
        headers = dict(self._item.headers)
        if byterange is not None:
            start, length = byterange
            headers["Range"] = f"bytes={start}-{start + length - 1}"
        response = await self._client.get(
            url,
            headers=headers,
            page_url=self._item.page_url,
            home=self._item.url,
            as_file=True,
        )
        try:
            self._client.check(response)
            if byterange is not None:
                return await _part(response, byterange)
            if response.status != 200:
                raise FetchError(f"{url}: status {response.status} is not the whole", url=url)
            return await _whole(response, MOST_BYTES)
        finally:
            response.close()


async def _from_any(
    fetch: Callable[[Segment], Awaitable[Body]], segment: Segment, mirrors: Mirrors | None
) -> Body:
    """What `fetch` gives of a segment, or of its twins where it cannot be had."""
    try:
        return await fetch(segment)
    except FetchError:
        if mirrors is not None:
            async for twin in mirrors.twins(segment):
                with suppress(FetchError):
                    return await fetch(twin)
        raise


def _refuse_protected(what: Segment | Map) -> None:
    """Mirrors and live playlists may come to what the playlist at first was not."""
    if names := protection(what.keys):
        raise FetchError(f"{what.uri} is protected by {' and '.join(names)}", url=what.uri)


async def _part(response: Response, wanted: ByteRange) -> bytearray:
    """The range that was asked for, of an answer that is exactly that, or the whole."""
    start, length = wanted
    url = response.url
    if length > MOST_BYTES:
        raise FetchError(f"{url}: a segment of more than {MOST_BYTES} bytes", url=url)
    if response.status == 206:
        sent = parse_content_range(response.headers.get("Content-Range"))
        if sent is None or sent[:2] != (start, start + length - 1):
            raise FetchError(f"{url}: other bytes than {start}+{length} came", url=url)
        body = await _whole(response, length)
    else:
        body = await _cut_out(response, start, length)
    if len(body) != length:
        raise FetchError(f"{url}: {len(body)} bytes came instead of {length}", url=url)
    return body


async def _cut_out(response: Response, start: int, length: int) -> bytearray:
    """A range of an answer that is the whole; what lies behind it is not waited for."""
    body, before = bytearray(), 0
    async for chunk in response.chunks():
        body += chunk[max(0, start - before) :]
        before += len(chunk)
        if len(body) >= length:
            break
    del body[length:]
    return body


async def _whole(response: Response, most: int) -> bytearray:
    """A body, whole and of its announced length. Raises `FetchError`."""
    body = bytearray()
    async for chunk in response.chunks():
        body += chunk
        if len(body) > most:
            raise FetchError(
                f"{response.url}: a segment of more than {most} bytes", url=response.url
            )
    if response.length is not None and len(body) != response.length:
        raise Transient(
            f"{response.url}: {len(body)} of {response.length} bytes came", url=response.url
        )
    if not response.is_framed and _breaks_off(body):
        raise Transient(f"{response.url}: it breaks off after {len(body)} bytes", url=response.url)
    return body


def _breaks_off(body: Body) -> bool:
    """Whether a body whose end nobody announced ends within a packet, or within a box."""
    if body[:565:188] == b"\x47" * 4:
        return len(body) % 188 != 0
    at = 0 if bytes(body[4:8]) in BOXES else len(body)
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(body[at + 8 : at + 16], "big")
        elif size == 0:  # to the end, wherever that is
            return False
        at += max(8, size)
    return at > len(body)


def _is_plain(body: Body) -> bool:
    """Whether bytes that should be encrypted are not: a page that says sorry, or a plain map."""
    return bytes(body[4:8]) in BOXES or looks_like_html(bytes(body[:SNIFF_BYTES]))


def check(body: Body, url: str) -> None:
    """Raise `FetchError` for a body that is no media: a page that says sorry, a wrong key."""
    if not body:
        raise FetchError(f"{url}: the segment is empty", url=url)
    start = bytes(body[:SNIFF_BYTES])
    if looks_like_html(start):
        raise FetchError(f"{url}: a web page came instead of a segment", url=url)
    if not (start.startswith(_BEGINNINGS) or start[4:8] in BOXES or packed_audio(start)):
        raise FetchError(f"{url}: begins with {start[:8]!r}, which is no media", url=url)


def packed_audio(start: bytes) -> str | None:
    """The kind of sound that a segment without a container is, by its first bytes."""
    if start.startswith(b"ID3") and len(start) >= 10:
        size = 0
        for each in start[6:10]:  # seven bits each
            size = size << 7 | each & 0x7F
        start = start[10 + size :]
    if start.startswith(b"\x0b\x77"):
        return "ac3"
    if len(start) < 2 or start[0] != 0xFF or start[1] & 0xE0 != 0xE0:
        return None
    return "mp3" if start[1] & 0x06 else "aac"


def total(media: Media) -> int:
    """The number of segments that there are to fetch."""
    return sum(not each.gap for each in media.segments)
