"""Content codings (RFC 9110, 8.4): which ones a body really has, and how one is undone."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from multidict import MultiMapping

from ..model.errors import FetchError, Transient
from .coding_layers import CodingLayer, UnknownCoding

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
_NAMED = re.compile(r"filename\*?\s*=\s*\"?([^\";]*)", re.IGNORECASE)
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
    return [_CODINGS[each] for each in named if each in _CODINGS]


def is_packed_file(coding: str, headers: Mapping[str, str], url: str) -> bool:
    """Whether a coding is that of the file itself, as of an archive, and is to stay."""
    mime = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if mime in _PACKED_TYPES.get(coding, ()):
        return True
    endings = _PACKED_ENDINGS.get(coding, ())
    named = _NAMED.search(headers.get("Content-Disposition", ""))
    if named is not None and named[1].lower().endswith(endings):
        return True
    return urlsplit(url).path.lower().endswith(endings)


class Decoder:
    """Decodes one body, piece by piece.

    A known file or a text that is not in the coding which its headers name is given as it is:
    programs behind one another take a coding off and go on naming it, or name it twice.
    """

    def __init__(self, codings: list[str], url: str) -> None:
        self._layers = [
            CodingLayer(each, is_sure=each not in codings[number + 1 :])
            for number, each in reversed(list(enumerate(codings)))
        ]
        self._words = ", ".join(codings)
        self._url = url

    @property
    def is_over(self) -> bool:
        """Whether the end has come; what follows it is no part of the body."""
        return self._layers[0].is_over

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """Give what a further chunk means.

        Raises `Transient` for what is broken, `FetchError` for what cannot be undone here.
        """
        return self._name_failures(self._through(chunk, 0))

    def finish(self) -> Iterator[bytes]:
        """Give what is left at the end. Raises as `decode` does, also for what is cut."""
        return self._name_failures(self._rest(0))

    def _through(self, chunk: bytes, depth: int) -> Iterator[bytes]:
        if depth == len(self._layers):
            yield chunk
            return
        for piece in self._layers[depth].decode(chunk):
            yield from self._through(piece, depth + 1)

    def _rest(self, depth: int) -> Iterator[bytes]:
        if depth < len(self._layers):
            for piece in self._layers[depth].finish():
                yield from self._through(piece, depth + 1)
            yield from self._rest(depth + 1)

    def _name_failures(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Give the pieces; what goes wrong with them as errors of our own, with URL and codings."""
        try:
            yield from pieces
        except UnknownCoding:
            words = f"sent as {self._words!r}, although asked for as it is"
            raise FetchError(f"{self._url}: {words}", url=self._url) from None
        except zlib.error as error:
            broken = f"{self._url}: broken {self._words!r}: {error}"
            raise Transient(broken, url=self._url) from None
