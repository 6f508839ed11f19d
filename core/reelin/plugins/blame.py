"""What went wrong in a plugin's code, in a line for its author."""

from __future__ import annotations

import inspect
from pathlib import Path
from traceback import walk_tb
from typing import Any

from ..model.errors import PluginError

# Whose frames lie between our call and the plugin's code.
_BETWEEN = frozenset(["asyncio", "concurrent", "importlib", "pluggy", "reelin", "threading"])
_LONGEST = 1000  # characters of a message


def told(error: BaseException) -> str:
    """What was raised, and where: `ValueError: oh (reelin_clips.py, line 12)`."""
    text = " ".join(str(error)[:_LONGEST].split())
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    places = [
        (frame.f_code.co_filename, line)
        for frame, line in walk_tb(error.__traceback__)
        if str(frame.f_globals.get("__name__")).partition(".")[0] not in _BETWEEN
        and not frame.f_code.co_filename.startswith("<")  # made by a library, such as dataclasses
    ]
    if not places or isinstance(error, SyntaxError):  # which says it itself
        return what
    file = places[0][0]
    line = next(line for name, line in reversed(places) if name == file)
    return f"{what} ({Path(file).name}, line {line})"


def fault(plugin: str, url: str, what: str) -> PluginError:
    """What went wrong in a plugin at a URL, as people are told of it."""
    return PluginError(f"plugin {plugin} on {url}: {what}", url=url)


def shown(value: Any) -> str:
    """What a plugin gave, of whatever size: `str 'http://…'`. A coroutine is closed."""
    if inspect.iscoroutine(value):
        value.close()  # else Python warns that nobody awaited it
        return "a coroutine, as `async def` makes it"
    try:
        text = repr(value)
    except Exception:
        text = ""
    text = f"{text[:80]}…" if len(text) > 80 else text
    kind = type(value).__name__
    says_it = value is None or isinstance(value, type) or text.startswith(kind)
    return text if says_it else f"{kind} {text}".rstrip()
