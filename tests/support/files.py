"""Files of a scripted server: served by the book, broken off, or with lies about ranges."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from time import time

from .loopback import Answer, Request, Wire

LONG_AGO = formatdate(1_500_000_000, usegmt=True)
MIB = 1 << 20


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that look like no known format, the same for the same seed."""
    return b"\x00\x00\x00\x20" + random.Random(seed).randbytes(size - 4)


@dataclass
class File:
    """One version of a resource, and the answers that a server may give about it.

    The file itself is the honest answer (RFC 9110, sections 13.1.5 and 14).
    """

    body: bytes
    etag: str | None = '"version-1"'
    modified: str | None = None
    dated: bool = True  # whether answers carry Date
    mime: str = "video/mp4"
    more: dict[str, str] = field(default_factory=dict)

    def __call__(self, request: Request, wire: Wire) -> None:
        first, size = request.first, len(self.body)
        if first is None or not self._matches(request.headers.get("if-range")):
            self.whole(request, wire)
        elif first >= size:
            wire.head(416, {"Content-Range": f"bytes */{size}", "Content-Length": 0})
        else:
            self.part(request, wire)

    def whole(self, request: Request, wire: Wire) -> None:
        """All of it, whatever was asked for."""
        wire.head(200, self.headers() | {"Content-Length": len(self.body)})
        wire.send(self.body)

    def part(self, request: Request, wire: Wire) -> None:
        """What was asked for, without a look at If-Range."""
        start = request.first or 0
        end = min(len(self.body), (request.last or len(self.body)) + 1)
        wire.head(
            206,
            self.headers()
            | {
                "Content-Range": f"bytes {start}-{end - 1}/{len(self.body)}",
                "Content-Length": end - start,
            },
        )
        wire.send(self.body[start:end])

    def broken_off(self, after: int, *, reset: bool = False) -> Answer:
        """The whole is announced, `after` bytes come, the connection ends."""

        def answer(request: Request, wire: Wire) -> None:
            start = self._begin(request, wire)
            wire.send(self.body[start : start + after])
            wire.pause(0.05)  # what was sent has time to arrive, and to be read
            if reset:
                wire.reset()
            else:
                wire.close()

        return answer

    def trickling(self, after: int) -> Answer:
        """The first `after` bytes come at once, the others one by one."""

        def answer(request: Request, wire: Wire) -> None:
            start = self._begin(request, wire)
            wire.send(self.body[start : start + after])
            for at in range(start + after, len(self.body)):
                wire.pause(0.03)
                wire.send(self.body[at : at + 1])

        return answer

    def stalling(self, after: int) -> Answer:
        """The whole is announced, `after` bytes come, then nothing."""

        def answer(request: Request, wire: Wire) -> None:
            start = self._begin(request, wire)
            wire.send(self.body[start : start + after])
            wire.stall()

        return answer

    def lying(
        self,
        content_range: Callable[[int, int], str | None],
        body: Callable[[bytes, int], bytes] = lambda whole, start: whole[start:],
        **headers: str,
    ) -> Answer:
        """206 with a Content-Range made of (start, total), and a body made of (whole, start)."""

        def answer(request: Request, wire: Wire) -> None:
            if request.first is None:
                self.whole(request, wire)
                return
            sent = body(self.body, request.first)
            value = content_range(request.first, len(self.body))
            more = {"Content-Range": value} if value is not None else {}
            more |= {name.replace("_", "-"): text for name, text in headers.items()}
            wire.head(206, self.headers() | {"Content-Length": len(sent)} | more)
            wire.send(sent)

        return answer

    def headers(self) -> dict[str, object]:
        """The headers that all answers of this version share."""
        known = {
            "Content-Type": self.mime,
            "Date": formatdate(time(), usegmt=True) if self.dated else None,
            "ETag": self.etag,
            "Last-Modified": self.modified,
            **self.more,
        }
        return {name: value for name, value in known.items() if value is not None}

    def _matches(self, if_range: str | None) -> bool:
        if if_range is None:
            return True
        strong = self.etag is not None and not self.etag.startswith("W/")
        return if_range == self.modified or (strong and if_range == self.etag)

    def _begin(self, request: Request, wire: Wire) -> int:
        """Announce what an honest answer would; where its body begins."""
        start, size = request.first or 0, len(self.body)
        if not start or not self._matches(request.headers.get("if-range")):
            wire.head(200, self.headers() | {"Content-Length": size})
            return 0
        sent = {"Content-Range": f"bytes {start}-{size - 1}/{size}", "Content-Length": size - start}
        wire.head(206, self.headers() | sent)
        return start
