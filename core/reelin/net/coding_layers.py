"""The content codings that are undone here (RFC 9110, 8.4.1), piece by piece."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

from ..model.sniff import is_binary, sniff

_ZLIB_OR_GZIP = 47  # zlib's window bits for "either, by its header"
_RAW_DEFLATE = -15  # what some servers mean by deflate: no header at all
_PACKED = ("application/gzip", "application/zstd", "application/x-compress")  # said as deflate
_STARTS = {"gzip": b"\x1f\x8b", "compress": b"\x1f\x9d", "zstd": b"\x28\xb5\x2f\xfd"}
_TELLING = 64  # bytes from which a body is known to be in a coding or not
PIECE = 1 << 20  # bytes: however much a chunk grows, it is passed on in pieces of this size


class UnknownCoding(Exception):
    """A body is in a coding that cannot be undone here."""


class _Undo(Protocol):
    """Undoes a coding. `is_over`: what it was to undo has ended.

    `decode` gives what a chunk means, and raises `zlib.error` for what is broken.
    """

    is_over: bool

    def decode(self, chunk: bytes) -> Iterator[bytes]: ...


class CodingLayer:
    """One coding of a body, if its beginning shows that it has it.

    is_sure: whether it has it, unless it begins as a file that is in none
    is_over: whether its end has come; what follows is no part of the body
    """

    def __init__(self, coding: str, *, is_sure: bool) -> None:
        self.is_over = False
        self._is_sure = is_sure
        self._coding = coding
        self._start = b""
        self._is_begun = False
        self._undo: _Undo | None = None

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """Give what a further chunk means. Raises `zlib.error`, `UnknownCoding`."""
        if not self._is_begun:
            self._start += chunk
            if len(self._start) < _TELLING:
                return
            chunk = self._begin()
        yield from self._further(chunk)

    def finish(self) -> Iterator[bytes]:
        """Give what is left at the end. Raises as `decode` does, also for what is cut."""
        if not self._is_begun:
            yield from self._further(self._begin())
        if self._undo is not None and not self._undo.is_over:
            raise zlib.error("it ended too early")

    def _begin(self) -> bytes:
        self._is_begun = True
        self._undo = _undo(self._coding, self._start, is_sure=self._is_sure)
        return self._start

    def _further(self, chunk: bytes) -> Iterator[bytes]:
        if self._undo is None:
            if chunk:
                yield chunk
            return
        yield from self._undo.decode(chunk)
        self.is_over = self._undo.is_over


def _undo(coding: str, start: bytes, *, is_sure: bool) -> _Undo | None:
    """Return what undoes a coding; None for a body that is not in it. Raises `UnknownCoding`."""
    if not start or _is_plain(coding, start):
        return None
    if coding in ("gzip", "deflate"):
        is_headed = start.startswith(_STARTS["gzip"]) or _is_zlib(start)
        if is_headed or is_sure:
            return _Inflate(raw=coding == "deflate" and not is_headed)
        return None
    if not is_sure and not start.startswith(_STARTS.get(coding, b"\0")):
        return None
    with suppress(ImportError):  # without the extra `fast`
        if coding == "br":
            return _Brotli()
        if coding == "zstd":
            return _Zstandard()
    raise UnknownCoding(coding)


def _is_plain(coding: str, start: bytes) -> bool:
    """Whether a body begins as no body in that coding does, and as files do that are in none."""
    mark = _STARTS.get(coding)
    if mark is None:
        is_text = start.lstrip()[:1] in (b"<", b"{", b"[") and not is_binary(start)
        return is_text or sniff(start) not in (None, *_PACKED)
    if start.startswith(mark) or (coding == "gzip" and _is_zlib(start)):
        return False
    return sniff(start) is not None or not is_binary(start)


def _is_zlib(start: bytes) -> bool:
    """Whether a body begins as RFC 1950, 2.2 says."""
    return len(start) > 1 and start[0] & 15 == 8 and int.from_bytes(start[:2]) % 31 == 0


class _Inflate:
    def __init__(self, *, raw: bool) -> None:
        self.is_over = False
        self._stream = zlib.decompressobj(_RAW_DEFLATE if raw else _ZLIB_OR_GZIP)

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            if self._stream.eof:
                if not _STARTS["gzip"].startswith(chunk[:2]):
                    return
                # A further member follows the one that ended (RFC 1952, 2.2).
                self._stream = zlib.decompressobj(_ZLIB_OR_GZIP)
            plain = self._stream.decompress(chunk, PIECE)
            chunk = self._stream.unconsumed_tail or self._stream.unused_data
            self.is_over = self._stream.eof
            if plain:
                yield plain


class _Brotli:
    def __init__(self) -> None:
        import brotli

        self.is_over = False
        self._stream = brotli.Decompressor()
        self._error = brotli.error

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        while not self.is_over:
            try:
                plain = self._stream.process(chunk, output_buffer_limit=PIECE)
            except self._error as error:
                raise zlib.error(str(error)) from None
            self.is_over = self._stream.is_finished()
            if not plain:
                return
            yield plain
            chunk = b""


class _Zstandard:
    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        self.is_over = False
        self._make = zstd.ZstdDecompressor
        self._stream = self._make()
        self._error = zstd.ZstdError

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        while True:
            if self._stream.eof:
                chunk = self._stream.unused_data
                if not chunk.startswith(_STARTS["zstd"]):
                    return
                self._stream = self._make()  # a further frame (RFC 8878, 3.1)
            try:
                plain = self._stream.decompress(chunk, PIECE)
            except self._error as error:
                raise zlib.error(str(error)) from None
            self.is_over = self._stream.eof
            if plain:
                yield plain
            if not self.is_over and self._stream.needs_input:
                return
            chunk = b""
