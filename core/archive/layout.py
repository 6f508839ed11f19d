"""What an archive will hold, known before its first byte: entries, sizes, and its whole length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zipfile import ZIP_FILECOUNT_LIMIT

from ..models import Head, MediaItem, Stored
from ..names import Names, name_for
from ..sink import Sink
from ..transfer.base import Transfer
from .thread import Begin

FAILED = "_failed.txt"
# Of the end of a directory that counts further than a plain ZIP: zipstream-ng writes it from
# 65,535 entries on, and counts it from 65,536 on.
_ZIP64_END = 56 + 20


@dataclass(frozen=True, slots=True)
class Layout:
    """The entries of an archive, all of them of known size, and its length in bytes.

    failed: what the last entry says of the items that are not there
    """

    items: tuple[MediaItem, ...]
    entries: tuple[Begin, ...]
    failed: tuple[str, ...]
    length: int


class Sizes(Sink):
    """Asks for each item, but fetches none: notes what its answer says of it."""

    name = "sizes"

    def __init__(self) -> None:
        self.are_known = True
        self._found: dict[int, tuple[MediaItem, Head]] = {}  # by the place in the line
        self._places = 0

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        self._places, place = self._places + 1, self._places
        head = await transfer.open()
        self._found[place] = item, head
        if head.size is None:
            self.are_known = False
        return Stored("", 0)

    def layout(self, failed: Sequence[str]) -> Layout:
        """The archive of all that was found."""
        found = [self._found[place] for place in sorted(self._found)]
        names, now = Names([FAILED]), datetime.now(UTC)
        entries = tuple(
            Begin(names.reserve(name_for(item, head)), item.date or head.date or now, head.size)
            for item, head in found
        )
        last = [Begin(FAILED, now, len(text_of(failed)))] if failed else []
        length = length_of([*entries, *last])
        return Layout(tuple(item for item, _ in found), entries, tuple(failed), length)


def length_of(entries: Iterable[Begin]) -> int:
    """Bytes of an archive of these entries, whose sizes are known."""
    from zipstream import ZipStream

    archive = ZipStream(sized=True)
    for each in entries:
        archive.add(iter(()), each.name, size=each.size)
    exact = archive.num_queued() != ZIP_FILECOUNT_LIMIT
    return len(archive) + (0 if exact else _ZIP64_END)


def failure(url: str, error: object) -> str:
    """A line of the last entry."""
    return " ".join(f"{url}: {error}".split())


def text_of(failed: Iterable[str]) -> bytes:
    """What the last entry says."""
    return "".join(f"{each}\n" for each in failed).encode()
