"""The plugins of a session: built in, then installed. The only file that talks to pluggy."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Self, TypeVar

import pluggy

from . import hookspecs
from .errors import PluginError, UsageError
from .extractor import Extractor
from .network import Network
from .options import Option, configured, made, near, options_of
from .sink import Sink
from .verdict import Filter

T = TypeVar("T")

# By module name, not as entry points: a stranger's `plyr` could replace ours there, silently.
_EXTRACTORS = (
    "direct plyr gallery howler mediaelement videojs jwplayer hlsjs dashjs wavesurfer amplitude"
    " jplayer aplayer soundmanager flowplayer shaka vidstack wordpress data metadata schema frames"
    " ytdlp m3u8 embeds feeds jsonfeed feedlinks playlists indexes sitemaps"
).split()
_SINKS = ("disk", "objects", "stdout", "zip")
BUILT_IN = (
    *(f"reelin.extractors.{name}" for name in _EXTRACTORS),
    *(f"reelin.sinks.{name}" for name in _SINKS),
)


@dataclass(frozen=True, slots=True)
class Described:
    """What `--list-plugins` says of an extractor.

    examples: URLs that it claims; none for a general one
    finds:    what a general one finds on a page
    source:   the distribution, or `built in`
    """

    name: str
    summary: str
    examples: tuple[str, ...]
    finds: str
    options: tuple[Option, ...]
    source: str


class Registry:
    """The extractors, sinks and filters that a session may use, by name.

    problems: what is wrong with plugins that were left out; the others work without them
    """

    def __init__(
        self,
        extractors: Iterable[Extractor] = (),
        sinks: Iterable[type[Sink]] = (),
        filters: Iterable[type[Filter]] = (),
    ) -> None:
        self.extractors: dict[str, Extractor] = {each.name: each for each in extractors}
        self.sinks: dict[str, type[Sink]] = {each.name: each for each in sinks}
        self.filters: dict[str, type[Filter]] = {each.name: each for each in filters}
        self.problems: list[PluginError] = []
        self._sources: dict[tuple[str, str], str] = {}
        self._manager = pluggy.PluginManager("reelin")
        self._manager.add_hookspecs(hookspecs)

    @classmethod
    def load(cls, *, without: Collection[str] = ()) -> Self:
        """The built-in plugins and those that are installed, but for the names in `without`."""
        registry = cls()
        for name in BUILT_IN:
            registry._add(import_module(name), name, "built in")
        for entry in sorted(entry_points(group="reelin"), key=lambda each: each.name):
            registry._add_installed(entry)
        for name in without:
            registry._known(name)
            del registry.extractors[name]
        return registry

    def choose(self, url: str, plugin: str | None = None) -> list[Extractor]:
        """The extractors to show a URL to: the one that was asked for, else those whose pattern
        claims it, else all general ones. Raises `UsageError` for a name that is not known.
        """
        if plugin is not None:
            return [self._known(plugin)]
        claiming = [each for each in self.extractors.values() if each.matches(url)]
        return claiming or self.general

    def filter(self, text: str) -> Filter:
        """The filter that `NAME:options` means. Raises `UsageError`."""
        name, _, options = text.partition(":")
        return made(_named(self.filters, "filter", name), f"filter {name}", options)

    def sink(self, text: str) -> Sink:
        """The sink that `NAME:options` means. Raises `UsageError`."""
        name, _, options = text.partition(":")
        return made(_named(self.sinks, "sink", name), f"sink {name}", options)

    @property
    def general(self) -> list[Extractor]:
        """The extractors for any page."""
        return [each for each in self.extractors.values() if not each.pattern]

    def reader_of(self, mime: str) -> Extractor | None:
        """The extractor to which items of a MIME type are pages."""
        return next((each for each in self.extractors.values() if mime in each.reads), None)

    def within(self, network: Network, ffmpeg: str | None = None) -> Self:
        """The same plugins, told of the settings that they work with."""
        twin = copy(self)
        twin.extractors = {
            name: each.within(network, ffmpeg) for name, each in self.extractors.items()
        }
        return twin

    def claims(self, url: str) -> bool:
        """Whether any extractor's pattern claims a URL."""
        return any(each.matches(url) for each in self.extractors.values())

    def configured(self, options: Mapping[str, Mapping[str, object]]) -> Self:
        """The same plugins with other option values: `{"gallery": {"max_pages": "3"}}`."""
        for name, values in options.items():
            self._known(name)
            self.extractors[name] = configured(self.extractors[name], values)
        return self

    def describe(self) -> list[Described]:
        """All extractors by name, for people."""
        return [
            Described(
                name=name,
                summary=_summary(type(each)),
                examples=tuple(each.examples),
                finds=each.finds,
                options=tuple(options_of(type(each))),
                source=self._sources.get(("extractor", name), "given by the program"),
            )
            for name, each in sorted(self.extractors.items())
        ]

    def describe_others(self) -> list[Described]:
        """All sinks and filters, for people; their names are those of the options they go with."""
        kinds: list[tuple[str, Mapping[str, type[Any]]]] = [
            ("sink", self.sinks),
            ("filter", self.filters),
        ]
        return [
            Described(
                name=f"--{kind} {name}",
                summary=_summary(each),
                examples=(),
                finds="",
                options=tuple(options_of(each)),
                source=self._sources.get((kind, name), "given by the program"),
            )
            for kind, known in kinds
            for name, each in sorted(known.items())
        ]

    def _known(self, name: str) -> Extractor:
        return _named(self.extractors, "plugin", name)

    def _add_installed(self, entry: EntryPoint) -> None:
        source = entry.dist.name if entry.dist else entry.value
        try:
            self._add(entry.load(), entry.name, source)
        except PluginError as error:
            self.problems.append(error)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            self.problems.append(
                PluginError(
                    f"plugin {entry.name} of {source} does not load and is left out: "
                    f"{type(error).__name__}: {error}"
                )
            )

    def _add(self, module: Any, name: str, source: str) -> None:
        """Take what a module's hooks return, all or nothing. Raises `PluginError`."""
        where = f"plugin {name} of {source}"
        try:
            self._manager.register(module, name)
            self._manager.check_pending()
            hook = self._manager.hook
            extractors = list(_returned(hook.reelin_extractors, Extractor, where))
            sinks: list[type[Sink]] = list(_returned(hook.reelin_sinks, type, where))
            filters: list[type[Filter]] = list(_returned(hook.reelin_filters, type, where))
        except pluggy.PluginValidationError as error:
            raise PluginError(f"{where}: {_misspelt(module, error)}") from None
        finally:  # one plugin at a time: each is taken whole, or not at all
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
        for extractor in extractors:
            self._check(extractor, where)
        new = [
            *(("extractor", each.name) for each in extractors),
            *(("sink", each.name) for each in sinks),
            *(("filter", each.name) for each in filters),
        ]
        for kind, each_name in new:
            owner = self._sources.get((kind, each_name))
            if owner is not None or new.count((kind, each_name)) > 1:
                raise PluginError(
                    f"{where} is left out: {owner or 'it'} has {kind} {each_name!r} already"
                )
        self.extractors.update((each.name, each) for each in extractors)
        self.sinks.update((each.name, each) for each in sinks)
        self.filters.update((each.name, each) for each in filters)
        self._sources.update((each, where if source != "built in" else source) for each in new)

    @staticmethod
    def _check(extractor: Extractor, where: str) -> None:
        if not extractor.name:
            raise PluginError(f"{where}: {type(extractor).__name__} has no name")
        try:
            re.compile(extractor.pattern)
        except re.error as error:
            raise PluginError(f"{where}: the pattern of {extractor.name}: {error}") from None


