"""How much of an answer is read as a page, and what of it: bounds, compressed sitemaps."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import NamedTuple

from ..net.decoder import Decoder
from ..net.response import Response
from ..page.inline_data import PageBytes

MOST_BYTES = 10 << 20  # of a page, without the pictures that stand in it as `data:` addresses
MOST_LISTED = 50 << 20  # of a feed, a sitemap or data, unpacked: what sitemaps.org allows
MOST_RECEIVED = 100 << 20  # whatever is left out
LEAST_PACKED = 4096  # bytes of something compressed that are enough to know what it is
_GZIP = b"\x1f\x8b\x08"
_START = 32768  # bytes that these may become


class PageBody(NamedTuple):
    """The body of a page as far as it was read; `cut_at` is the bound that ended it, in bytes."""

    content: bytes = b""
    cut_at: int | None = None


async def unpacked_start(response: Response) -> bytes:
    """The first bytes of an answer, taken out of gzip. Empty: it is nothing compressed."""
    start = await response.first()
    if not _GZIP.startswith(start[:3]):
        return b""
    start = await response.first(LEAST_PACKED)
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, _START)
    except zlib.error:
        return b""


async def read_body(response: Response, most: int, *, packed: bool = False) -> PageBody:
    """Read an answer up to `most` bytes; `packed`: of what is in it as gzip.

    Raises `Transient` for a body that is broken or ends too early.
    """
    content, received = PageBytes(most), 0
    async for chunk in _unpacked(response) if packed else response.chunks():
        received += len(chunk)
        if not content.add(chunk):
            response.close()
            return PageBody(content.content(), most)
        if received > MOST_RECEIVED:
            response.close()
            return PageBody(content.content(), MOST_RECEIVED)
    return PageBody(content.content())


async def _unpacked(response: Response) -> AsyncIterator[bytes]:
    decoder = Decoder(["gzip"], response.url)
    async for chunk in response.chunks():
        for piece in decoder.decode(chunk):
            yield piece
        if decoder.is_over:  # what stands behind it are zeros, or nothing that anyone reads
            break
    for piece in decoder.finish():
        yield piece
    response.close()
