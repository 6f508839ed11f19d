"""What a folder holds against what its manifest says: `reelin verify`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ..model.errors import SinkError
from ..model.stored import Stored
from .known import KnownFiles, sha256_of
from .manifest import FILE, STATE, known_file, read

State: TypeAlias = Literal["ok", "damaged", "missing", "foreign", "unfinished"]


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of looking at one file: `problem` says what is wrong when it is not `ok`.

    line: what the manifest says of it, None of a file that it does not list
    """

    name: str
    state: State = "ok"
    problem: str = ""
    line: dict[str, Any] | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with what was downloaded."""
        return self.state not in ("damaged", "missing")


def find_folders(root: Path) -> Iterator[Path]:
    """Find the folders of finished runs, from a folder down, in order. Links are not followed."""
    for folder, below, _ in os.walk(root):
        if (Path(folder) / STATE / FILE).is_file():
            yield Path(folder)
        below[:] = sorted(name for name in below if name != STATE)


def verify(folder: Path, before: Iterable[Check] = ()) -> Iterator[Check]:
    """Hash the files of a finished run again and compare them with the manifest.

    Of a file that was fetched more than once the last line counts. What was `before` found to be
    as it is listed now is not hashed again. Raises `SinkError` when the folder has no manifest.
    """
    sound = {each.name: each for each in before if each.state == "ok"}
    path = folder / STATE / FILE
    if not path.is_file():
        raise SinkError(f"{folder}: no run was finished here (there is no {STATE}/{FILE})")
    lines = _read_current(folder)
    for name, line in lines.items():
        earlier = sound.get(name)
        is_sound = earlier is not None and earlier.line == line
        yield earlier if earlier is not None and is_sound else _check(folder / name, line)
    yield from _find_others(folder, lines)


def list_stored(folder: str | PathLike[str]) -> Iterator[Stored]:
    """List the files that runs completed in a folder, and that are there in their size.

    None where no run was finished. Nothing is hashed: see `verify`.
    """
    for name, line in _read_current(Path(folder)).items():
        with suppress(OSError):
            if (Path(folder) / name).stat().st_size == line["size"]:
                yield known_file(line).receipt


def _read_current(folder: Path) -> dict[str, dict[str, Any]]:
    """Read the lines of a manifest that no later one succeeds, by the name of the file."""
    known = KnownFiles(folder)
    lines: dict[str, dict[str, Any]] = {}
    for line in read(folder / STATE / FILE):
        known.learn(known_file(line))
        lines[line["name"]] = line
    return {each.name: lines[each.name] for each in known.list_current()}


def _check(path: Path, line: dict[str, Any]) -> Check:
    try:
        size = path.stat().st_size
        if size != line["size"]:
            return _damaged(line, f"{size} bytes instead of {line['size']}")
        if sha256_of(path) != line["sha256"]:
            return _damaged(line, "other bytes than were downloaded (sha256 differs)")
    except FileNotFoundError:
        return Check(line["name"], "missing", "missing", line)
    except OSError as error:
        return _damaged(line, f"unreadable: {error.strerror}")
    return Check(line["name"], line=line)


def _damaged(line: dict[str, Any], problem: str) -> Check:
    return Check(line["name"], "damaged", problem, line)


def _find_others(folder: Path, lines: dict[str, dict[str, Any]]) -> Iterator[Check]:
    """Find the files that the manifest does not list."""
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        if entry.name in lines or not entry.is_file(follow_symlinks=False):
            continue
        sidecar = folder / STATE / f"{entry.name}.json"
        if entry.name.endswith(".part") and sidecar.exists():
            yield Check(entry.name, "unfinished", "unfinished; the next run continues it")
        else:
            yield Check(entry.name, "foreign", "not downloaded by reelin")
