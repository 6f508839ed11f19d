"""The layout of an archive, known before its first byte: entries, sizes, its whole length."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from ..disk.names import Names, name_for
from ..model.errors import FetchError, UsageError
from ..model.item import MediaItem, as_data, file_identity, item_from
from ..model.stored import Head, Stored
from ..net.versions import Version, version_from_token
from ..plugins.sink import Sink
from ..plugins.transfer import Transfer
from .checksums import NOTHING, Check
from .format import measure_archive, measure_frame
from .thread import Begin

FAILED = "_failed.txt"
# Of what has no date: the first that a ZIP can tell. The same one whenever it is made.
UNDATED = datetime(1980, 1, 1, tzinfo=UTC)
_UNSIZED = "left out, as its server does not say how large it is"
_FORMAT = 1  # of the text that a layout is kept as


@dataclass(frozen=True, slots=True)
class Planned:
    """An entry of a layout.

    version: of the body whose size it has; None where the transfer knows none
    checks:  what is known of its checksum
    """

    item: MediaItem
    begin: Begin
    version: Version | None
    checks: tuple[Check, ...] = ()

    @property
    def is_named(self) -> bool:
        """Whether its server says which version it sends."""
        return self.version is not None and self.version.if_range is not None

    async def open(self, transfer: Transfer) -> None:
        """Begin its body, or what is still needed of it. Raises as `check` does."""
        if self.begin.passed is None:
            await transfer.open()
        elif self.version is None or not self.is_named:
            raise self._change_error("its server does not say which version it sends")
        elif self.begin.offset:
            await transfer.open_at(self.begin.offset, self.version)
        else:
            await transfer.open()
        self.check(transfer, transfer.head.size)

    def check(self, transfer: Transfer, size: int | None) -> None:
        """Raise `FetchError` for another body than was promised."""
        if self.begin.size != size:
            raise self._change_error(f"it has {size} bytes now, not {self.begin.size} as before")
        if self.is_named and transfer.version != self.version:
            raise self._change_error("it is another version now")

    def continue_at(self, behind: int) -> Planned:
        """Return the entry for a reader who has `behind` bytes of its body, and perhaps more."""
        passed = max(each for each in (NOTHING, *self.checks) if each[0] <= behind)
        # Not by `replace`: there may be 70,000, and the event loop waits.
        begin = Begin(self.begin.name, self.begin.date, self.begin.size, passed)
        return Planned(self.item, begin, self.version, self.checks)

    def _change_error(self, problem: str) -> FetchError:
        return FetchError(f"{self.item.url}: {problem}", url=self.item.url)


@dataclass(frozen=True, slots=True)
class Layout:
    """The content of an archive, to the byte: two of the same layout are the same archive.

    filename: a name for it, safe on every system
    entries:  the items, in order, all of them of known size
    failed:   what the last entry says of the items that are not there
    length:   bytes
    salt:     what else tells it from others
    unsized:  the items that it has no place for, as their sizes are not known; `failed` names them
    """

    filename: str
    entries: tuple[Planned, ...]
    failed: tuple[str, ...]
    length: int
    salt: str
    unsized: tuple[MediaItem, ...] = ()

    @property
    def etag(self) -> str:
        """A strong entity tag (RFC 9110, 8.8.3), quotes included."""
        entries = [
            [
                *file_identity(each.item),
                each.begin.name,
                each.begin.date.isoformat(),
                each.begin.size,
                (each.version.etag, each.version.last_modified) if each.version else None,
            ]
            for each in self.entries
        ]
        text = json.dumps([entries, self.failed, self.length, self.salt])
        return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'

    def continue_at(self, start: int) -> list[Planned]:
        """Return its entries for a reader who has the first `start` bytes of the archive."""
        entries = list(self.entries)
        at = 0
        for number, each in enumerate(entries):
            before, after = measure_frame(each.begin.name, each.begin.size)
            if at + before >= start:
                break
            entries[number] = each.continue_at(start - at - before)
            at += before + (each.begin.size or 0) + after
        return entries

    def only(self, numbers: Iterable[int]) -> Layout:
        """Return the layout of an archive of some of its entries, in the order that they have here.

        numbers: of the entries, from 0; what failed is left out

        Raises `UsageError` where there is no such entry, and where none is picked.
        """
        picked = sorted(set(numbers))
        if not picked:
            raise UsageError("no entry of the layout is picked")
        if picked[0] < 0 or picked[-1] >= len(self.entries):
            wrong = picked[0] if picked[0] < 0 else picked[-1]
            raise UsageError(f"entry {wrong}: the layout has {len(self.entries)}, from 0 on")
        entries = tuple(self.entries[number] for number in picked)
        length = measure_archive((each.begin.name, each.begin.size) for each in entries)
        salt = "" if all(each.is_named for each in entries) else self.salt
        return Layout(self.filename, entries, (), length, salt)

    def to_json(self) -> str:
        """Return the layout as text, for `from_json` in a later process.

        Like the items it holds request headers, so it may hold secrets.
        """
        kept = {
            "version": _FORMAT,
            "filename": self.filename,
            "entries": [_to_json(each) for each in self.entries],
            "failed": self.failed,
            "length": self.length,
            "salt": self.salt,
            "unsized": [as_data(each) for each in self.unsized],
        }
        return json.dumps(kept)

    @classmethod
    def from_json(cls, text: str) -> Layout:
        """Read what `to_json` wrote. Raises `UsageError` for anything else."""
        try:
            kept = json.loads(text)
            if kept["version"] != _FORMAT:
                raise UsageError(f"a layout of version {kept['version']} is not known here")
            return cls(
                str(kept["filename"]),
                tuple(_from_json(each) for each in kept["entries"]),
                tuple(map(str, kept["failed"])),
                int(kept["length"]),
                str(kept["salt"]),
                tuple(item_from(each) for each in kept.get("unsized", ())),
            )
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"this is no layout of an archive: {error!r}") from None

    def with_checks(self, checks: Iterable[tuple[Check, ...]]) -> Layout:
        """Return a copy with the checksums of its entries that are known by now."""
        known = zip(self.entries, checks, strict=True)
        return replace(self, entries=tuple(replace(each, checks=new) for each, new in known))


class Sizes(Sink):
    """A sink that asks for each item, but fetches none: it notes what its answer says."""

    name = "sizes"

    def __init__(self) -> None:
        self.are_known = True
        self._found: dict[int, tuple[MediaItem, Head, Version | None]] = {}  # by place in the line
        self._places = 0

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        self._places, place = self._places + 1, self._places
        head = await transfer.open()
        self._found[place] = item, head, transfer.version
        if head.size is None:
            self.are_known = False
        return Stored("", 0)

    def make_layout(self, filename: str, failed: Sequence[str]) -> Layout:
        """Return the layout of all that was found, as an archive called `filename`."""
        unsized = [item for item, head, _ in self._found.values() if head.size is None]
        words = (describe_failure(each.url, _UNSIZED) for each in unsized)
        failed = sorted([*failed, *words])  # they failed in any order
        names = Names([FAILED])
        entries = []
        for place in sorted(self._found):
            item, head, version = self._found[place]
            if head.size is None:
                continue
            name = names.reserve(name_for(item, head))
            begin = Begin(name, item.date or head.date or UNDATED, head.size)
            entries.append(Planned(item, begin, version))
        begins = [each.begin for each in entries]
        if failed:
            begins.append(Begin(FAILED, UNDATED, len(format_failures(failed))))
        # Where a server does not say which version it sends, two archives are never the same.
        salt = "" if all(each.is_named for each in entries) else uuid4().hex
        length = measure_archive((each.name, each.size) for each in begins)
        return Layout(filename, tuple(entries), tuple(failed), length, salt, tuple(unsized))


def _to_json(planned: Planned) -> dict[str, Any]:
    item, begin = planned.item, planned.begin
    return {
        "item": as_data(item),
        "name": begin.name,
        "date": begin.date.isoformat(),
        "size": begin.size,
        "version": planned.version.as_token() if planned.version is not None else None,
        "checks": planned.checks,
    }


def _from_json(kept: Any) -> Planned:
    return Planned(
        item_from(kept["item"]),
        Begin(str(kept["name"]), datetime.fromisoformat(kept["date"]), int(kept["size"])),
        version_from_token(kept["version"]) if kept["version"] is not None else None,
        tuple((int(size), int(crc)) for size, crc in kept["checks"]),
    )


def describe_failure(url: str, error: object) -> str:
    """Return a line of the last entry."""
    return " ".join(f"{url}: {error}".split())


def format_failures(failed: Iterable[str]) -> bytes:
    """Return what the last entry says."""
    return "".join(f"{each}\n" for each in failed).encode()
