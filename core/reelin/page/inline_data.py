"""Pictures and fonts that stand in a page as `data:` addresses: megabytes that name nothing."""

from __future__ import annotations

import re

# A payload in base64, its lines perhaps folded, or in percent-encoding; in JSON, slashes are `\/`.
_DATA = re.compile(
    rb"(data:[\w.+/\\-]{1,100}(?:;[\w.=+-]{1,100}){0,4},)"
    rb"(?:[A-Za-z0-9+/=%_.~-]++|\\/|\r?\n[ \t]*(?=[A-Za-z0-9+/=]{8}))*+",
    re.IGNORECASE,
)
_LONGEST_HEAD = 1024  # bytes of an address before its payload, generously
_AT_ONCE = 1 << 20  # bytes


class PageBytes:
    """The body of a page, taken in piece by piece.

    Only beyond `most` bytes the payload of `data:` addresses is left out: so any other page has
    all its bytes, and costs nothing.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: list[bytes] = []
        self._size = 0  # of what is known
        self._fresh = bytearray()
        self._until = most + 1  # fresh bytes that are looked at together

    def add(self, piece: bytes) -> bool:
        """Take in the next bytes of the body; return whether there is room for more."""
        self._fresh += piece
        if len(self._fresh) < min(self._until, self._most + 1 - self._size):
            return True
        self._until = _AT_ONCE
        # An address that goes on in the next piece is looked at again.
        short = _DATA.sub(rb"\1", self._fresh)
        known, rest = short[:-_LONGEST_HEAD], short[-_LONGEST_HEAD:]
        self._known.append(known)
        self._size += len(known)
        self._fresh = bytearray(rest)
        return self._size + len(rest) <= self._most

    def content(self) -> bytes:
        """Return what was taken in, `most` bytes of it."""
        return b"".join((*self._known, self._fresh))[: self._most]
