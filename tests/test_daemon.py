"""Daemon threads and their word to a loop that may be gone."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import NoReturn

import pytest

from reelin.model import daemon


def fail() -> NoReturn:
    sys.exit(3)


async def test_the_loop_gets_what_the_thread_returns_or_raises() -> None:
    assert await daemon.follow(daemon.start(lambda: 42, "answers")) == 42
    with pytest.raises(SystemExit):
        daemon.start(fail, "exits").result(5)


def test_a_loop_that_is_gone_is_told_nothing(caplog: pytest.LogCaptureFixture) -> None:
    go_on = threading.Event()

    async def leave() -> None:
        nonlocal future
        future = daemon.start(go_on.wait, "waits")
        daemon.follow(future)

    future = daemon.start(lambda: True, "not yet")
    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave())
    loop.close()
    go_on.set()
    assert future.result(5) and not daemon.tell(loop, go_on.clear)
    assert go_on.is_set() and caplog.records == []


async def test_who_waits_no_more_is_told_nothing() -> None:
    go_on = threading.Event()
    future = daemon.start(go_on.wait, "waits")
    followed = daemon.follow(future)
    followed.cancel()
    go_on.set()
    await daemon.follow(future)
    assert followed.cancelled()
