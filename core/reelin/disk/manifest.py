"""The manifest of a run folder: one line for each file that was completed, only ever appended.

It makes names stable, reruns cheap and `reelin verify` possible. A line is written when a file is
durable and just before its final name appears: a line without its file means nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..model.errors import SinkError
from ..model.item import FileIdentity, MediaItem, file_identity
from ..model.stored import Head
from .blocking import write_all

STATE = ".reelin"
_FILE = "manifest.jsonl"
_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """The facts that a run must remember of a completed file. `mtime` in nanoseconds."""

    name: str
    size: int
    mtime: int


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of re-hashing one file: `problem` says what is wrong when it is not `ok`."""

    name: str
    ok: bool
    problem: str = ""


class Manifest:
    """The open manifest of one run folder. The caller holds the folder's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entries: dict[FileIdentity, ManifestEntry] = {}
        path = folder / STATE / _FILE
        for line in read(path):
            self._entries[_identify(line)] = ManifestEntry(
                line["name"], line["size"], line["mtime"]
            )
        self._file = path.open("ab", buffering=0)
        self._mend_torn_line(path)

    def close(self) -> None:
        """Make all lines durable and close."""
        os.fsync(self._file.fileno())
        self._file.close()

    def name_of(self, item: MediaItem) -> str | None:
        """Return the name that an earlier run gave this item's file."""
        entry = self._entries.get(file_identity(item))
        return entry.name if entry else None

    def find_complete(self, item: MediaItem) -> ManifestEntry | None:
        """Return the entry of a file that is still there as it was completed, else None.

        A file whose time alone has changed is hashed again and counts if it is the same.
        """
        entry = self._entries.get(file_identity(item))
        if entry is None:
            return None
        try:
            stat = (self._folder / entry.name).stat()
        except OSError:
            return None
        if stat.st_size != entry.size:
            return None
        return (
            entry if stat.st_mtime_ns == entry.mtime or self._has_same_bytes(item, entry) else None
        )

    def add(
        self, item: MediaItem, head: Head, name: str, stat: os.stat_result, sha256: str
    ) -> None:
        """Append the line of a file that is complete. Safe to call from another thread."""
        line = {
            "url": item.url,
            "format": item.format,
            "audio": str(item.audio) if item.audio else None,
            "final_url": head.url,
            "name": name,
            "size": stat.st_size,
            "sha256": sha256,
            "mtime": stat.st_mtime_ns,
            "type": head.type or item.type,
            "mime": head.mime,
            "date": head.date.isoformat() if head.date else None,
            "title": item.title,
            "extractor": item.extractor,
            "page_url": item.page_url,
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        known = {key: value for key, value in line.items() if value not in (None, "")}
        self._append(_encode(known).encode() + b"\n")
        self._entries[file_identity(item)] = ManifestEntry(name, stat.st_size, stat.st_mtime_ns)

    def _append(self, line: bytes) -> None:
        """Write a line whole or, on a full disk, not at all."""
        end = self._file.seek(0, os.SEEK_END)
        try:
            write_all(self._file.fileno(), [line])
        except OSError:
            self._file.truncate(end)
            raise

    def _has_same_bytes(self, item: MediaItem, entry: ManifestEntry) -> bool:
        lines = read(self._folder / STATE / _FILE)
        known = [str(line["sha256"]) for line in lines if _identify(line) == file_identity(item)]
        return known[-1:] == [sha256_of(self._folder / entry.name)]

    def _mend_torn_line(self, path: Path) -> None:
        """End a line that a crash cut off, so that the next one stands on its own."""
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    self._file.write(b"\n")


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Read the lines of a manifest, in order. Torn and foreign lines are left out."""
    try:
        with path.open("rb") as file:
            for raw in file:
                line = _parse_line(raw)
                if line is not None:
                    yield line
    except FileNotFoundError:
        return


def _parse_line(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    wanted = {"url": str, "name": str, "size": int, "sha256": str, "mtime": int}
    if not isinstance(line, dict):
        return None
    if any(not isinstance(line.get(key), kind) for key, kind in wanted.items()):
        return None
    # A name is one component: nothing outside the folder is ever looked at.
    return line if line["name"] == Path(line["name"]).name else None


def _identify(line: Mapping[str, Any]) -> FileIdentity:
    kept, audio = line.get("format"), line.get("audio")
    return (
        line["url"],
        kept if isinstance(kept, str) else None,
        audio if isinstance(audio, str) else None,
    )


def verify(folder: Path) -> Iterator[Check]:
    """Hash every file of a finished run again and compare it with the manifest.

    Of a file that was fetched more than once the last line counts. Raises `SinkError` when the
    folder has no manifest.
    """
    path = folder / STATE / _FILE
    if not path.is_file():
        raise SinkError(f"{folder}: no run was finished here (there is no {STATE}/{_FILE})")
    lines = {line["name"]: line for line in read(path)}
    for name, line in lines.items():
        yield _check(folder / name, line)


def _check(path: Path, line: dict[str, Any]) -> Check:
    try:
        size = path.stat().st_size
        if size != line["size"]:
            return Check(path.name, False, f"{size} bytes instead of {line['size']}")
        if sha256_of(path) != line["sha256"]:
            return Check(path.name, False, "other bytes than were downloaded (sha256 differs)")
    except FileNotFoundError:
        return Check(path.name, False, "missing")
    except OSError as error:
        return Check(path.name, False, f"unreadable: {error.strerror}")
    return Check(path.name, True)


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
