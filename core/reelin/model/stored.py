"""The head of an answer, and the receipt of a sink: what is known of bytes before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .media_types import MediaType


@dataclass(frozen=True, slots=True)
class Head:
    """The facts that a transfer knows once its answer has begun, before the body is read.

    url:       where the bytes really come from, after redirects
    mime:      MIME type, from the headers or, where they do not tell, the first bytes
    type:      media type that follows from `mime`
    size:      length of the whole body in bytes, None when not announced
    date:      Last-Modified, with a time zone
    filename:  what Content-Disposition asks for (RFC 6266), unsafe as received
    validator: what names this version of the body: a strong ETag as sent, quotes included, else a
               Last-Modified that is a strong validator (RFC 9110, 8.8); None: nothing does
    """

    url: str
    mime: str | None = None
    type: MediaType | None = None
    size: int | None = None
    date: datetime | None = None
    filename: str | None = None
    validator: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """The receipt of a sink: what was stored, under which name.

    name:    file name (or key, or entry name) within the sink
    size:    bytes
    sha256:  hex digest, None where the sink did not compute one
    new:     False when it was there already, complete and unchanged
    loss:    what of the item an earlier run could not have, in words; empty: nothing
    crc32:   of the bytes, as a ZIP needs it (`Kept`), None where the sink did not compute one
    """

    name: str
    size: int
    sha256: str | None = None
    new: bool = True
    loss: str = ""
    crc32: int | None = None
