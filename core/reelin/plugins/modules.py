"""Plugin modules, built in or installed: known by their facts, imported when they are used.

Of an installed one only its own code knows the patterns. So it is imported once, and what it
claims is remembered in the user's cache folder for as long as none of its files has changed.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from pathlib import Path
from typing import Any

from .. import __version__
from ..disk.atomic import write_whole
from .calls import call
from .hooks import Claim, Facts, Offers

logger = logging.getLogger(__name__)

GROUP = "reelin"
LOAD_SECONDS = 10.0  # that an installed module may take to be imported and to answer its hooks


class BuiltIn:
    """A module of our own."""

    source = "built in"

    def __init__(self, module: str, facts: Facts) -> None:
        self.name = module
        self.facts: Facts | None = facts

    def load(self) -> Offers:
        """What it offers."""
        module = import_module(self.name)
        return Offers(
            tuple(module.reelin_extractors() if self.facts and self.facts.extractors else ()),
            tuple(module.reelin_sinks() if self.facts and self.facts.sinks else ()),
        )


class Installed:
    """A module that an entry point of a distribution names."""

    def __init__(self, entry: EntryPoint, memory: Memory) -> None:
        self.name = entry.name
        self.facts = memory.facts_of(entry)
        self._entry = entry
        self._memory = memory

    @property
    def source(self) -> str:
        """Its name and its distribution, for messages. Reads the distribution's metadata."""
        of = self._entry.dist and _name(self._entry.dist)
        return f"plugin {self.name} of {of or self._entry.value}"

    def load(self) -> Offers:
        """What it offers. Raises `PluginError` whatever goes wrong, in bounded time."""
        source = self.source
        what = f"{source} does not load and is left out"
        offers = call(lambda: Offers.of(_imported(self._entry), source), LOAD_SECONDS, what)
        was_known, self.facts = self.facts is not None, offers.facts()
        self._memory.learn(self._entry, self.facts, _files(self._entry.module, offers))
        if was_known:
            self._memory.save()
        return offers


class Memory:
    """The facts of installed modules, as they were when these were imported last.

    Losing it costs time only: whatever is wrong with the file, it is as if there was none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._modules: dict[str, dict[str, Any]] = {}
        self._is_new = False
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["version"] == __version__:
                self._modules = dict(kept["modules"])
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            pass

    def facts_of(self, entry: EntryPoint) -> Facts | None:
        """What is known of a module; None if it has changed since, or was never seen."""
        try:
            kept = self._modules[_key(entry)]
            return _facts(kept) if _is_unchanged(kept) else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def learn(self, entry: EntryPoint, facts: Facts, files: dict[str, list[int]]) -> None:
        """Remember the facts of a module that was imported. `save` writes them down."""
        new = json.loads(json.dumps({"files": files, **asdict(facts)}, default=sorted))
        if files and self._modules.get(_key(entry)) != new:
            self._modules[_key(entry)] = new
            self._is_new = True

    def save(self) -> None:
        """Write down what is new. Where that cannot be, the next start takes as long as this."""
        if not self._is_new:
            return
        self._is_new = False
        kept = {key: each for key, each in self._modules.items() if _still_there(each)}
        text = json.dumps({"version": __version__, "modules": kept})
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text.encode())
        except OSError as error:
            logger.debug("%s: %s", self._path, error)


def installed() -> Iterator[Installed]:
    """The modules that the entry points of the group `reelin` name, by name."""
    entries = sorted(_entries(), key=lambda each: each.name)
    if not entries:
        return
    from platformdirs import user_cache_path

    memory = Memory(user_cache_path("reelin") / "plugins.json")
    for entry in entries:
        yield Installed(entry, memory)
    memory.save()  # what had to be imported meanwhile


def _entries() -> Iterable[EntryPoint]:
    try:
        return entry_points(group=GROUP)
    except (ValueError, TypeError):  # of whatever distribution: all others are as they were
        return _readable_entries()


def _readable_entries() -> Iterator[EntryPoint]:
    """The entry points of each distribution that has readable ones, by the first of its name."""
    seen = set()
    for each in distributions():
        name = _name(each)
        try:
            entries = each.entry_points.select(group=GROUP)
        except (ValueError, TypeError) as error:
            logger.warning("the entry points of the package %s are not readable: %s", name, error)
            continue
        if name not in seen:
            seen.add(name)
            yield from entries


def _name(of: Distribution) -> str | None:
    """The name of a distribution, None where its metadata do not tell it."""
    try:
        return of.name
    except ValueError:  # they are no UTF-8
        return None


def _imported(entry: EntryPoint) -> Any:
    """What an entry point names. Raises whatever its import raises."""
    if entry.pattern.match(entry.value) is None:
        raise ValueError(f"its entry point {entry.value!r} is not the name of a module")
    return entry.load()


# What is remembered


def _key(entry: EntryPoint) -> str:
    """An entry point of one environment: another one may have another version of it."""
    place = entry.dist.locate_file("") if entry.dist else ""
    return f"{entry.name} = {entry.value} in {place}"


def _files(module: str, offers: Offers) -> dict[str, list[int]]:
    """The files that the facts of a module come from; none if one of them is no file.

    All that its package has imported of itself, and whatever its extractors derive from.
    """
    package = module.partition(".")[0]
    bases = {base.__module__ for each in offers.extractors for base in type(each).__mro__}
    files = {}
    for name, loaded in list(sys.modules.items()):
        if name == package or name.startswith(package + ".") or name in bases:
            path = getattr(loaded, "__file__", None)
            if path is None:
                continue
            try:
                files[path] = _stamp(path)
            except OSError:
                return {}
    return files


def _stamp(path: str) -> list[int]:
    about = os.stat(path)  # noqa: PTH116
    return [about.st_mtime_ns, about.st_size]


def _is_unchanged(kept: dict[str, Any]) -> bool:
    return all(_stamp(path) == stamp for path, stamp in kept["files"].items())


def _still_there(kept: dict[str, Any]) -> bool:
    return all(os.path.exists(path) for path in kept["files"])  # noqa: PTH110


def _facts(kept: dict[str, Any]) -> Facts:
    claims = (
        Claim(
            _text(each["name"]),
            _text(each["pattern"]),
            bool(each["asks"]),
            frozenset(_texts(each["reads"])),
            bool(each["stands_in"]),
        )
        for each in kept["extractors"]
    )
    return Facts(tuple(claims), _texts(kept["sinks"]), _texts(kept["filters"]))


def _texts(kept: Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(_text, kept))


def _text(kept: Any) -> str:
    if not isinstance(kept, str):
        raise TypeError("it is damaged")
    return kept
