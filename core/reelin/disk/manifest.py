"""The manifest of a run folder: one line for each file that was completed, appended as it is.

It makes names stable, reruns cheap and `reelin verify` possible. A line is written when a file is
durable and just before its final name appears: a line without its file means nothing. Of several
lines with one URL, or with one name, the last counts: what it succeeds is forgotten.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from ..model.item import ITSELF, MediaItem
from ..model.media_types import path_of
from ..model.stored import Head
from .blocking import write_all
from .durable import sync
from .known import KnownFile, KnownFiles
from .sums import Sums

STATE = ".reelin"
FILE = "manifest.jsonl"
MOST_SPARE = 1000  # lines from which on it is looked how many of them are of use
ADDRESSES = 8  # of one file, that are kept then
_encode = json.JSONEncoder(ensure_ascii=False).encode


class Manifest:
    """The open manifest of one run folder. The caller holds the folder's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.known = KnownFiles(folder)
        path = folder / STATE / FILE
        count = 0
        for line in read_all(path):
            count += 1
            if is_file_line(line):
                self.known.learn(known_file(line))
            elif isinstance(line.get("suspect"), str):
                self.known.suspect(line["suspect"])
        if count > MOST_SPARE and count > 2 * ADDRESSES * self.known.count_names():
            shorten(path)
        self._file = path.open("ab", buffering=0)
        try:
            self._mend_torn_line(path)
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Make all lines durable and close."""
        try:
            sync(self._file.fileno())
        finally:
            self._file.close()

    def add(
        self,
        item: MediaItem,
        head: Head,
        name: str,
        stat: os.stat_result,
        sums: Sums,
        loss: str = "",
    ) -> None:
        """Append the line of a file that is complete. Safe to call from another thread.

        loss: what could not be had of it, in words, though it is all that there will be
        """
        line = {
            "url": item.url,
            "format": item.format,
            "audio": str(item.audio) if item.audio else None,
            "final_url": head.url,
            "name": name,
            "size": stat.st_size,
            "sha256": sums.sha256,
            "crc32": sums.crc32,
            "mtime": stat.st_mtime_ns,
            "type": head.type or item.type,
            "mime": head.mime,
            "date": head.date.isoformat() if head.date else None,
            "validator": head.validator,
            "loss": loss,
            "title": item.title,
            "extractor": item.extractor,
            "origin": ITSELF if item.origin == ITSELF else None,
            "page_url": item.page_url,
            "protocol": item.protocol if item.protocol != "http" else None,
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        known = {key: value for key, value in line.items() if value not in (None, "")}
        self._append(_encode(known).encode() + b"\n")
        entry = known_file(known)
        self.known.learn(entry, is_free=False)
        self.known.claim(entry)

    def add_address(self, item: MediaItem, head: Head, known: KnownFile) -> None:
        """Append, where that can be, that an item with another address has a file that is here."""
        try:
            stat = (self._folder / known.name).stat()
            sums = Sums(known.sha256, known.crc32)
            self.add(item, head, known.name, stat, sums, known.loss)
        except OSError:  # then it is found out again in the next run
            self.known.claim(known)

    def _append(self, line: bytes) -> None:
        """Write a line whole or, on a full disk, not at all."""
        end = self._file.seek(0, os.SEEK_END)
        try:
            write_all(self._file.fileno(), [line])
        except OSError:
            self._file.truncate(end)
            raise

    def _mend_torn_line(self, path: Path) -> None:
        """End a line that a crash cut off, so that the next one stands on its own."""
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    self._file.write(b"\n")


def shorten(path: Path) -> None:
    """Drop the lines that others succeed, and all but the last addresses of each file.

    A page whose links lead to ever new addresses adds a line for each with every run. Where the
    disk refuses, all stays as it is.
    """
    kept: dict[str, deque[tuple[int, dict[str, Any]]]] = {}
    for number, line in enumerate(read_all(path)):
        name = line["name"] if is_file_line(line) else line.get("suspect")
        if not isinstance(name, str):
            continue
        of_name = kept.setdefault(name, deque(maxlen=ADDRESSES))
        if of_name and "sha256" in line and of_name[-1][1].get("sha256") != line["sha256"]:
            of_name.clear()
        of_name.append((number, line))
    lines = sorted((each for of_name in kept.values() for each in of_name), key=itemgetter(0))
    draft = path.with_suffix(".tmp")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(_encode(line) + "\n" for _, line in lines)
            file.flush()
            sync(file.fileno())
        draft.replace(path)
    except (OSError, ValueError):
        with suppress(OSError):
            draft.unlink()


def note_suspects(folder: Path, names: Iterable[str]) -> None:
    """Note files that are not what they were, whatever their size and time; where that can be.

    The next run hashes them before it believes them to be complete.
    """
    lines = [_encode({"suspect": name}).encode() + b"\n" for name in names]
    if lines:
        with suppress(OSError), (folder / STATE / FILE).open("ab", buffering=0) as file:
            file.write(b"".join(lines))


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Read the lines about files, in order. Torn and foreign lines are left out."""
    return filter(is_file_line, read_all(path))


def read_all(path: Path) -> Iterator[dict[str, Any]]:
    """Read all lines of a manifest, in order, also what is said of files that are listed before."""
    try:
        with path.open("rb") as file:
            for raw in file:
                try:
                    line = json.loads(raw)
                except (ValueError, RecursionError):
                    continue
                if isinstance(line, dict):
                    yield line
    except FileNotFoundError:
        return


def is_file_line(line: Mapping[str, Any]) -> bool:
    """Whether a line is about a file that was completed."""
    wanted = {"url": str, "name": str, "size": int, "sha256": str, "mtime": int}
    if any(not isinstance(line.get(key), kind) for key, kind in wanted.items()):
        return False
    # A name is one component: nothing outside the folder is ever looked at.
    return bool(line["name"] == Path(line["name"]).name) and "\0" not in line["name"]


def known_file(line: Mapping[str, Any]) -> KnownFile:
    """Return the file that a line is about."""
    return KnownFile(
        identity=(line["url"], _text(line, "format"), _text(line, "audio")),
        page=path_of(_text(line, "page_url") or ""),
        name=line["name"],
        size=line["size"],
        mtime=line["mtime"],
        sha256=line["sha256"],
        validator=_text(line, "validator"),
        loss=_text(line, "loss") or "",
        crc32=_number(line, "crc32"),
    )


def _text(line: Mapping[str, Any], key: str) -> str | None:
    value = line.get(key)
    return value if isinstance(value, str) else None


def _number(line: Mapping[str, Any], key: str) -> int | None:
    value = line.get(key)
    return value if type(value) is int else None
