"""The part of an archive that a request asks for, and the head of the answer to it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from ..model.errors import UsageError

_RANGE = re.compile(r"bytes\s*=\s*(\d{1,18})\s*-\s*(\d{1,18})?", re.IGNORECASE)


class Wanted(NamedTuple):
    """The part of an archive that a request asks for: arguments of `Session.stream_zip`."""

    start: int = 0
    stop: int | None = None
    etag: str | None = None

    def check(self) -> None:
        """Raise `UsageError` for a part that no archive can have."""
        if self.start < 0:
            raise UsageError(f"start={self.start}: bytes are counted from 0")
        if self.stop is not None and self.stop <= self.start:
            start = f"start={self.start}"
            raise UsageError(f"stop={self.stop}: nothing lies between that and {start}")


def resume_point(headers: Mapping[str, str], *, is_fixed: bool = False) -> Wanted:
    """Return where a request wants to go on, and how far.

    headers:  of the request: Range and If-Range (RFC 9110, 14.2 and 13.1.5)
    is_fixed: whether its URL has always the same archive, of one layout. Elsewhere a request that
              does not say of which version it has the beginning gets all of it

    All of it is what comes of other ranges, too: of several, or of the last bytes.
    """
    known = {name.lower(): value.strip() for name, value in headers.items()}
    found = _RANGE.fullmatch(known.get("range", ""))
    etag = known.get("if-range")
    if found is None or (etag is None and not is_fixed):
        return Wanted()
    start, stop = int(found[1]), int(found[2]) + 1 if found[2] else None
    return Wanted(start, stop, etag) if stop is None or start < stop else Wanted()


@dataclass(frozen=True, slots=True)
class ArchiveAnswer:
    """The head of a response that carries an archive, or a part of it.

    length: bytes of the whole archive; None where that is not known
    """

    filename: str
    start: int
    stop: int | None
    length: int | None
    etag: str

    @property
    def content_length(self) -> int | None:
        """Bytes that come, from `start` on; None where that is not known."""
        if self.length is None:
            return None
        return max(0, min(self.length, self.stop or self.length) - self.start)

    @property
    def status(self) -> int:
        """Its status: 200; 206 or 416 where a part was wanted."""
        if not self.start and not self.stop:
            return 200
        return 206 if self.content_length else 416

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers."""
        known = {
            "Content-Type": "application/zip",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(self.filename, safe='')}",
        }
        size = self.content_length
        if size is not None:
            known["Content-Length"] = str(size)
            known["Accept-Ranges"] = "bytes"
            known["ETag"] = self.etag
            if self.status == 206:
                known["Content-Range"] = f"bytes {self.start}-{self.start + size - 1}/{self.length}"
            elif self.status == 416:
                known["Content-Range"] = f"bytes */{self.length}"
        return known


class ArchiveBody(ABC):
    """Base of archives that are the body of a response: what its head says of them."""

    @property
    @abstractmethod
    def _answer(self) -> ArchiveAnswer:
        """The head, by what is known so far."""

    @property
    def content_length(self) -> int | None:
        """Bytes that come, from `start` on; None where that is not known. It may be once open."""
        return self._answer.content_length

    @property
    def status(self) -> int:
        """The status of a response that carries it: 200; 206 or 416 where a part was wanted."""
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of a response that carries it."""
        return self._answer.headers
