"""Daemon threads, and how they tell an event loop that may be gone by then.

For what may never end: such a thread holds up neither the loop nor the end of the program. On the
lowest floor, since plugins, media, archives and runs all have such threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")


def start(call: Callable[[], T], name: str) -> Future[T]:
    """Call something in a daemon thread; the future of what it returns or raises.

    It has the context variables of the caller, as in `asyncio.to_thread`: a log can tell by them
    which job it is for. A `SystemExit` raised there ends nothing but this call.
    """
    future: Future[T] = Future()
    context = copy_context()

    def run() -> None:
        try:
            future.set_result(context.run(call))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


def tell(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> bool:
    """Have a loop call something soon; False: it is closed, and nobody waits any more."""
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:
        return False
    return True


def follow(future: Future[T]) -> asyncio.Future[T]:
    """Return a future of the running loop with the outcome of another thread's.

    `asyncio.wrap_future` would log an error where the loop is closed before the thread ends.
    """
    import asyncio  # here: who only looks at plugins has none of it

    loop = asyncio.get_running_loop()
    followed: asyncio.Future[T] = loop.create_future()

    def settle() -> None:
        if followed.done():  # whoever waited was cancelled
            return
        error = future.exception()
        if error is None:
            followed.set_result(future.result())
        else:
            followed.set_exception(error)

    future.add_done_callback(lambda _: tell(loop, settle))
    return followed
