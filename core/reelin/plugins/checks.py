"""What is wrong with a plugin, as far as it can be seen before it is used."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any

from .calls import preview
from .extractor import Extractor
from .options import options_of
from .sink import Sink


def find_problem(kind: str, plugin: Any) -> str | None:
    """Say what is wrong with what should be a plugin of a kind; None: nothing.

    kind: `extractor`, `sink` or `filter`
    """
    if kind == "extractor":
        return _find_problem_of_extractor(plugin)
    if kind == "sink" and not (isinstance(plugin, type) and issubclass(plugin, Sink)):
        return f"reelin_sinks returned {preview(plugin)}, and not a class that derives from Sink"
    if not isinstance(plugin, type):
        return f"reelin_filters returned {preview(plugin)}, and not a class"
    if kind == "filter" and not callable(getattr(plugin, "judge", None)):
        return f"the filter {plugin.__name__} has no judge()"
    return _find_problem_of_class(plugin, getattr(plugin, "name", ""))


def _find_problem_of_extractor(extractor: Any) -> str | None:
    if isinstance(extractor, type) and issubclass(extractor, Extractor):
        return f"{extractor.__name__} is a class; the extractor is {extractor.__name__}()"
    if not isinstance(extractor, Extractor):
        return f"{preview(extractor)} is no Extractor"
    name = extractor.name
    if not isinstance(extractor.pattern, str):
        return f"the pattern of {name} is {preview(extractor.pattern)}, and not text"
    try:
        re.compile(extractor.pattern)
    except re.error as error:
        return f"the pattern of {name} is no regular expression: {error}"
    for field in ("examples", "reads"):
        value = getattr(extractor, field)
        is_list = isinstance(value, Collection) and not isinstance(value, str)
        if not is_list or not all(isinstance(part, str) for part in value):
            return f"{field} of {name} is {preview(value)}, and not a list of texts"
    return _find_problem_of_class(type(extractor), name)


def _find_problem_of_class(plugin: type[Any], name: Any) -> str | None:
    if not name or not isinstance(name, str):
        return f"{plugin.__name__} has no name"
    try:
        options_of(plugin)
    except Exception as error:
        return f"the options of {plugin.__name__}: {type(error).__name__}: {error}"
    return None


def find_misspelt_hook(module: Any, hooks: Iterable[str]) -> str | None:
    """Say which hook of a module is none of these, and which one was probably meant."""
    known = [name for name in hooks if name.startswith("reelin_")]
    for name, value in vars(module).items():
        if getattr(value, "reelin_impl", None) and name not in known:
            close = get_close_matches(name, known, n=1, cutoff=0)
            return f"there is no hook {name}; did you mean {close[0]}?"
    return None
