"""The plugins of all kinds by name: one slot for each, filled when it is used."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from copy import copy
from typing import Self

from ..model.errors import PluginError, ReelinError, UsageError
from .options import suggest
from .slot import Module, Slot


class PluginIndex:
    """The slots of all plugins, one for each, in order.

    slots:    by kind and name
    left_out: what is wrong with extractors and modules that cannot be had, by their names
    problems: the same, each once, and what else went wrong; more may come with further imports
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self.slots: dict[tuple[str, str], Slot] = {}
        self.left_out: dict[str, PluginError] = {}
        self.problems: list[PluginError] = []
        self._lock = threading.RLock()
        for each in modules:
            self._add(each)

    def copy(self) -> Self:
        """Return an index of the same slots, into which others may be put."""
        twin = copy(self)
        twin.slots, twin.left_out = dict(self.slots), dict(self.left_out)
        twin.problems = list(self.problems)
        return twin

    def names(self, kind: str) -> list[str]:
        """Return the names of all plugins of a kind."""
        return [name for each, name in list(self.slots) if each == kind]

    def load(self, kind: str, names: Iterable[str] | None = None) -> list[Slot]:
        """Return the slots of these names, or of all by name, filled; without those that fail."""
        found = []
        for name in sorted(self.names(kind)) if names is None else names:
            slot = self.slots.get((kind, name))
            if slot is not None and slot.value is None:
                slot = self._fill(kind, name)
            if slot is not None:
                found.append(slot)
        return found

    def require(self, kind: str, name: str) -> Slot:
        """Return a slot, filled. Raises what `explain` gives."""
        for slot in self.load(kind, [name]):
            return slot
        raise self.explain(kind, name)

    def explain(self, kind: str, name: str) -> ReelinError:
        """Return why there is no plugin of a name: its own `PluginError`, or a `UsageError`."""
        if kind == "extractor" and name in self.left_out:
            return self.left_out[name]
        names = sorted(self.names(kind))
        known = f"known: {', '.join(names)}" if names else "none is installed"
        problems = "".join(f"; {each}" for each in self.problems)  # what fails could have had it
        what = "plugin" if kind == "extractor" else kind
        return UsageError(f"there is no {what} {name!r}{suggest(name, names)} ({known}){problems}")

    def put(self, slot: Slot) -> None:
        """Take a plugin that is given, in the place of another one of its name."""
        if slot.kind == "extractor":
            self.remove(slot.name)
        self.slots[slot.kind, slot.name] = slot

    def remove(self, name: str) -> bool:
        """Forget an extractor, and what is wrong with it; whether there was one."""
        error = self.left_out.pop(name, None)
        if error in self.problems:
            self.problems.remove(error)
        return self.slots.pop(("extractor", name), None) is not None or error is not None

    def drop(self, name: str, error: PluginError) -> None:
        """Go on without an extractor that has gone wrong."""
        self.remove(name)
        self.left_out[name] = error
        self.problems.append(error)

    def _add(self, module: Module) -> None:
        """Take a module, wholly or not at all. It is imported if nothing is known of it."""
        try:
            if module.slots is None:
                module.load()
            self._enter(module)
        except PluginError as error:
            self._leave_out(module, error)

    def _fill(self, kind: str, name: str) -> Slot | None:
        """Import the module of a slot; the slot, None if it is there no more."""
        with self._lock:  # others may want it at the same time
            slot = self.slots.get((kind, name))
            if slot is not None and slot.value is None and slot.module is not None:
                try:
                    slot.module.load()
                    if slot.value is None:  # the module has other plugins than it had
                        self._release(slot.module)
                        self._enter(slot.module)
                except PluginError as error:
                    self._leave_out(slot.module, error)
        return self.slots.get((kind, name))

    def _enter(self, module: Module) -> None:
        """Take the slots of a module. Raises `PluginError` for a name that is taken."""
        new: dict[tuple[str, str], Slot] = {}
        for slot in module.slots or ():
            key = slot.kind, slot.name
            owner = self.slots[key].source if key in self.slots else "it" if key in new else None
            if owner is not None:
                taken = f"{owner} has {slot.kind} {slot.name!r} already"
                raise PluginError(f"{module.source} is left out: {taken}")
            slot.module = module
            new[key] = slot
        self.slots |= new

    def _release(self, module: Module) -> list[str]:
        """Forget the slots of a module; their names."""
        keys = [key for key, slot in list(self.slots.items()) if slot.module is module]
        for key in keys:
            del self.slots[key]
        return [name for _, name in keys]

    def _leave_out(self, module: Module, error: PluginError) -> None:
        """Go on without a module; who asks for it by name is told why."""
        names = [*self._release(module), module.name]
        self.left_out.update(dict.fromkeys(names, error))
        self.problems.append(error)
