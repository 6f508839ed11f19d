"""The hooks of a plugin module, and what they return. The only file that talks to pluggy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import pluggy

from ..model.errors import PluginError
from .calls import preview
from .checks import find_misspelt_hook, find_problem
from .extractor import Extractor
from .filter import Filter
from .sink import Sink
from .slot import Slot

hookspec = pluggy.HookspecMarker("reelin")
hookimpl = pluggy.HookimplMarker("reelin")


class Hooks(Protocol):
    """The hooks that a module may have. All of them return lists, so a test can call them."""

    @hookspec
    def reelin_extractors(self) -> Iterable[Extractor]:
        """Return the extractors that this plugin adds, with their default options."""

    @hookspec
    def reelin_sinks(self) -> Iterable[type[Sink]]:
        """Return the sinks that this plugin adds, chosen by name."""

    @hookspec
    def reelin_filters(self) -> Iterable[type[Filter]]:
        """Return the filters that this plugin adds; their fields are their options."""


def call_hooks(module: Any, where: str) -> list[Slot]:
    """Return the plugins of a module, in slots. Raises `PluginError`, which begins with `where`."""
    manager = pluggy.PluginManager("reelin")
    manager.add_hookspecs(Hooks)
    try:
        manager.register(module)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        misspelt = find_misspelt_hook(module, dir(Hooks))
        raise PluginError(f"{where}: {misspelt or ' '.join(str(error).split())}") from None
    if not manager.get_hookcallers(module):
        raise PluginError(
            f"{where}: there is no hook in it; a module has functions such as"
            " reelin_extractors, marked by @hookimpl"
        )
    found = []
    for kind in ("extractor", "sink", "filter"):
        for plugin in _call(getattr(manager.hook, f"reelin_{kind}s"), where):
            if problem := find_problem(kind, plugin):
                raise PluginError(f"{where}: {problem}")
            found.append(Slot.of(kind, plugin))
    return found


def _call(hook: Any, where: str) -> Iterator[Any]:
    """Yield what the implementations of a hook return."""
    answers = hook()
    if not answers and hook.get_hookimpls():  # pluggy leaves out None
        raise PluginError(f"{where}: {hook.name} returned None, and not a list")
    for answer in answers:
        if not isinstance(answer, Iterable) or isinstance(answer, str):
            raise PluginError(f"{where}: {hook.name} returned {preview(answer)}, and not a list")
        yield from answer
