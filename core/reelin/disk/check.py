"""What a folder holds against what its manifest says: `reelin verify`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ..model.errors import SinkError
from .known import sha256_of
from .manifest import FILE, STATE, read

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


def verify(folder: Path) -> Iterator[Check]:
    """Hash every file of a finished run again and compare it with the manifest.

    Of a file that was fetched more than once the last line counts. Raises `SinkError` when the
    folder has no manifest.
    """
    path = folder / STATE / FILE
    if not path.is_file():
        raise SinkError(f"{folder}: no run was finished here (there is no {STATE}/{FILE})")
    lines = read_current(path)
    for line in lines.values():
        yield _check(folder / line["name"], line)
    yield from _find_others(folder, lines)


def read_current(path: Path) -> dict[str, dict[str, Any]]:
    """Read the lines of a manifest that no later one succeeds, by the name of the file."""
    exact: dict[tuple[Any, ...], dict[str, Any]] = {}
    names: dict[str, dict[str, Any]] = {}
    for line in read(path):
        exact[line["url"], line.get("format"), line.get("audio")] = line
        names[line["name"]] = line
    kept = (each for each in exact.values() if names[each["name"]]["sha256"] == each["sha256"])
    return {each["name"]: names[each["name"]] for each in kept}


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
