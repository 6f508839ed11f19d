"""What a plugin module offers through its hooks. The only file that talks to pluggy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self, TypeVar

import pluggy

from . import hookspecs
from .errors import PluginError
from .extractor import Extractor
from .sink import Sink
from .verdict import Filter

T = TypeVar("T")


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

    @classmethod
    def of(cls, extractor: Extractor) -> Self:
        """The claim of an extractor."""
        kind = type(extractor)
        asks = kind.matches is not Extractor.matches or kind.pattern is not extractor.pattern
        return cls(extractor.name, extractor.pattern, asks, frozenset(extractor.reads))

    def may_match(self, url: str) -> bool:
        """Whether its extractor is to be asked about a URL."""
        return self.asks or (bool(self.pattern) and re.match(self.pattern, url) is not None)


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
        offers = cls(
            tuple(_returned(manager.hook.reelin_extractors, Extractor, where)),
            tuple(_returned(manager.hook.reelin_sinks, type, where)),
            tuple(_returned(manager.hook.reelin_filters, type, where)),
        )
        for extractor in offers.extractors:
            _check(extractor, where)
        return offers

    def facts(self) -> Facts:
        """The names and claims of it all."""
        return Facts(
            tuple(Claim.of(each) for each in self.extractors),
            tuple(each.name for each in self.sinks),
            tuple(each.name for each in self.filters),
        )


def _returned(hook: Callable[[], Any], kind: type[T], where: str) -> Iterator[T]:
    """What the implementations of a hook return, each checked to be of `kind`."""
    for answer in hook():
        for each in answer or ():
            if not isinstance(each, kind):
                what = kind.__name__ if kind is not type else "class"
                raise PluginError(f"{where}: {each!r} is no {what}")
            yield each


def _check(extractor: Extractor, where: str) -> None:
    if not extractor.name:
        raise PluginError(f"{where}: {type(extractor).__name__} has no name")
    try:
        re.compile(extractor.pattern)
    except re.error as error:
        raise PluginError(f"{where}: the pattern of {extractor.name}: {error}") from None


def _misspelt(module: Any, error: Exception) -> str:
    """The complaint about a hook that does not exist, with the one that was probably meant."""
    specs = [name for name in vars(hookspecs) if name.startswith("reelin_")]
    for name, value in vars(module).items():
        if getattr(value, "reelin_impl", None) and name not in specs:
            close = get_close_matches(name, specs, n=1, cutoff=0)
            return f"there is no hook {name}; did you mean {close[0]}?"
    return " ".join(str(error).split())
