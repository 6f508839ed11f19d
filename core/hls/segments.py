"""The segments of a media playlist: fetched ahead, decrypted, checked, and given out in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass

from ..client import Client
from ..errors import FetchError, Transient
from ..m3u8 import ByteRange, Key, Map, Media, Segment
from ..models import MediaItem
from ..response import Response
from ..retry import Budget
from ..sniff import looks_like_html
from ..transfer.resume import parse_content_range
from .crypt import Keys
from .loading import Playlists

MOST_BYTES = 256 << 20  # of one segment
MOST_AHEAD = 48 << 20  # bytes that wait for their turn, but for the segment whose turn it is
# What MPEG-TS, packed audio, WebVTT and TTML begin with; MP4 is told by its boxes.
_BEGINNINGS = (b"\x47", b"ID3", b"\x0b\x77", b"WEBVTT", b"\xef\xbb\xbfWEBVTT", b"<tt", b"<?xml")
_BOXES = frozenset(b"emsg ftyp free mdat moof moov pdin prft sidx skip ssix styp uuid wide".split())


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment, as it is to be written. `number`: its place in the playlist, from 0."""

    number: int
    segment: Segment
    body: bytes


class Segments:
    """Fetches the segments of one item's playlists.

    ahead: how many are fetched at once
    """

    def __init__(self, client: Client, item: MediaItem, ahead: int) -> None:
        self._client = client
        self._item = item
        self._ahead = ahead
        self._keys = Keys(client, item)
        self._playlists = Playlists(client, item)
        self._maps: dict[Map, bytes] = {}
        self._mirrors: dict[str, dict[int, Segment]] = {}

    async def close(self) -> None:
        """Stop what is still being fetched."""
        await self._keys.close()

    async def in_order(
        self, segments: Sequence[Segment], start: int = 0, mirrors: Iterable[str] = ()
    ) -> AsyncGenerator[Piece]:
        """The segments from number `start` on, without the gaps.

        mirrors: playlists that hold the same segments in other places

        Raises `FetchError` at the first one that cannot be had; nothing further is asked for then.
        """
        left = deque(
            (number, each)
            for number, each in enumerate(segments)
            if number >= start and not each.gap
        )
        tasks: deque[asyncio.Task[Piece]] = deque()
        largest = 0
        try:
            while left or tasks:
                room = max(1, min(self._ahead, MOST_AHEAD // max(1, largest)))
                while left and len(tasks) < room:
                    tasks.append(asyncio.create_task(self._piece(*left.popleft(), mirrors)))
                piece = await tasks[0]
                tasks.popleft()
                largest = max(largest, len(piece.body))
                yield piece
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def map(self, map: Map) -> bytes:
        """An initialization section, fetched once."""
        if map not in self._maps:
            self._maps[map] = await self._fetch(map.uri, map.byterange, map.key, map.iv)
        return self._maps[map]

    async def _piece(self, number: int, segment: Segment, mirrors: Iterable[str]) -> Piece:
        try:
            return Piece(number, segment, await self.body(segment))
        except FetchError as error:
            for url in mirrors:
                twin = (await self._mirror(url)).get(segment.number)
                if twin is not None and twin.duration == segment.duration:
                    try:
                        return Piece(number, segment, await self.body(twin))
                    except FetchError:
                        continue
            raise error

    async def _mirror(self, url: str) -> dict[int, Segment]:
        """The segments of another playlist by their numbers; none where it cannot be had."""
        if url not in self._mirrors:
            try:
                playlist = await self._playlists.media(url, {})
                self._mirrors[url] = {each.number: each for each in playlist.segments}
            except FetchError:
                self._mirrors[url] = {}
        return self._mirrors[url]

    async def body(self, segment: Segment) -> bytes:
        """The plain bytes of a segment. Raises `FetchError`."""
        return await self._fetch(segment.uri, segment.byterange, segment.key, segment.iv)

    async def _fetch(
        self, url: str, byterange: ByteRange | None, key: Key | None, iv: bytes
    ) -> bytes:
        """The plain bytes at a URL. Tries again where that may help."""
        budget = Budget(self._client.network.retries)
        while True:
            try:
                body = await self._ask(url, byterange)
                break
            except Transient as error:
                await asyncio.sleep(budget.spend(error))
        if key is not None:
            body = await self._keys.decrypt(body, key, iv, url)
        check(body, url)
        return body

    async def _ask(self, url: str, byterange: ByteRange | None) -> bytes:
        headers = dict(self._item.headers)
        if byterange is not None:
            start, length = byterange
            headers["Range"] = f"bytes={start}-{start + length - 1}"
        response = await self._client.get(
            url, headers=headers, page_url=self._item.page_url, as_file=True
        )
        self._client.check(response)
        if byterange is not None:
            return await _part(response, byterange)
        if response.status != 200:
            response.close()
            raise FetchError(f"{url}: status {response.status} is not the whole", url=url)
        return await _whole(response, MOST_BYTES)


async def _part(response: Response, wanted: ByteRange) -> bytes:
    """The range that was asked for, of an answer that is exactly that, or the whole."""
    start, length = wanted
    url = response.url
    if response.status == 206:
        sent = parse_content_range(response.headers.get("Content-Range"))
        if sent is None or sent[:2] != (start, start + length - 1):
            response.close()
            raise FetchError(f"{url}: other bytes than {start}+{length} came", url=url)
        body = await _whole(response, length)
    else:
        body = (await _whole(response, MOST_BYTES))[start : start + length]
    if len(body) != length:
        raise FetchError(f"{url}: {len(body)} bytes came instead of {length}", url=url)
    return body


async def _whole(response: Response, most: int) -> bytes:
    """A body, whole and of its announced length. Raises `FetchError`."""
    body, whole = await response.read(most)
    if not whole:
        raise FetchError(f"{response.url}: a segment of more than {most} bytes", url=response.url)
    if response.length is not None and len(body) != response.length:
        raise Transient(
            f"{response.url}: {len(body)} of {response.length} bytes came", url=response.url
        )
    return body


def check(body: bytes, url: str) -> None:
    """Raise `FetchError` for a body that is no media: a page that says sorry, a wrong key."""
    if not body:
        raise FetchError(f"{url}: the segment is empty", url=url)
    if looks_like_html(body):
        raise FetchError(f"{url}: a web page came instead of a segment", url=url)
    is_mpeg_audio = len(body) > 1 and body[0] == 0xFF and body[1] & 0xE0 == 0xE0
    if not (body.startswith(_BEGINNINGS) or body[4:8] in _BOXES or is_mpeg_audio):
        raise FetchError(f"{url}: begins with {body[:8]!r}, which is no media", url=url)


def total(media: Media) -> int:
    """The number of segments that there are to fetch."""
    return sum(not each.gap for each in media.segments)
