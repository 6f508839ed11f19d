"""The plugins of a session: built in, then installed; each imported when it is used."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Self, TypeVar

from ..model.errors import PluginError, ReelinError, UsageError
from ..model.media_types import HLS_TYPES
from ..net.network import Network
from .calls import TookTooLong, call, describe, preview
from .extractor import Extractor
from .filter import Filter
from .hooks import Claim, Facts, Offers
from .index import Module, Shelves
from .modules import BuiltIn, installed
from .options import Option, configured, made, near, options_of
from .sink import Sink

T = TypeVar("T")

MATCH_SECONDS = 30.0  # that `matches` may take: its first call may import a library
# By module name, not as entry points: a stranger's `plyr` could replace ours there, silently.
_EXTRACTORS = (
    "direct plyr gallery howler mediaelement videojs jwplayer hlsjs dashjs wavesurfer amplitude"
    " jplayer aplayer soundmanager flowplayer shaka vidstack wordpress data metadata schema frames"
    " ytdlp m3u8 embeds feeds jsonfeed feedlinks playlists indexes sitemaps"
).split()
_SINKS = ("disk", "objects", "stdout", "zip")
# Of those that are not simply general.
_CLAIMS = {
    "ytdlp": Claim("ytdlp", r"https?://", asks=True, stands_in=True),
    "m3u8": Claim("m3u8", reads=HLS_TYPES),
}


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
    """The extractors, sinks and filters that a session may use, by name."""

    def __init__(
        self,
        extractors: Iterable[Extractor] = (),
        sinks: Iterable[type[Sink]] = (),
        filters: Iterable[type[Filter]] = (),
    ) -> None:
        self._shelves = Shelves(Offers(tuple(extractors), tuple(sinks), tuple(filters)))
        self._own: dict[str, Extractor] = {}  # with other options, or told of the settings
        self._own_claims: dict[str, Claim] = {}
        self._settings: tuple[Network, str | None] | None = None

    @classmethod
    def load(cls, *, without: Collection[str] = (), extractors: Iterable[Extractor] = ()) -> Self:
        """The built-in plugins and those that are installed, but for the names in `without`.

        extractors: these too, each in the place of one of its name. Raises `UsageError`.
        """
        registry = cls()
        for module in chain[Module](_built_in(), installed()):
            registry._shelves.add(module)
        for name in without:
            if not registry._shelves.remove(name):
                raise registry._unknown(name)
        for each in extractors:
            if not isinstance(each, Extractor):
                raise UsageError(f"extractors: {preview(each)} is no Extractor")
            registry._shelves.put(each)
            registry._put(each.name, each)
        return registry

    @property
    def problems(self) -> list[PluginError]:
        """What is wrong with plugins that were left out; the others work without them.

        More may come when further ones are used.
        """
        return self._shelves.problems

    @property
    def names(self) -> list[str]:
        """The names of all extractors."""
        return self._shelves.names

    @property
    def extractors(self) -> dict[str, Extractor]:
        """All extractors. This imports them, as do `sinks` and `filters`."""
        return {each.name: each for each in self._ready(self.names)}

    @property
    def sinks(self) -> dict[str, type[Sink]]:
        """All sinks."""
        return self._shelves.sinks()

    @property
    def filters(self) -> dict[str, type[Filter]]:
        """All filters."""
        return self._shelves.filters()

    def filter(self, text: str) -> Filter:
        """The filter that `NAME:options` means. Raises `UsageError`."""
        name, _, options = text.partition(":")
        return made(self._named(self.filters, "filter", name), f"filter {name}", options)

    def sink(self, text: str) -> Sink:
        """The sink that `NAME:options` means. Raises `UsageError`."""
        name, _, options = text.partition(":")
        return made(self._named(self.sinks, "sink", name), f"sink {name}", options)

    def make_sink(self, name: str, *arguments: object) -> Sink:
        """A sink by its name; those of our own are there in every registry. Raises `UsageError`."""
        if name in _SINKS and name not in self._shelves.sinks():
            known = {each.name: each for each in BuiltIn(*_sink_module(name)).load().sinks}
        else:
            known = self.sinks
        return self._named(known, "sink", name)(*arguments)

    @property
    def general(self) -> list[Extractor]:
        """The extractors for any page."""
        return self._ready(each.name for each in self._claims if not each.pattern)

    def extractor(self, name: str) -> Extractor:
        """An extractor by its name.

        Raises `UsageError` for a name that is not known, `PluginError` for what does not load.
        """
        found = self.get(name)
        if found is None:
            raise self._unknown(name)
        return found

    def get(self, name: str) -> Extractor | None:
        """An extractor by its name, None if there is none that works."""
        extractor = self._shelves.extractor(name)
        if extractor is None or name in self._own:
            return extractor and self._own[name]
        if self._settings is None:
            return extractor
        network, ffmpeg = self._settings
        return self._keep(name, partial(_told_of, extractor, network, ffmpeg))

    def choose(self, url: str, plugin: str | None = None) -> list[Extractor]:
        """The extractors to show a URL to: the one that was asked for, else those whose pattern
        claims it, else all general ones. Raises as `extractor` does.
        """
        if plugin is not None:
            return [self.extractor(plugin)]
        return self._claiming(url) or self.general

    def claims(self, url: str) -> bool:
        """Whether any extractor's pattern claims a URL."""
        return bool(self._claiming(url))

    def reader_of(self, mime: str) -> Extractor | None:
        """The extractor to which items of a MIME type are pages."""
        readers = self._ready(each.name for each in self._claims if mime in each.reads)
        return readers[0] if readers else None

    def within(self, network: Network, ffmpeg: str | None = None) -> Self:
        """The same plugins, told of the settings that they work with."""
        twin = copy(self)
        twin._settings = network, ffmpeg
        twin._own, twin._own_claims = {}, {}
        for name, each in self._own.items():
            twin._keep(name, partial(_told_of, each, network, ffmpeg))
        return twin

    def configured(self, options: Mapping[str, Mapping[str, object]]) -> Self:
        """The same plugins with other option values: `{"gallery": {"max_pages": "3"}}`.

        A plugin that does not load takes none. Raises `UsageError`.
        """
        for name, values in options.items():
            try:
                self._keep(name, partial(configured, self.extractor(name), values))
            except PluginError:
                continue  # it is among the problems
            except UsageError as error:
                if name in self.names:
                    raise
                raise UsageError(f"option {name}.{next(iter(values), '')}: {error}") from None
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
                source=self._shelves.source("extractor", name),
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
                source=self._shelves.source(kind, name),
            )
            for kind, known in kinds
            for name, each in sorted(known.items())
        ]

    @property
    def _claims(self) -> list[Claim]:
        own = self._own_claims
        return [own.get(name, each) for name, each in list(self._shelves.claims.items())]

    def _claiming(self, url: str) -> list[Extractor]:
        may = [each for each in self._claims if each.may_match(url)]
        first = self._matching((each.name for each in may if not each.stands_in), url)
        return first or self._matching((each.name for each in may if each.stands_in), url)

    def _matching(self, names: Iterable[str], url: str) -> list[Extractor]:
        return [each for each in self._ready(names) if self._matches(each, url)]

    def _matches(self, extractor: Extractor, url: str) -> bool:
        if not Claim.of(extractor).asks:
            return extractor.matches(url)
        what = f"plugin {extractor.name}, asked whether it claims {url}"
        try:
            return bool(call(lambda: extractor.matches(url), MATCH_SECONDS, what))
        except TookTooLong as error:  # as it would with every further URL
            self._shelves.drop(extractor.name, error)
        except PluginError as error:
            self.problems.append(error)
        return False

    def _ready(self, names: Iterable[str]) -> list[Extractor]:
        """Extractors, imported and told of the settings; without those that cannot be."""
        return [each for name in names if (each := self.get(name)) is not None]

    def _keep(self, name: str, change: Callable[[], Extractor]) -> Extractor | None:
        """Keep an extractor as `change` makes it of itself; without it where that fails."""
        try:
            self._put(name, change())
        except UsageError:
            raise
        except PluginError as error:
            self._shelves.drop(name, error)
            return None
        except (Exception, SystemExit) as error:
            self._shelves.drop(name, PluginError(f"plugin {name} is left out: {describe(error)}"))
            return None
        return self._own[name]

    def _put(self, name: str, extractor: Extractor) -> None:
        self._own[name] = extractor
        # Every item is held against the claims: they are not worked out each time.
        self._own_claims[name] = Claim.of(extractor)

    def _unknown(self, name: str) -> ReelinError:
        """Why there is no extractor of a name."""
        if name in self._shelves.left_out:
            return self._shelves.left_out[name]
        return self._missing("plugin", name, sorted(self.names))

    def _named(self, known: Mapping[str, T], kind: str, name: str) -> T:
        """What has that name. Raises `UsageError`."""
        if name not in known:
            raise self._missing(kind, name, sorted(known))
        return known[name]

    def _missing(self, kind: str, name: str, names: list[str]) -> UsageError:
        """The error for a name that there is not; what does not load could have had it."""
        told = f"known: {', '.join(names)}" if names else "none is installed"
        problems = "".join(f"; {each}" for each in self.problems)
        return UsageError(f"there is no {kind} {name!r}{near(name, names)} ({told}){problems}")


def _told_of(extractor: Extractor, network: Network, ffmpeg: str | None) -> Extractor:
    """The extractor as it is within these settings. Raises `PluginError`."""
    if type(extractor).within is Extractor.within:
        return extractor
    what = f"plugin {extractor.name}, told of the settings, is left out"
    within = call(lambda: extractor.within(network, ffmpeg), MATCH_SECONDS, what)
    if not isinstance(within, Extractor):
        raise PluginError(f"{what}: within() returned {preview(within)}, and not an Extractor")
    return within


def _summary(plugin: type[Any]) -> str:
    return inspect.cleandoc(plugin.__doc__ or "").partition("\n")[0]


def _built_in() -> Iterable[BuiltIn]:
    for name in _EXTRACTORS:
        claim = _CLAIMS.get(name) or Claim(name)
        yield BuiltIn(f"reelin.extractors.{name}", Facts(extractors=(claim,)))
    for name in _SINKS:
        yield BuiltIn(*_sink_module(name))


def _sink_module(name: str) -> tuple[str, Facts]:
    return f"reelin.sinks.{name}", Facts(sinks=(name,))