def _summary(plugin: type[Any]) -> str:
    return inspect.cleandoc(plugin.__doc__ or "").partition("\n")[0]


def _named(known: Mapping[str, T], kind: str, name: str) -> T:
    """What has that name. Raises `UsageError`."""
    if name in known:
        return known[name]
    names = sorted(known)
    told = f"known: {', '.join(names)}" if names else "none is installed"
    raise UsageError(f"there is no {kind} {name!r}{near(name, names)} ({told})")


def _returned(hook: Callable[[], Any], kind: type[T], where: str) -> Iterator[T]:
    """What the implementations of a hook return, each checked to be of `kind`."""
    for answer in hook():
        for each in answer or ():
            if not isinstance(each, kind):
                what = kind.__name__ if kind is not type else "class"
                raise PluginError(f"{where}: {each!r} is no {what}")
            yield each


def _misspelt(module: Any, error: Exception) -> str:
    """The complaint about a hook that does not exist, with the one that was probably meant."""
    specs = [name for name in vars(hookspecs) if name.startswith("reelin_")]
    for name, value in vars(module).items():
        if getattr(value, "reelin_impl", None) and name not in specs:
            close = get_close_matches(name, specs, n=1, cutoff=0)
            return f"there is no hook {name}; did you mean {close[0]}?"
    return " ".join(str(error).split())
