"""The plugins of a session: built in, then installed; each imported when it is used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from functools import partial
from itertools import chain
from typing import Self

from ..model.errors import PluginError, UsageError
from ..net.network import Network
from .calls import TookTooLong, call, preview
from .catalogue import Description, describe_plugin
from .extractor import Extractor
from .filter import Filter
from .index import PluginIndex
from .modules import find_installed, list_built_in
from .options import configure, make
from .sink import Sink
from .slot import Claim, Slot

MATCH_SECONDS = 30.0  # that `matches` may take: its first call may import a library


class Registry:
    """The extractors, sinks and filters that a session may use, by name."""

    def __init__(
        self,
        extractors: Iterable[Extractor] = (),
        sinks: Iterable[type[Sink]] = (),
        filters: Iterable[type[Filter]] = (),
    ) -> None:
        self._index = PluginIndex()
        for kind, given in ("extractor", extractors), ("sink", sinks), ("filter", filters):
            for each in given:
                self._index.put(Slot.of(kind, each))
        self._settings: tuple[Network, str | None] | None = None
        self._own: dict[str, Slot] = {}  # of extractors that were told of them

    @classmethod
    def load(cls, *, without: Collection[str] = (), extractors: Iterable[Extractor] = ()) -> Self:
        """Return the built-in plugins and the installed ones, but for the names in `without`.

        extractors: these too, each in the place of one of its name. Raises `UsageError`.
        """
        registry = cls()
        registry._index = PluginIndex(chain(list_built_in(), find_installed()))
        for name in without:
            if not registry._index.remove(name):
                raise registry._index.explain("extractor", name)
        for each in extractors:
            if not isinstance(each, Extractor):
                raise UsageError(f"extractors: {preview(each)} is no Extractor")
            registry._index.put(Slot.of("extractor", each))
        return registry

    @property
    def problems(self) -> list[PluginError]:
        """The errors of plugins that are left out; using further ones may bring more."""
        return self._index.problems

    @property
    def names(self) -> list[str]:
        """The names of all extractors."""
        return self._index.names("extractor")

    @property
    def extractors(self) -> dict[str, Extractor]:
        """The extractors by name. This imports them, as do `sinks` and `filters`."""
        return {each.name: each for each in self._ready(self.names)}

    @property
    def sinks(self) -> dict[str, type[Sink]]:
        """The sinks by name."""
        return {each.name: each.value for each in self._index.load("sink")}

    @property
    def filters(self) -> dict[str, type[Filter]]:
        """The filters by name."""
        return {each.name: each.value for each in self._index.load("filter")}

    def filter(self, text: str) -> Filter:
        """Make the filter that `NAME:options` means. Raises `UsageError`."""
        name, _, options = text.partition(":")
        plugin: type[Filter] = self._index.require("filter", name).value
        return make(plugin, f"filter {name}", options)

    def sink(self, text: str) -> Sink:
        """Make the sink that `NAME:options` means. Raises `UsageError`."""
        name, _, options = text.partition(":")
        plugin: type[Sink] = self._index.require("sink", name).value
        return make(plugin, f"sink {name}", options)

    def make_sink(self, name: str, *arguments: object) -> Sink:
        """Make a sink by its name, one of our own where there is no other. Raises `UsageError`."""
        index = self._index if name in self._index.names("sink") else PluginIndex(list_built_in())
        sink: Sink = index.require("sink", name).value(*arguments)
        return sink

    @property
    def general(self) -> list[Extractor]:
        """The extractors for any page."""
        return self._ready([each.name for each in self._slots if not each.claim.pattern])

    def extractor(self, name: str) -> Extractor:
        """Return an extractor by its name. Raises `UsageError`, or its own `PluginError`."""
        found = self.get(name)
        if found is None:
            raise self._index.explain("extractor", name)
        return found

    def get(self, name: str) -> Extractor | None:
        """Return an extractor by its name, None if there is none that works."""
        return next(iter(self._ready([name])), None)

    def choose(self, url: str, plugin: str | None = None) -> list[Extractor]:
        """Return the extractors to show a URL to: the one that was asked for, else those whose
        pattern claims it, else all general ones. Raises as `extractor` does.
        """
        if plugin is not None:
            return [self.extractor(plugin)]
        return self._claiming(url) or self.general

    def claims(self, url: str) -> bool:
        """Whether any extractor's pattern claims a URL."""
        return bool(self._claiming(url))

    def reader_of(self, mime: str) -> Extractor | None:
        """Return the extractor to which items of a MIME type are pages."""
        readers = self._ready([each.name for each in self._slots if mime in each.claim.reads])
        return readers[0] if readers else None

    def for_session(self, network: Network, ffmpeg: str | None = None) -> Self:
        """Return the same plugins; each is told of these settings when it is used."""
        twin = copy(self)
        twin._settings, twin._own = (network, ffmpeg), {}
        return twin

    def configured(self, options: Mapping[str, Mapping[str, object]]) -> Self:
        """Return a copy with other option values: `{"gallery": {"max_pages": "3"}}`.

        A plugin that does not load takes none. Raises `UsageError`.
        """
        twin = copy(self)
        twin._index, twin._own = self._index.copy(), {}
        for name, values in options.items():
            try:
                slot = twin._index.require("extractor", name)
            except PluginError:
                continue  # it is among the problems
            except UsageError as error:
                raise UsageError(f"option {name}.{next(iter(values), '')}: {error}") from None
            what = f"plugin {name} is left out"
            changed = twin._change(slot, partial(configure, slot.value, values), what)
            if changed is not None:
                twin._index.slots["extractor", name] = changed
        return twin

    def describe(self) -> list[Description]:
        """Describe all extractors for people, by name."""
        return [describe_plugin(each) for each in self._index.load("extractor")]

    def describe_others(self) -> list[Description]:
        """Describe all sinks and filters; their names are those of the options they go with."""
        slots = [*self._index.load("sink"), *self._index.load("filter")]
        return [describe_plugin(each) for each in slots]

    @property
    def _slots(self) -> list[Slot]:
        """The slots of all extractors, filled or not."""
        slots, own = list(self._index.slots.values()), self._own
        return [own.get(each.name, each) for each in slots if each.kind == "extractor"]

    def _ready(self, names: Sequence[str]) -> list[Extractor]:
        """Return extractors, imported and told of the settings; without those that fail."""
        slots = self._index.load("extractor", names)
        if self._settings is not None:
            own = self._own
            slots = [mine for each in slots if (mine := own.get(each.name) or self._tell(each))]
        return [each.value for each in slots]

    def _tell(self, slot: Slot) -> Slot | None:
        """Tell an extractor of the settings, once; its own slot then, None if that fails."""
        extractor: Extractor = slot.value
        own: Slot | None = slot
        if self._settings and type(extractor).for_session is not Extractor.for_session:
            what = f"plugin {slot.name}, told of the settings, is left out"
            own = self._change(slot, partial(extractor.for_session, *self._settings), what)
        if own is not None:
            self._own[slot.name] = own
        return own

    def _change(self, slot: Slot, change: Callable[[], Extractor], what: str) -> Slot | None:
        """Return the slot of an extractor as `change` makes it; without it where that fails."""
        try:
            return call(lambda: slot.refill(change()), MATCH_SECONDS, what)
        except PluginError as error:
            self._index.drop(slot.name, error)
            return None

    def _claiming(self, url: str) -> list[Extractor]:
        may = [each for each in self._slots if each.claim.pattern or each.claim.asks]
        may = [each for each in may if each.claim.may_match(url)]
        for stands_in in (False, True):
            names = [each.name for each in may if each.claim.stands_in is stands_in]
            if claiming := [each for each in self._ready(names) if self._matches(each, url)]:
                return claiming
        return []

    def _matches(self, extractor: Extractor, url: str) -> bool:
        if not Claim.of(extractor).asks:
            return extractor.matches(url)
        what = f"plugin {extractor.name}, asked whether it claims {url}"
        try:
            return bool(call(lambda: extractor.matches(url), MATCH_SECONDS, what))
        except TookTooLong as error:  # as it would with every further URL
            self._index.drop(extractor.name, error)
        except PluginError as error:
            self.problems.append(error)
        return False
