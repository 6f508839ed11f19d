"""Undoing the content coding of a body that was asked for without one."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

from ..model.errors import FetchError, Transient

_ZLIB_OR_GZIP = 47  # zlib's window bits for "either, by its header"
_MAGIC = b"\x1f\x8b"
PIECE = 1 << 20  # bytes: however much a chunk grows, it is passed on in pieces of this size


class Decoder:
    """Decodes one body, piece by piece. Only gzip and deflate, the codings of careless servers."""

    def __init__(self, headers: Mapping[str, str], url: str) -> None:
        coding = headers.get("Content-Encoding", "").strip().lower()
        if coding not in ("gzip", "x-gzip", "deflate"):
            raise FetchError(f"{url}: sent as {coding!r}, although asked for as it is", url=url)
        self._url = url
        self._stream = zlib.decompressobj(_ZLIB_OR_GZIP)
        self.is_over = False  # what follows the end is no part of the body

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """Give what a further chunk means. Raises `Transient` for what is not in that coding."""
        while chunk:
            if self._stream.eof and not self._begins_member(chunk):
                self.is_over = True
                return
            try:
                plain = self._stream.decompress(chunk, PIECE)
            except zlib.error as error:
                raise Transient(f"{self._url}: broken gzip: {error}", url=self._url) from None
            chunk = self._stream.unconsumed_tail or self._stream.unused_data
            if plain:
                yield plain

    def _begins_member(self, chunk: bytes) -> bool:
        """Whether a further member follows the one that ended (RFC 1952, 2.2)."""
        if not _MAGIC.startswith(chunk[:2]):
            return False
        self._stream = zlib.decompressobj(_ZLIB_OR_GZIP)
        return True

    def finish(self) -> None:
        """Note that the body has ended. Raises `Transient` when it ended in the middle."""
        if not self._stream.eof:
            raise Transient(f"{self._url}: the gzip body ended too early", url=self._url)
