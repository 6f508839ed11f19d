"""The bytes of one segment, gathered as they arrive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ...media.m3u8 import ByteRange
from ...model.errors import FetchError, Transient
from ...net.response import Response
from ...net.versions import parse_content_range
from .containers import BOXES
from .room import Share

# In pieces as they came: to put them together would be to copy them once more.
Body: TypeAlias = list[bytes]

MOST_BYTES = 256 << 20  # of one segment
_SMALL = 1 << 16  # bytes up to which a piece is put together with the next


def count_bytes(body: Iterable[bytes]) -> int:
    """Return the number of bytes of a body."""
    return sum(map(len, body))


def get_start(body: Body, size: int) -> bytes:
    """Return the first bytes of a body, at most `size` of them."""
    start = b""
    for piece in body:
        start += piece[: size - len(start)]
        if len(start) == size:
            break
    return start


def get_piece(body: Body, at: int, size: int) -> bytes:
    """Return some bytes of a body from a place on; fewer at its end."""
    for number, piece in enumerate(body):
        if at < len(piece):
            found = piece[at : at + size]
            if len(found) < size and number + 1 < len(body):
                found += get_start(body[number + 1 :], size - len(found))
            return found
        at -= len(piece)
    return b""


def drop_start(body: Body, size: int) -> None:
    """Take the first `size` bytes from a body."""
    while size and body:
        piece = body.pop(0)
        if len(piece) > size:
            body.insert(0, piece[size:])
        size -= min(size, len(piece))


def drop_end(body: Body, size: int) -> None:
    """Take the last `size` bytes from a body."""
    while size and body:
        piece = body.pop()
        if len(piece) > size:
            body.append(piece[:-size])
        size -= min(size, len(piece))


async def read_whole(response: Response, share: Share | None) -> Body:
    """Read a body, whole and of its announced length. Raises `FetchError`."""
    url = response.url
    if response.status == 204:
        return []
    if response.status != 200:
        raise FetchError(f"{url}: status {response.status} is not the whole", url=url)
    return await _read_all(response, MOST_BYTES, share)


async def read_range(response: Response, wanted: ByteRange, share: Share | None) -> Body:
    """Read the range that was asked for, of an answer that is exactly that, or the whole.

    Raises `FetchError`.
    """
    start, length = wanted
    url = response.url
    if length > MOST_BYTES:
        raise FetchError(f"{url}: a segment of more than {MOST_BYTES} bytes", url=url)
    if response.status == 206:
        sent = parse_content_range(response.headers.get("Content-Range"))
        if sent is None or sent[:2] != (start, start + length - 1):
            raise FetchError(f"{url}: other bytes than {start}+{length} came", url=url)
        body = await _read_all(response, length, share)
    else:
        body = await _cut_out(response, start, length, share)
    if count_bytes(body) != length:
        raise FetchError(f"{url}: {count_bytes(body)} bytes came instead of {length}", url=url)
    return body


async def _read_all(response: Response, most: int, share: Share | None) -> Body:
    body: Body = []
    size = 0
    async for chunk in response.chunks():
        size += len(chunk)
        if size > most:
            raise FetchError(
                f"{response.url}: a segment of more than {most} bytes", url=response.url
            )
        await _append(body, chunk, share)
    if response.length is not None and size != response.length:
        raise Transient(f"{response.url}: {size} of {response.length} bytes came", url=response.url)
    if not response.is_framed and _breaks_off(b"".join(body)):
        raise Transient(f"{response.url}: it breaks off after {size} bytes", url=response.url)
    return body


def _breaks_off(body: bytes) -> bool:
    """Whether a body whose end nobody announced ends within a packet, or within a box."""
    if body[:565:188] == b"\x47" * 4:
        return len(body) % 188 != 0
    at = 0 if body[4:8] in BOXES else len(body)
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(body[at + 8 : at + 16], "big")
        elif size == 0:  # to the end, wherever that is
            return False
        at += max(8, size)
    return at > len(body)


async def _cut_out(response: Response, start: int, length: int, share: Share | None) -> Body:
    """Cut a range out of the whole; what lies behind it is not waited for."""
    body: Body = []
    before, left = 0, length
    async for chunk in response.chunks():
        wanted = chunk[max(0, start - before) :][:left]
        before += len(chunk)
        left -= len(wanted)
        await _append(body, wanted, share)
        if not left:
            break
    return body


async def _append(body: Body, chunk: bytes, share: Share | None) -> None:
    if share is not None:
        await share.take(len(chunk))
    if body and len(body[-1]) < _SMALL:
        body[-1] += chunk
    else:
        body.append(chunk)
