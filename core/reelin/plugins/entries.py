"""Entry points of installed distributions: what they lead to, and whether that has changed."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from itertools import chain
from typing import Any

logger = logging.getLogger(__name__)


def read_entries(group: str) -> Iterable[EntryPoint]:
    """Return the entry points of a group, of all distributions that have readable ones."""
    try:
        return entry_points(group=group)
    except (ValueError, TypeError):  # of whatever distribution: all others are as they were
        readable: dict[str | None, Iterable[EntryPoint]] = {}  # by the first one of a name
    for each in distributions():
        name = _name(each)
        try:
            readable.setdefault(name, each.entry_points.select(group=group))
        except (ValueError, TypeError) as error:
            logger.warning("the entry points of the package %s are not readable: %s", name, error)
    return chain.from_iterable(readable.values())


def name_entry(entry: EntryPoint) -> str:
    """Return a name for an entry point of one environment: another may have another version."""
    place = entry.dist.locate_file("") if entry.dist else ""
    return f"{entry.name} = {entry.value} in {place}"


def name_owner(entry: EntryPoint) -> str:
    """Return the name of an entry point's distribution; what it leads to, where there is none."""
    return (entry.dist and _name(entry.dist)) or entry.value


def import_entry(entry: EntryPoint) -> Any:
    """Import what an entry point names. Raises whatever that raises."""
    if entry.pattern.match(entry.value) is None:
        raise ValueError(f"its entry point {entry.value!r} is not the name of a module")
    return entry.load()


def read_stamps(entry: EntryPoint, classes: Iterable[type]) -> dict[str, list[int]]:
    """Return the stamps of all files that classes of an entry point's module come from, by path.

    All that its package has imported of itself, and whatever the classes derive from. None if one
    of them is no file.
    """
    package = entry.module.partition(".")[0]
    bases = {base.__module__ for each in classes for base in each.__mro__}
    files = {}
    for name, loaded in list(sys.modules.items()):
        path = getattr(loaded, "__file__", None)
        if path and (name == package or name.startswith(package + ".") or name in bases):
            try:
                files[path] = read_stamp(path)
            except OSError:
                return {}
    return files


def read_stamp(path: str) -> list[int]:
    """Return what is another number when a file has changed. Raises `OSError`."""
    about = os.stat(path)  # noqa: PTH116
    return [about.st_mtime_ns, about.st_size]


def are_there(paths: Iterable[str]) -> bool:
    """Whether all these files exist."""
    return all(os.path.exists(path) for path in paths)  # noqa: PTH110


def _name(of: Distribution) -> str | None:
    """Return the name of a distribution, None where its metadata do not tell it."""
    try:
        return of.name
    except ValueError:  # they are no UTF-8
        return None
