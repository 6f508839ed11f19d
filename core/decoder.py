"""Undoing the content coding of a body that was asked for without one."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from .errors import FetchError, Transient

_ZLIB_OR_GZIP = 47  # zlib's window bits for "either, by its header"
MOST_AT_ONCE = 16 << 20  # bytes that one chunk may become: what grows more is a bomb


class Decoder:
    """Decodes one body, piece by piece. Only gzip and deflate, the codings of careless servers."""

    def __init__(self, headers: Mapping[str, str], url: str) -> None:
        coding = headers.get("Content-Encoding", "").strip().lower()
        if coding not in ("gzip", "x-gzip", "deflate"):
            raise FetchError(f"{url}: sent as {coding!r}, although asked for as it is", url=url)
        self._url = url
        self._stream = zlib.decompressobj(_ZLIB_OR_GZIP)

    def decode(self, chunk: bytes) -> bytes:
        """What a further chunk means. Raises `FetchError` for what is not in that coding."""
        try:
            plain = self._stream.decompress(chunk, MOST_AT_ONCE)
        except zlib.error as error:
            raise Transient(f"{self._url}: broken gzip: {error}", url=self._url) from None
        if self._stream.unconsumed_tail:
            raise FetchError(f"{self._url}: grows without bound when unpacked", url=self._url)
        return plain

    def finish(self) -> None:
        """The body has ended. Raises `Transient` when it ended in the middle."""
        if not self._stream.eof:
            raise Transient(f"{self._url}: the gzip body ended too early", url=self._url)
