"""The segments of one playlist on the disk: appended in order, in as few files as can be.

A stream is cut where its clock or its initialization section changes: what stands before and behind
is of two files, which only a muxer can join. Notes say how far it is, so that another process can
go on: one line for each append, `[segments done, part, bytes of that part]`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ...disk.blocking import write_all
from ...disk.sidecar import read_sidecar, write_sidecar
from ...disk.sums import SumCounter, Sums
from ...media.m3u8 import Media, Segment
from .body import count_bytes

_READ = 1 << 20
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class TrackFiles:
    """The files of one track. All methods but the first block: call them in a thread.

    folder, name: where they are, and what their names begin with
    hashed:       whether `sums` are wanted, which is cheapest while the bytes pass by
    """

    def __init__(self, folder: Path, name: str, *, hashed: bool = False) -> None:
        self._hashed = hashed
        self._hash = SumCounter() if hashed else None
        self._folder = folder
        self._name = name
        self._notes = folder / f"{name}.notes"
        self._part = 0
        self._size = 0
        self._descriptor: int | None = None

    @property
    def paths(self) -> list[Path]:
        """The parts, in order."""
        return [self._locate(part) for part in range(self._part + 1)]

    @property
    def sums(self) -> Sums | None:
        """The checksums of the one part; None where there are more, or nobody asked for them."""
        return self._hash.sums if self._hash else None

    def resume(self, signature: str) -> tuple[int, int]:
        """Go on where an earlier process was, or begin; return the segments and bytes so far."""
        token, notes = read_sidecar(self._notes)
        if token == {"signature": signature}:
            for note in reversed(notes):
                if self._can_continue(note):
                    done, self._part, self._size = note
                    self._drop_rest()
                    self._hash_rest()
                    return done, sum(path.stat().st_size for path in self.paths)
        self.begin(signature)
        return 0, 0

    def begin(self, signature: str) -> None:
        """Begin anew, with nothing."""
        for path in self._folder.glob(f"{self._name}.*"):
            path.unlink()
        write_sidecar(self._notes, {"signature": signature}, [])
        self._part = self._size = 0
        self._hash = SumCounter() if self._hashed else None

    def ends_with(self, pieces: Sequence[bytes]) -> bool:
        """Whether these are the bytes that were written last."""
        size = count_bytes(pieces)
        if self._size < size:
            return False
        with self._locate(self._part).open("rb") as file:
            file.seek(self._size - size)
            return all(file.read(len(each)) == each for each in pieces)

    def append(self, part: int, pieces: Sequence[bytes], done: int) -> None:
        """Write pieces at the end of a part; then `done` segments are there."""
        if part != self._part:
            self.close()
            self._hash = None
            self._part, self._size = part, 0
        descriptor = self._open()
        self._size += write_all(descriptor, list(pieces))
        if self._hash is not None:
            for piece in pieces:
                self._hash.update(piece)
        with self._notes.open("ab", buffering=0) as file:
            file.write(json.dumps([done, part, self._size]).encode() + b"\n")

    def close(self) -> None:
        """Close what is open. It can be continued."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def _can_continue(self, note: object) -> bool:
        """Whether the parts are what a note says, or longer."""
        if not isinstance(note, list) or len(note) != 3 or any(type(n) is not int for n in note):
            return False
        done, part, size = note
        if done < 0 or part < 0 or not all(self._locate(n).exists() for n in range(part + 1)):
            return False
        return bool(self._locate(part).stat().st_size >= size > 0)

    def _drop_rest(self) -> None:
        """Remove what lies behind the place to go on from."""
        os.truncate(self._locate(self._part), self._size)
        part = self._part + 1
        with suppress(FileNotFoundError):
            while True:
                self._locate(part).unlink()
                part += 1

    def _hash_rest(self) -> None:
        """Hash what an earlier process has written."""
        if self._hash is not None and self._part == 0:
            with self._locate(0).open("rb") as file:
                while piece := file.read(_READ):
                    self._hash.update(piece)
        else:
            self._hash = None

    def _locate(self, part: int) -> Path:
        return self._folder / f"{self._name}.{part}"

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._locate(self._part), _FLAGS, 0o666)
            os.ftruncate(self._descriptor, self._size)
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
        return self._descriptor


class Cuts:
    """Numbers the parts that segments belong to, from 0, one segment after the other."""

    def __init__(self) -> None:
        self._part = 0
        self._before: object = None

    def place(self, segment: Segment) -> int:
        """Return the part of the segment that follows those before."""
        # Whatever key hides it, what is at one address is one map.
        map = segment.map and (segment.map.uri, segment.map.byterange)
        now = (map, segment.discontinuity)
        if not segment.gap:
            self._part += self._before not in (None, now)
            self._before = now
        return self._part


def sign(media: Media) -> str:
    """Return a text that tells a playlist from others, but for what changes with each login.

    It is a hint only: the same names may hold another version, which only bytes tell.
    """
    digest, cuts = hashlib.sha256(), Cuts()
    for each in media.segments:
        path = each.uri.partition("?")[0]
        init = each.map.uri.partition("?")[0] if each.map else ""
        about = (
            path,
            each.number,
            each.duration,
            each.byterange,
            init,
            cuts.place(each),
            each.gap,
        )
        digest.update(repr(about).encode())
    return digest.hexdigest()
