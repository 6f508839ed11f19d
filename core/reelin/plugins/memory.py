"""What installed modules claim, remembered, so that none is imported before it is used.

Only a module's own code knows its patterns. So it is imported once, and what it claims is kept in
the user's cache folder for as long as none of its files has changed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from .. import __version__
from ..disk.atomic import write_whole
from .entries import are_there, name_entry, read_stamp, read_stamps
from .slot import Claim, Slot

logger = logging.getLogger(__name__)


class Memory:
    """The slots of installed modules, as they were when these were imported last.

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

    def recall(self, entry: EntryPoint) -> list[Slot] | None:
        """Return the slots of a module; None if it has changed since, or was never seen."""
        try:
            kept = self._modules[name_entry(entry)]
            if any(read_stamp(path) != stamp for path, stamp in kept["files"].items()):
                return None
            return [_read(each) for each in kept["slots"]]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def learn(self, entry: EntryPoint, slots: Sequence[Slot]) -> None:
        """Remember the slots of a module that was imported. `save` writes them down."""
        files = read_stamps(entry, [type(each.value) for each in slots if each.kind == "extractor"])
        rows = [{"kind": each.kind, "name": each.name, **asdict(each.claim)} for each in slots]
        new = json.loads(json.dumps({"files": files, "slots": rows}, default=sorted))
        if files and self._modules.get(name_entry(entry)) != new:
            self._modules[name_entry(entry)] = new
            self._is_new = True

    def save(self) -> None:
        """Write down what is new. Where that cannot be, the next start takes as long as this."""
        if not self._is_new:
            return
        self._is_new = False
        kept = {key: each for key, each in self._modules.items() if are_there(each["files"])}
        text = json.dumps({"version": __version__, "modules": kept})
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text.encode())
        except OSError as error:
            logger.debug("%s: %s", self._path, error)


def _read(row: dict[str, Any]) -> Slot:
    """Read a slot as it is kept. Raises `TypeError` or `KeyError` if it is damaged."""
    pattern, reads = row["pattern"], frozenset(row["reads"])
    if not all(isinstance(each, str) for each in (row["kind"], row["name"], pattern, *reads)):
        raise TypeError("it is damaged")
    claim = Claim(pattern, bool(row["asks"]), reads, bool(row["stands_in"]))
    return Slot(row["kind"], row["name"], claim)
