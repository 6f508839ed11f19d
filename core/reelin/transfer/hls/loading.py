"""Playlists over HTTP: fetched, bounded, and the way from a multivariant one to its streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import MappingProxyType

from ...media import hls_variants, m3u8
from ...media.m3u8 import Segment
from ...model.errors import ExtractError, FetchError
from ...model.item import MediaItem
from ...net.client import Client
from ...net.retry import Note, persistently
from .texts import is_subtitles, read_text

MOST_DEPTH = 3  # of multivariant playlists that lead to such
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


class PlaylistLoader:
    """Fetches the playlists of one item, with its headers.

    note: hears of attempts that are made again
    """

    def __init__(self, client: Client, item: MediaItem, note: Note | None = None) -> None:
        self._client = client
        self._item = item
        self._note = note

    async def load(
        self, url: str, variables: Mapping[str, str] | None = None
    ) -> m3u8.Master | m3u8.Media:
        """Load the playlist at `url`. Raises `FetchError`, and `ExtractError` for what is none."""
        body, final = await self._load_bytes(url)
        return _parse(body.decode("utf-8", "replace"), final, variables)

    async def load_subtitles(self, url: str, variables: Mapping[str, str]) -> m3u8.Media:
        """Load the playlist of subtitles at `url`; what is the text itself is one segment.

        Many packagers and players take the address of a WebVTT file for a playlist of it.
        """
        body, final = await self._load_bytes(url)
        text = read_text(body)
        if text.strip("\ufeff \t\r\n\0") and is_subtitles(text):
            return m3u8.Media(final, (Segment(url, 0),), endlist=True)
        playlist = _parse(text, final, variables)
        if isinstance(playlist, m3u8.Media):
            return playlist
        return await self.load_media(url, variables)

    async def load_media(self, url: str, variables: Mapping[str, str]) -> m3u8.Media:
        """Load the media playlist at `url`, or the best one behind a multivariant one there."""
        seen = {url}
        for _ in range(MOST_DEPTH):
            playlist = await self.load(url, variables)
            if isinstance(playlist, m3u8.Media):
                return playlist
            variables = {**variables, **playlist.variables}
            url = hls_variants.sort_streams(playlist)[0][0].uri
            if url in seen:
                break
            seen.add(url)
        raise ExtractError(
            f"{url}: playlists that lead to playlists, and never to segments", url=url
        )

    async def _load_bytes(self, url: str) -> tuple[bytes, str]:
        """Return what is at `url`, and its final address. Tries again where that may help."""
        return await persistently(partial(self._fetch, url), self._client.network, self._note)

    async def _fetch(self, url: str) -> tuple[bytes, str]:
        body, whole, final_url = await self._client.read(
            url,
            m3u8.MAX_LENGTH,
            headers=self._item.headers,
            page_url=self._item.page_url,
            policy=self._item.referrer_policy,
            home=self._item.url,
        )
        if not whole:
            limit = m3u8.MAX_LENGTH >> 20
            raise FetchError(f"{final_url}: a playlist of more than {limit} MiB", url=final_url)
        return body, final_url


def _parse(text: str, final: str, variables: Mapping[str, str] | None) -> m3u8.Master | m3u8.Media:
    playlist = m3u8.parse(text, final, variables)
    _refuse_incomplete(playlist)
    return playlist


def _refuse_incomplete(playlist: m3u8.Master | m3u8.Media) -> None:
    if isinstance(playlist, m3u8.Master):
        problem = "" if playlist.variants else "names no stream"
    else:
        skipped = playlist.skipped
        problem = f"leaves out {skipped} segments, nobody asked it to" if skipped else ""
    if problem:
        raise ExtractError(f"{playlist.url} {problem}", url=playlist.url)


class Mirrors:
    """Playlists that have the same segments in other places. Each is loaded when it is needed.

    variables: of the multivariant playlist that names them
    """

    def __init__(
        self,
        playlists: PlaylistLoader,
        urls: Sequence[str] = (),
        variables: Mapping[str, str] = NO_VARIABLES,
    ) -> None:
        self._playlists = playlists
        self._urls = urls
        self._variables = variables
        self._known: dict[str, dict[int, Segment]] = {}
        self._turn = asyncio.Lock()

    async def find_twins(self, segment: Segment) -> AsyncIterator[Segment]:
        """Yield the same segment in the other places."""
        for url in self._urls:
            twin = (await self._load_segments(url)).get(segment.number)
            if twin is not None and _are_alike(twin, segment):
                yield twin

    async def _load_segments(self, url: str) -> dict[int, Segment]:
        """Return the segments of a playlist by their numbers; none where it cannot be had."""
        async with self._turn:
            if url not in self._known:
                self._known[url] = {}
                with suppress(FetchError, ExtractError):
                    playlist = await self._playlists.load_media(url, self._variables)
                    self._known[url] = {each.number: each for each in playlist.segments}
        return self._known[url]


def _are_alike(one: Segment, other: Segment) -> bool:
    """Whether the one may stand for the other, as far as playlists tell."""
    same_container = (one.map is None) == (other.map is None)
    return same_container and one.duration == other.duration and not one.gap
