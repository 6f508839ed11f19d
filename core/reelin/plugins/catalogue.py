"""Plugins described for people, as `--list-plugins` shows them."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from .options import Option, options_of
from .slot import Slot


@dataclass(frozen=True, slots=True)
class Description:
    """A plugin for people.

    name:     of a sink or filter: with the option that it goes with
    examples: URLs that an extractor claims; none for a general one
    finds:    what a general extractor finds on a page
    source:   the distribution, or `built in`
    """

    name: str
    summary: str
    examples: tuple[str, ...]
    finds: str
    options: tuple[Option, ...]
    source: str


def describe_plugin(slot: Slot) -> Description:
    """Describe the plugin that fills a slot."""
    plugin: Any = slot.value
    is_extractor = slot.kind == "extractor"
    kind: type[Any] = type(plugin) if is_extractor else plugin
    return Description(
        name=slot.name if is_extractor else f"--{slot.kind} {slot.name}",
        summary=inspect.cleandoc(kind.__doc__ or "").partition("\n")[0],
        examples=tuple(plugin.examples) if is_extractor else (),
        finds=plugin.finds if is_extractor else "",
        options=tuple(options_of(kind)),
        source=slot.source,
    )
