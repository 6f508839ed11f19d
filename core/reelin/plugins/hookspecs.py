"""The hooks that a plugin module implements. All of them return lists, so a test can call them."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from .extractor import Extractor
from .filter import Filter
from .sink import Sink

hookspec = pluggy.HookspecMarker("reelin")
hookimpl = pluggy.HookimplMarker("reelin")


@hookspec
def reelin_extractors() -> Iterable[Extractor]:  # type: ignore[empty-body]
    """The extractors that this plugin adds, with their default options."""


@hookspec
def reelin_sinks() -> Iterable[type[Sink]]:  # type: ignore[empty-body]
    """The sinks that this plugin adds, chosen by name."""


@hookspec
def reelin_filters() -> Iterable[type[Filter]]:  # type: ignore[empty-body]
    """The filters that this plugin adds; their fields are their options."""
