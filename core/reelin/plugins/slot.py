"""A slot for one plugin: what is known of it before its module is imported, then the plugin."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

from .calls import preview
from .extractor import Extractor


@dataclass(frozen=True, slots=True)
class Claim:
    """The part of an extractor that has to be known to choose it.

    pattern, reads, stands_in: as the extractor has them
    asks:                      whether its `matches` says more than its pattern
    """

    pattern: str = ""
    asks: bool = False
    reads: frozenset[str] = frozenset()
    stands_in: bool = False

    @classmethod
    def of(cls, extractor: Extractor) -> Self:
        """Return the claim of an extractor."""
        kind = type(extractor)
        asks = kind.matches is not Extractor.matches or kind.pattern is not extractor.pattern
        return cls(extractor.pattern, asks, frozenset(extractor.reads), bool(extractor.stands_in))

    def may_match(self, url: str) -> bool:
        """Whether the extractor is to be asked about a URL."""
        try:
            return self.asks or (bool(self.pattern) and re.match(self.pattern, url) is not None)
        except re.error:  # it was remembered, and is damaged: the extractor itself knows
            return True


GENERAL = Claim()


@dataclass(slots=True)
class Slot:
    """The place of one plugin, known by its name before its module is imported.

    kind:   `extractor`, `sink` or `filter`
    claim:  of an extractor
    value:  the extractor, or the class of the sink or filter; None: not imported yet
    module: that has it; None: the program gave it
    """

    kind: str
    name: str
    claim: Claim = GENERAL
    value: Any = None
    module: Module | None = None

    @classmethod
    def of(cls, kind: str, plugin: Any, module: Module | None = None) -> Self:
        """Return the slot of a plugin that is here."""
        claim = Claim.of(plugin) if kind == "extractor" else GENERAL
        return cls(kind, plugin.name, claim, plugin, module)

    def refill(self, extractor: Extractor) -> Self:
        """Return the slot with another extractor. Raises `TypeError` for what is none."""
        if not isinstance(extractor, Extractor):
            raise TypeError(f"{preview(extractor)} is no Extractor")
        return replace(self, claim=Claim.of(extractor), value=extractor)

    @property
    def source(self) -> str:
        """The place it is from, for people."""
        return self.module.source if self.module is not None else "given by the program"


class Module(Protocol):
    """A module that has plugins.

    slots: for each of them; None: nothing is known of it before it is imported
    """

    name: str
    slots: list[Slot] | None

    @property
    def source(self) -> str:
        """The place it is from, for people."""

    def load(self) -> None:
        """Fill its slots, or have others if it is not as it was. Raises `PluginError`."""
