"""What a plugin module offers through its hooks. The only file that talks to pluggy."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

import pluggy

from ..model.errors import PluginError
from . import hookspecs
from .calls import preview
from .extractor import Extractor
from .filter import Filter
from .options import options_of
from .sink import Sink


@dataclass(frozen=True, slots=True)
class Claim:
    """What has to be known of an extractor to choose it, without the extractor itself.

    pattern: empty: a general extractor
    asks:    that `matches` has to be called, because the pattern does not tell it all
    """

    name: str
    pattern: str = ""
    asks: bool = False
    reads: frozenset[str] = frozenset()
    stands_in: bool = False

    @classmethod
    def of(cls, extractor: Extractor) -> Self:
        """The claim of an extractor."""
        kind = type(extractor)
        asks = kind.matches is not Extractor.matches or kind.pattern is not extractor.pattern
        reads = frozenset(extractor.reads)
        return cls(extractor.name, extractor.pattern, asks, reads, extractor.stands_in)

    def may_match(self, url: str) -> bool:
        """Whether its extractor is to be asked about a URL."""
        try:
            return self.asks or (bool(self.pattern) and re.match(self.pattern, url) is not None)
        except re.error:  # it was remembered, and is damaged: the extractor itself knows
            return True


@dataclass(frozen=True, slots=True)
class Facts:
    """What a module offers, by name, without the module itself."""

    extractors: tuple[Claim, ...] = ()
    sinks: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()

    def names(self) -> list[tuple[str, str]]:
        """All of them, as (kind, name)."""
        return [
            *(("extractor", each.name) for each in self.extractors),
            *(("sink", each) for each in self.sinks),
            *(("filter", each) for each in self.filters),
        ]


@dataclass(frozen=True, slots=True)
class Offers:
    """What the hooks of a module returned."""

    extractors: tuple[Extractor, ...] = ()
    sinks: tuple[type[Sink], ...] = ()
    filters: tuple[type[Filter], ...] = ()

    @classmethod
    def of(cls, module: Any, where: str) -> Self:
        """Call the hooks of a module. Raises `PluginError`, which begins with `where`."""
        manager = pluggy.PluginManager("reelin")
        manager.add_hookspecs(hookspecs)
        try:
            manager.register(module)
            manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise PluginError(f"{where}: {_misspelt(module, error)}") from None
        if not manager.get_hookcallers(module):
            raise PluginError(
                f"{where}: there is no hook in it; a module has functions such as"
                " reelin_extractors, marked by @hookimpl"
            )
        offers = cls(
            tuple(_returned(manager.hook.reelin_extractors, problem_with, where)),
            tuple(_returned(manager.hook.reelin_sinks, _sink, where)),
            tuple(_returned(manager.hook.reelin_filters, _filter, where)),
        )
        offers.facts()  # here, where whatever is wrong with them is blamed on the plugin
        return offers

    def facts(self) -> Facts:
        """The names and claims of it all."""
        return Facts(
            tuple(Claim.of(each) for each in self.extractors),
            tuple(each.name for each in self.sinks),
            tuple(each.name for each in self.filters),
        )


def _returned(hook: Any, problem_of: Callable[[Any], str | None], where: str) -> Iterator[Any]:
    """What the implementations of a hook return, without any that has a problem."""
    answers = hook()
    if not answers and hook.get_hookimpls():  # pluggy leaves out None
        raise PluginError(f"{where}: {hook.name} returned None, and not a list")
    for answer in answers:
        if not isinstance(answer, Iterable) or isinstance(answer, str):
            raise PluginError(f"{where}: {hook.name} returned {preview(answer)}, and not a list")
        for each in answer:
            problem = problem_of(each)
            if problem:
                raise PluginError(f"{where}: {problem}")
            yield each


def problem_with(each: Any) -> str | None:
    """What is wrong with what should be an extractor; None: nothing that can be seen."""
    if isinstance(each, type) and issubclass(each, Extractor):
        return f"{each.__name__} is a class; the extractor is {each.__name__}()"
    if not isinstance(each, Extractor):
        return f"{preview(each)} is no Extractor"
    kind = type(each).__name__
    if not each.name or not isinstance(each.name, str):
        return f"{kind} has no name"
    if not isinstance(each.pattern, str):
        return f"the pattern of {each.name} is {preview(each.pattern)}, and not text"
    try:
        re.compile(each.pattern)
    except re.error as error:
        return f"the pattern of {each.name} is no regular expression: {error}"
    for name in ("examples", "reads"):
        value = getattr(each, name)
        is_list = isinstance(value, Collection) and not isinstance(value, str)
        if not is_list or not all(isinstance(part, str) for part in value):
            return f"{name} of {each.name} is {preview(value)}, and not a list of texts"
    return _unreadable(type(each))


def _sink(each: Any) -> str | None:
    """What is wrong with what `reelin_sinks` returned."""
    if not (isinstance(each, type) and issubclass(each, Sink)):
        return f"reelin_sinks returned {preview(each)}, and not a class that derives from Sink"
    return _nameless(each)


def _filter(each: Any) -> str | None:
    """What is wrong with what `reelin_filters` returned."""
    if not isinstance(each, type):
        return f"reelin_filters returned {preview(each)}, and not a class"
    if not callable(getattr(each, "judge", None)):
        return f"the filter {each.__name__} has no judge()"
    return _nameless(each)


def _nameless(each: type[Any]) -> str | None:
    name = getattr(each, "name", "")
    if not name or not isinstance(name, str):
        return f"{each.__name__} has no name"
    return _unreadable(each)


def _unreadable(each: type[Any]) -> str | None:
    try:
        options_of(each)
    except Exception as error:
        return f"the options of {each.__name__}: {type(error).__name__}: {error}"
    return None


def _misspelt(module: Any, error: Exception) -> str:
    """The complaint about a hook that does not exist, with the one that was probably meant."""
    specs = [name for name in vars(hookspecs) if name.startswith("reelin_")]
    for name, value in vars(module).items():
        if getattr(value, "reelin_impl", None) and name not in specs:
            close = get_close_matches(name, specs, n=1, cutoff=0)
            return f"there is no hook {name}; did you mean {close[0]}?"
    return " ".join(str(error).split())
