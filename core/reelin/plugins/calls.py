"""Calls into a plugin's code: bounded in time, and whatever they raise is a `PluginError`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from ..model.errors import PluginError, UsageError
from .blame import told

T = TypeVar("T")
logger = logging.getLogger(__name__)


class TookTooLong(PluginError):
    """A call has not come back in time."""


def bounded(call: Callable[[], T], seconds: float, what: str) -> T:
    """What `call` returns; `what` begins the message when it fails.

    In a daemon thread: one that never ends holds up nobody, not even the end of the program, and
    a `SystemExit` ends the thread alone. Raises `PluginError`; a `UsageError` passes through.
    """
    returned: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(call())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="reelin-plugin", daemon=True)
    thread.start()
    thread.join(seconds)
    if returned:
        return returned[0]
    if not raised:
        raise TookTooLong(f"{what}: not done within {seconds:g} s")
    error = raised[0]
    if isinstance(error, PluginError | UsageError):
        raise error
    logger.debug("%s", what, exc_info=error)
    raise PluginError(f"{what}: {told(error)}") from None
