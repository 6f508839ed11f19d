"""Plugin modules, built in or installed, each with a slot for every plugin that is in it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import EntryPoint

from ..model.media_types import HLS_TYPES
from .calls import call
from .entries import import_entry, name_owner, read_entries
from .hooks import call_hooks
from .memory import Memory
from .slot import GENERAL, Claim, Slot

LOAD_SECONDS = 10.0  # that an installed module may take to be imported and to answer its hooks
# By module name, not as entry points: a stranger's `plyr` could replace ours there, silently.
_OURS = {
    "extractor": "direct plyr gallery howler mediaelement videojs jwplayer hlsjs dashjs wavesurfer"
    " amplitude jplayer aplayer soundmanager flowplayer shaka vidstack wordpress data metadata"
    " schema frames ytdlp m3u8 embeds feeds jsonfeed feedlinks playlists indexes sitemaps",
    "sink": "disk objects stdout zip",
}
# Of those that are not simply general.
_CLAIMS = {
    "ytdlp": Claim(r"https?://", asks=True, stands_in=True),
    "m3u8": Claim(reads=HLS_TYPES),
}


class BuiltIn:
    """A module of our own, with one plugin."""

    source = "built in"

    def __init__(self, kind: str, name: str) -> None:
        self.name = f"reelin.{kind}s.{name}"
        self.slots: list[Slot] | None = [Slot(kind, name, _CLAIMS.get(name, GENERAL), module=self)]

    def load(self) -> None:
        """Fill its slot."""
        for slot in self.slots or ():
            (slot.value,) = getattr(import_module(self.name), f"reelin_{slot.kind}s")()


class Installed:
    """A module that an entry point of a distribution names."""

    def __init__(self, entry: EntryPoint, memory: Memory) -> None:
        self.name = entry.name
        self.slots = memory.recall(entry)
        self._entry = entry
        self._memory = memory

    @property
    def source(self) -> str:
        """Its name and its distribution's, for messages. Reads the distribution's metadata."""
        return f"plugin {self.name} of {name_owner(self._entry)}"

    def load(self) -> None:
        """Fill its slots, or have others if it is not as it was. Raises `PluginError` in time."""
        source = self.source
        what = f"{source} does not load and is left out"
        found = call(lambda: call_hooks(import_entry(self._entry), source), LOAD_SECONDS, what)
        self._memory.learn(self._entry, found)
        known, self.slots = self.slots, found
        if known is None:
            return  # many are imported now, and remembered together
        self._memory.save()
        if [(each.kind, each.name) for each in known] == [(each.kind, each.name) for each in found]:
            for slot, new in zip(known, found, strict=True):
                slot.claim, slot.value = new.claim, new.value
            self.slots = known


def list_built_in() -> list[BuiltIn]:
    """Return our own modules."""
    return [BuiltIn(kind, name) for kind, names in _OURS.items() for name in names.split()]


def find_installed() -> Iterator[Installed]:
    """Yield the modules that the entry points of the group `reelin` name, by name."""
    entries = sorted(read_entries("reelin"), key=lambda each: each.name)
    if not entries:
        return
    from platformdirs import user_cache_path

    memory = Memory(user_cache_path("reelin") / "plugins.json")
    for entry in entries:
        yield Installed(entry, memory)
    memory.save()  # what had to be imported meanwhile
