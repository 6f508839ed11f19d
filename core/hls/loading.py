"""Playlists over HTTP: fetched, bounded, and the way from a multivariant one to its streams."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from .. import m3u8
from ..client import Client
from ..errors import ExtractError, FetchError, Transient
from ..models import MediaItem
from ..retry import Budget

MOST_DEPTH = 3  # of multivariant playlists that lead to such


class Playlists:
    """Fetches the playlists of one item, with its headers."""

    def __init__(self, client: Client, item: MediaItem) -> None:
        self._client = client
        self._item = item

    async def load(
        self, url: str, variables: Mapping[str, str] | None = None
    ) -> m3u8.Master | m3u8.Media:
        """The playlist at `url`. Raises `FetchError`, and `M3U8Error` for what is none."""
        budget = Budget(self._client.network.retries)
        while True:
            try:
                text, final = await self._text(url)
                return m3u8.parse(text, final, variables)
            except Transient as error:
                await asyncio.sleep(budget.spend(error))

    async def media(self, url: str, variables: Mapping[str, str]) -> m3u8.Media:
        """The media playlist at `url`, also behind multivariant ones: then the best of each."""
        seen = {url}
        for _ in range(MOST_DEPTH):
            playlist = await self.load(url, variables)
            if isinstance(playlist, m3u8.Media):
                return playlist
            variables = {**variables, **playlist.variables}
            url = max(playlist.variants, key=lambda each: each.bandwidth or 0).uri
            if url in seen:
                break
            seen.add(url)
        raise ExtractError(
            f"{url}: playlists that lead to playlists, and never to segments", url=url
        )

    async def _text(self, url: str) -> tuple[str, str]:
        response = await self._client.get(
            url, headers=self._item.headers, page_url=self._item.page_url
        )
        self._client.check(response)
        body, whole = await response.read(m3u8.MAX_LENGTH)
        if not whole:
            limit = m3u8.MAX_LENGTH >> 20
            raise FetchError(
                f"{response.url}: a playlist of more than {limit} MiB", url=response.url
            )
        return body.decode("utf-8", "replace"), response.url
