"""The segments of a media playlist: fetched ahead, decrypted, checked, and given out in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, TypeVar

from ...media.m3u8 import Map, Media, Segment, protection
from ...model.errors import FetchError, Transient
from ...model.item import MediaItem
from ...net.client import Client
from ...net.retry import Note, persistently
from ..connection_slots import ConnectionSlots
from .body import Body, read_range, read_whole
from .check import SegmentCheck, drop_picture
from .crypt import Keys
from .loading import Mirrors
from .room import Room, Share

T = TypeVar("T")
AHEAD = 8  # segments that are fetched at once where nobody asked for another number
MOST_AHEAD = 12 << 20  # bytes that wait for their turn, but for the segment whose turn it is


@dataclass(frozen=True, slots=True)
class FetchedSegment:
    """A segment with its plain bytes.

    number: its place in the playlist, from 0
    before: what stood before its media, and was taken off
    """

    number: int
    segment: Segment
    body: Body
    before: bytes = b""


_Ahead: TypeAlias = tuple[asyncio.Task[FetchedSegment], Share]


class SegmentFetcher:
    """Fetches the segments of one item's playlists.

    slots: for those that are fetched at once
    note:  hears of attempts that are made again
    """

    def __init__(self, client: Client, item: MediaItem, slots: ConnectionSlots, note: Note) -> None:
        self._client = client
        self._item = item
        self._slots = slots
        self._note = note
        self._most = slots.asked_for or AHEAD
        self._map_turn = asyncio.Lock()
        self._keys = Keys(client, item, note)
        self._maps: dict[Map, bytes] = {}

    async def close(self) -> None:
        """Stop what is still being fetched."""
        await self._keys.close()

    def forget_failures(self) -> None:
        """Have keys that could not be had asked for again when they are needed again."""
        self._keys.forget_failures()

    async def fetch_in_order(
        self,
        segments: Sequence[Segment],
        places: Sequence[int],
        start: int,
        mirrors: Mirrors | None,
        check: SegmentCheck,
    ) -> AsyncGenerator[FetchedSegment]:
        """Fetch the segments of a track from number `start` on, without the gaps.

        places: of each segment, the number of its part; a part begins with a map

        Raises `FetchError` at the first one that cannot be had; nothing further is asked for then.
        """
        left = deque(
            (number, each, not number or places[number] != places[number - 1])
            for number, each in enumerate(segments)
            if number >= start and not each.gap
        )
        room = Room(MOST_AHEAD)
        ahead: deque[_Ahead] = deque()
        fetch = partial(self._fetch_with_map, mirrors=mirrors, check=check)
        try:
            while left or ahead:
                await self._fetch_ahead(left, ahead, room, fetch)
                task, share = ahead[0]
                share.come_first()
                segment = await task
                ahead.popleft()
                yield segment
                share.leave()
                del segment, task  # or they would be kept until the next one is here
        finally:
            for task, _ in ahead:
                task.cancel()
            await asyncio.gather(*(task for task, _ in ahead), return_exceptions=True)

    async def _fetch_ahead(
        self,
        left: deque[tuple[int, Segment, bool]],
        ahead: deque[_Ahead],
        room: Room,
        fetch: Callable[[int, Segment, bool, Share], Coroutine[None, None, FetchedSegment]],
    ) -> None:
        """Begin to fetch as many as may be, one at least: the transfer has a slot of its own."""
        while left and len(ahead) < self._most:
            share = Share(room)
            task = await self._slots.start(partial(fetch, *left[0], share))
            if task is None:
                return
            left.popleft()
            ahead.append((task, share))

    async def _fetch_with_map(
        self,
        number: int,
        segment: Segment,
        begins_part: bool,
        share: Share,
        *,
        mirrors: Mirrors | None,
        check: SegmentCheck,
    ) -> FetchedSegment:
        """Fetch a segment, and the map that it needs by the same slot, before others want it."""
        if begins_part and segment.map is not None:
            async with self._map_turn:
                await self.fetch_map(segment, mirrors, check)
        return await self.fetch(segment, mirrors, check, number=number, share=share)

    async def fetch_map(
        self, segment: Segment, mirrors: Mirrors | None, check: SegmentCheck
    ) -> bytes:
        """Fetch the initialization section that a segment needs, once; empty without one."""
        if segment.map is None:
            return b""
        if segment.map not in self._maps:
            fetch = partial(self._fetch_map_of, check=check)
            self._maps[segment.map] = b"".join(await _fetch_any(fetch, segment, mirrors))
        return self._maps[segment.map]

    async def fetch(
        self,
        segment: Segment,
        mirrors: Mirrors | None,
        check: SegmentCheck,
        *,
        number: int = 0,
        share: Share | None = None,
    ) -> FetchedSegment:
        """Fetch the plain bytes of a segment, or of its mirrors. Raises `FetchError`."""
        fetch = partial(self._fetch_plain, period=segment.discontinuity, check=check, share=share)
        body, before = await _fetch_any(fetch, segment, mirrors)
        return FetchedSegment(number, segment, body, before)

    async def _fetch_map_of(self, segment: Segment, check: SegmentCheck) -> Body:
        assert segment.map is not None
        period = segment.discontinuity
        return (await self._fetch_plain(segment.map, period=period, check=check, share=None))[0]

    async def _fetch_plain(
        self, what: Segment | Map, *, period: int, check: SegmentCheck, share: Share | None
    ) -> tuple[Body, bytes]:
        """Fetch the plain bytes of one address, and what was taken off.

        Tries again where that may help.
        """
        _refuse_protected(what)
        network = self._client.network
        body = await persistently(partial(self._request, what, share), network, self._note)
        is_hidden = what.key is not None and not check.is_plain(body)
        if what.key is not None and is_hidden:
            drop_picture(body)
            await self._keys.decrypt(body, what.key, what.iv, what.uri)
        return body, check.check(body, what.uri, period, is_decrypted=is_hidden)

    async def _request(self, what: Segment | Map, share: Share | None) -> Body:
        headers = dict(self._item.headers)
        if what.byterange is not None:
            start, length = what.byterange
            headers["Range"] = f"bytes={start}-{start + length - 1}"
        response = await self._client.get(
            what.uri,
            headers=headers,
            page_url=self._item.page_url,
            policy=self._item.referrer_policy,
            home=self._item.url,
            as_file=True,
        )
        try:
            self._client.check(response)
            if what.byterange is not None:
                return await read_range(response, what.byterange, share)
            return await read_whole(response, share)
        except Transient:
            if share is not None:
                share.leave()
            raise
        finally:
            response.close()


async def _fetch_any(
    fetch: Callable[[Segment], Awaitable[T]], segment: Segment, mirrors: Mirrors | None
) -> T:
    """Fetch a segment, or one of its twins where it cannot be had."""
    try:
        return await fetch(segment)
    except FetchError:
        if mirrors is not None:
            async for twin in mirrors.find_twins(segment):
                with suppress(FetchError):
                    return await fetch(twin)
        raise


def _refuse_protected(what: Segment | Map) -> None:
    """Raise `FetchError`: mirrors and live playlists may come to be protected later."""
    if names := protection(what.keys):
        raise FetchError(f"{what.uri} is protected by {' and '.join(names)}", url=what.uri)


def count_segments(media: Media) -> int:
    """Return the number of segments that there are to fetch."""
    return sum(not each.gap for each in media.segments)
