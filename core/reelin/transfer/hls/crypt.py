"""Segments encrypted as a whole: AES-128, CBC, PKCS7 padding (RFC 8216bis, 4.4.4.4)."""

from __future__ import annotations

import asyncio
from functools import partial

from ...media.m3u8 import Key
from ...model.errors import FetchError
from ...model.item import MediaItem
from ...net.client import Client
from ...net.retry import Note, persistently
from .body import Body, count_bytes
from .check import drop_padding

KEY_BYTES = 16
MOST_KEY_BYTES = 4096  # read of an answer that should be a key


class Keys:
    """The keys of one item, each fetched once.

    note: hears of attempts that are made again
    """

    def __init__(self, client: Client, item: MediaItem, note: Note) -> None:
        self._client = client
        self._item = item
        self._note = note
        self._known: dict[str, asyncio.Task[bytes]] = {}

    async def close(self) -> None:
        """Stop what is still being fetched."""
        for task in self._known.values():
            task.cancel()
        await asyncio.gather(*self._known.values(), return_exceptions=True)

    def forget_failures(self) -> None:
        """Have keys that could not be had asked for again when they are needed again."""
        self._known = {uri: task for uri, task in self._known.items() if not _has_failed(task)}

    async def decrypt(self, body: Body, key: Key, iv: bytes, url: str) -> None:
        """Make a segment plain, where it is, and take its padding from it.

        Raises `FetchError` where the key does not fit.
        """
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        size = count_bytes(body)
        if not size or size % 16:
            words = f"{url}: {size} bytes are no segment encrypted with AES-128"
            raise FetchError(words, url=url)
        cipher = Cipher(algorithms.AES(await self._get_secret(key)), modes.CBC(iv)).decryptor()
        for at in range(len(body)):
            body[at] = cipher.update(body[at])  # whole blocks: of some pieces nothing comes yet
            # Others have their turn after some 0.1 ms. A thread takes longer to come to it, and
            # as much memory again.
            await asyncio.sleep(0)
        drop_padding(body, url)

    async def _get_secret(self, key: Key) -> bytes:
        if key.uri not in self._known:
            self._known[key.uri] = asyncio.create_task(self._fetch(key))
        # One that stops waiting does not take the key away from the others.
        return await asyncio.shield(self._known[key.uri])

    async def _fetch(self, key: Key) -> bytes:
        secret = key.inline
        if secret is None:
            ask, network = partial(self._request, key.uri), self._client.network
            secret = await persistently(ask, network, self._note)
        if len(secret) != KEY_BYTES:
            where = key.uri[:200]
            raise FetchError(
                f"{where}: a key has {KEY_BYTES} bytes, this has {len(secret)}", url=where
            )
        return secret

    async def _request(self, url: str) -> bytes:
        body, _, _ = await self._client.read(
            url,
            MOST_KEY_BYTES,
            headers=self._item.headers,
            page_url=self._item.page_url,
            policy=self._item.referrer_policy,
            home=self._item.url,
        )
        return body


def _has_failed(task: asyncio.Task[bytes]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None
