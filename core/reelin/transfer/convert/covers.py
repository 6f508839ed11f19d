"""Covers: the small images that items name, for the audio files that are made of them."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict

from ...model.errors import FetchError
from ...net.client import Client

logger = logging.getLogger(__name__)

MOST_BYTES = 8 << 20
REMEMBERED = 8  # the tracks of an album share one


class Covers:
    """The covers of one run. They are an extra: what cannot be had is left out."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._turn = asyncio.Lock()
        self._bodies: OrderedDict[str, bytes | None] = OrderedDict()

    async def get(self, url: str, page_url: str, policy: str = "") -> bytes | None:
        """Return the body at `url`, None if there is none worth having.

        page_url, policy: the page that shows it, and what of that its server is told
        """
        async with self._turn:
            if url not in self._bodies:
                self._bodies[url] = await self._fetch(url, page_url, policy)
                if len(self._bodies) > REMEMBERED:
                    self._bodies.popitem(last=False)
            return self._bodies[url]

    async def _fetch(self, url: str, page_url: str, policy: str) -> bytes | None:
        try:
            body, is_whole, _ = await self._client.read(
                url, MOST_BYTES, page_url=page_url, policy=policy
            )
        except FetchError as error:
            logger.info("no cover: %s", error)
            return None
        return body if is_whole else None
