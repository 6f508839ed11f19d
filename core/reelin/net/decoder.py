"""Content codings (RFC 9110, 8.4): which ones a body really has, and how one is undone."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from multidict import MultiMapping

from ..model.errors import FetchError, Transient

_ZLIB_OR_GZIP = 47  # zlib's window bits for "either, by its header"
_RAW_DEFLATE = -15  # what some servers mean by deflate: no header at all
_MAGIC = b"\x1f\x8b"
PIECE = 1 << 20  # bytes: however much a chunk grows, it is passed on in pieces of this size

# RFC 9110, 8.4.1, RFC 7932, RFC 8878, RFC 9842. What stands there else (`UTF-8`, `aws-chunked`,
# `none`) is no coding: object stores hand out whatever was said when the object was uploaded.
_CODINGS = {
    "br": "br",
    "compress": "compress",
    "dcb": "dcb",
    "dcz": "dcz",
    "deflate": "deflate",
    "gzip": "gzip",
    "x-compress": "compress",
    "x-gzip": "gzip",
    "zstd": "zstd",
}
# Files that are compressed themselves, and that servers label with a coding by their ending. To
# undo it would leave another file than the one that its name and its checksum are of.
_PACKED_TYPES = {
    "gzip": frozenset(
        [
            "application/gzip",
            "application/gzip-compressed",
            "application/gzipped",
            "application/x-compressed-tar",
            "application/x-gtar-compressed",
            "application/x-gunzip",
            "application/x-gzip",
            "application/x-gzip-compressed",
            "application/x-tgz",
        ]
    ),
    "compress": frozenset(["application/x-compress"]),
    "zstd": frozenset(["application/zstd", "application/x-zstd"]),
}
_PACKED_ENDINGS = {
    "gzip": (".gz", ".tgz", ".svgz", ".taz", ".vgz", ".emz", ".wmz"),
    "br": (".br",),
    "compress": (".z", ".taz"),
    "zstd": (".zst", ".tzst"),
}


def codings_of(headers: Mapping[str, str]) -> list[str]:
    """Return the content codings that headers name, in their order, without what is none."""
    name = "Content-Encoding"
    if name not in headers:
        return []
    lines = headers.getall(name) if isinstance(headers, MultiMapping) else [headers[name]]
    named = (each.strip().lower() for line in lines for each in line.split(","))
    # Named twice it is still applied once: one program behind another says so again.
    return list(dict.fromkeys(_CODINGS[each] for each in named if each in _CODINGS))


def is_packed_file(coding: str, headers: Mapping[str, str], url: str) -> bool:
    """Whether a coding is that of the file itself, as of an archive, and is to stay."""
    mime = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if mime in _PACKED_TYPES.get(coding, ()):
        return True
    return urlsplit(url).path.lower().endswith(_PACKED_ENDINGS.get(coding, ()))


class Decoder:
    """Decodes one body, piece by piece. Only gzip and deflate, the codings of careless servers.

    Raises `FetchError` for other codings, and for several.
    """

    def __init__(self, codings: list[str], url: str) -> None:
        if codings not in (["gzip"], ["deflate"]):
            words = ", ".join(codings)
            raise FetchError(f"{url}: sent as {words!r}, although asked for as it is", url=url)
        self._url = url
        self._may_be_raw = codings == ["deflate"]
        self._stream = zlib.decompressobj(_ZLIB_OR_GZIP)
        self.is_over = False  # what follows the end is no part of the body

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """Give what a further chunk means. Raises `Transient` for what is not in that coding."""
        if self._may_be_raw and chunk:
            self._may_be_raw = False
            # The low half of a zlib header's first byte is 8 (RFC 1950, 2.2), and gzip's is not.
            if chunk[0] & 15 != 8 and chunk[:1] != _MAGIC[:1]:
                self._stream = zlib.decompressobj(_RAW_DEFLATE)
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
