"""Calls into a plugin's code, bounded in time; what goes wrong there, in a line for its author."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from pathlib import Path
from traceback import walk_tb
from typing import Any, TypeVar

from ..model import daemon
from ..model.errors import PluginError, UsageError

T = TypeVar("T")
logger = logging.getLogger(__name__)

# Whose frames lie between our call and the plugin's code.
_BETWEEN = frozenset(["asyncio", "concurrent", "importlib", "pluggy", "reelin", "threading"])
_LONGEST = 1000  # characters of a message


class TookTooLong(PluginError):
    """A call has not come back in time."""


def call(function: Callable[[], T], seconds: float, what: str) -> T:
    """Return what a plugin's function returns within `seconds`; `what` begins any message.

    In a daemon thread: one that never ends holds up nobody, not even the end of the program, and
    a `SystemExit` ends the thread alone. Raises `PluginError`; a `UsageError` passes through.
    """
    future = daemon.start(function, "reelin-plugin")
    try:
        error = future.exception(seconds)
    except TimeoutError:
        raise TookTooLong(f"{what}: not done within {seconds:g} s") from None
    if error is None:
        return future.result()
    if isinstance(error, PluginError | UsageError):
        raise error
    logger.debug("%s", what, exc_info=error)
    raise PluginError(f"{what}: {describe(error)}") from None


def describe(error: BaseException) -> str:
    """Say what was raised, and where: `ValueError: oh (reelin_clips.py, line 12)`."""
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


def plugin_error(plugin: str, url: str, what: str) -> PluginError:
    """Make the error that tells people what went wrong in a plugin at a URL."""
    return PluginError(f"plugin {plugin} on {url}: {what}", url=url)


def preview(value: Any) -> str:
    """Show what a plugin gave, of whatever size: `str 'http://…'`. A coroutine is closed."""
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
