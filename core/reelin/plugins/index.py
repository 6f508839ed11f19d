"""The plugins of all kinds by name, each imported when it is looked at."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, TypeVar

from ..model.errors import PluginError
from .extractor import Extractor
from .filter import Filter
from .hooks import Claim, Facts, Offers
from .modules import BuiltIn, Installed
from .sink import Sink

T = TypeVar("T")
Module = BuiltIn | Installed


class Shelves:
    """What modules offer, under its names; in its place the module, until it is imported.

    claims:   of all extractors
    left_out: what is wrong with plugins that cannot be had, by their names
    problems: the same, each once, and what else went wrong; more may come with further imports
    """

    def __init__(self, given: Offers) -> None:
        self.claims: dict[str, Claim] = {}
        self.left_out: dict[str, PluginError] = {}
        self.problems: list[PluginError] = []
        self._extractors: dict[str, Extractor | Module] = {}
        self._sinks: dict[str, type[Sink] | Module] = {}
        self._filters: dict[str, type[Filter] | Module] = {}
        self._owners: dict[tuple[str, str], Module] = {}
        self._lock = threading.RLock()
        self._fill(given)

    @property
    def names(self) -> list[str]:
        """The names of all extractors."""
        return list(self._extractors)

    def extractor(self, name: str) -> Extractor | None:
        """An extractor; None for a name that is not known, or of what cannot be imported."""
        return self._looked_at(self._extractors, name)

    def sinks(self) -> dict[str, type[Sink]]:
        """All sinks."""
        return self._all(self._sinks)

    def filters(self) -> dict[str, type[Filter]]:
        """All filters."""
        return self._all(self._filters)

    def source(self, kind: str, name: str) -> str:
        """Where a plugin is from, for people."""
        owner = self._owners.get((kind, name))
        return owner.source if owner else "given by the program"

    def add(self, module: Module) -> None:
        """Take a module, all or nothing. It is imported now only if nothing is known of it."""
        try:
            if module.facts is None:
                self._import(module)
            else:
                self._reserve(module, module.facts)
        except PluginError as error:
            self._leave_out(module, error)

    def remove(self, name: str) -> bool:
        """Forget an extractor, and what is wrong with it; whether there was one."""
        error = self.left_out.pop(name, None)
        if error in self.problems:
            self.problems.remove(error)
        self.claims.pop(name, None)
        return self._extractors.pop(name, None) is not None or error is not None

    def put(self, extractor: Extractor) -> None:
        """Take an extractor, in the place of another one of its name."""
        self.remove(extractor.name)
        self._owners.pop(("extractor", extractor.name), None)
        self._fill(Offers((extractor,)))

    def drop(self, name: str, error: PluginError) -> None:
        """Go on without an extractor that has gone wrong."""
        self.remove(name)
        self.left_out[name] = error
        self.problems.append(error)

    def _looked_at(self, shelf: Mapping[str, T | Module], name: str) -> T | None:
        found = shelf.get(name)
        if isinstance(found, BuiltIn | Installed):
            with self._lock:  # others may want it at the same time
                found = shelf.get(name)
                if isinstance(found, BuiltIn | Installed):
                    try:
                        self._import(found)
                    except PluginError as error:
                        self._leave_out(found, error)
            found = shelf.get(name)
        return None if isinstance(found, BuiltIn | Installed) else found

    def _all(self, shelf: Mapping[str, T | Module]) -> dict[str, T]:
        looked_at = {name: self._looked_at(shelf, name) for name in list(shelf)}
        return {name: each for name, each in looked_at.items() if each is not None}

    def _import(self, module: Module) -> None:
        """Import a module, and put what it offers where its names are. Raises `PluginError`."""
        expected = module.facts
        offers = module.load()
        if module.facts is not None and module.facts != expected:
            self._release(module)
            self._reserve(module, module.facts)
        self._fill(offers)

    def _fill(self, offers: Offers) -> None:
        self._extractors.update((each.name, each) for each in offers.extractors)
        self._sinks.update((each.name, each) for each in offers.sinks)
        self._filters.update((each.name, each) for each in offers.filters)
        self.claims.update((each.name, Claim.of(each)) for each in offers.extractors)

    def _reserve(self, module: Module, facts: Facts) -> None:
        """Put a module under the names of what it offers. Raises `PluginError` for a taken one."""
        names = facts.names()
        for kind, name in names:
            is_taken = name in self._shelf(kind)
            if is_taken or names.count((kind, name)) > 1:
                owner = self.source(kind, name) if is_taken else "it"
                raise PluginError(
                    f"{module.source} is left out: {owner} has {kind} {name!r} already"
                )
        for kind, name in names:
            self._shelf(kind)[name] = self._owners[kind, name] = module
        self.claims.update((each.name, each) for each in facts.extractors)

    def _release(self, module: Module) -> list[str]:
        """Take a module from under all its names; these."""
        owned = [each for each, owner in self._owners.items() if owner is module]
        for kind, name in owned:
            del self._owners[kind, name]
            self._shelf(kind).pop(name, None)
            if kind == "extractor":
                self.claims.pop(name, None)
        return [name for _, name in owned]

    def _leave_out(self, module: Module, error: PluginError) -> None:
        """Go on without a module; who asks for it by name is told why."""
        names = [*self._release(module), module.name]
        self.left_out.update(dict.fromkeys(names, error))
        self.problems.append(error)

    def _shelf(self, kind: str) -> dict[str, Any]:
        shelves: dict[str, dict[str, Any]]
        shelves = {"extractor": self._extractors, "sink": self._sinks, "filter": self._filters}
        return shelves[kind]
