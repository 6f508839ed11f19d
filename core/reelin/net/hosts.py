"""Hosts: which are paused or given up, and how many connections each has."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from yarl import URL

from ..model import urls
from ..model.errors import FetchError

LONGEST_PAUSE = 30.0  # seconds, where a host asks for patience without saying how much
MOST_REFUSALS = 10  # pauses in a row after which it is no question of patience
STRAIGHT_FAILURES = 20  # after which a host is left alone
GIVEN_UP_SECONDS = 60.0  # then one request may see whether it is well again


@dataclass(slots=True)
class Host:
    """The state of one host.

    free_at:  when it may be asked again, in seconds of the monotonic clock
    failures: how often it failed in a row
    asked_at: when it failed last, or was asked in spite of that, by the same clock
    refusals: pauses in a row that it asked for without saying how long
    """

    free_at: float = 0.0
    failures: int = 0
    asked_at: float = 0.0
    refusals: int = 0

    @property
    def is_given_up(self) -> bool:
        """Whether it has failed so often that it is left alone, for now."""
        if self.failures < STRAIGHT_FAILURES:
            return False
        return time.monotonic() - self.asked_at < GIVEN_UP_SECONDS

    def note_failure(self) -> None:
        """Count a failure."""
        self.failures += 1
        self.asked_at = time.monotonic()

    def note_refusal(self) -> float:
        """Return the seconds to leave it alone: more each time it was asked again too early."""
        if time.monotonic() >= self.free_at:  # else the answer belongs to the pause that runs
            self.refusals += 1
        return min(LONGEST_PAUSE, 2.0 ** (max(1, self.refusals) - 1))


class Hosts:
    """The hosts of a session, by origin."""

    def __init__(self) -> None:
        self._hosts: defaultdict[str, Host] = defaultdict(Host)

    def find(self, url: str) -> Host:
        """Return the state of the host of a URL."""
        return self._hosts[urls.origin(url)]

    async def wait_for_turn(self, url: str) -> None:
        """Wait while the host asked for a pause. Raises `FetchError` when it was given up."""
        host = self.find(url)
        if host.is_given_up:
            name = URL(url, encoded=True).raw_host
            what = f"{url}: {name} failed {host.failures} times in a row"
            raise FetchError(what, url=url, code="unreachable")
        if host.failures >= STRAIGHT_FAILURES:
            host.asked_at = time.monotonic()  # others wait for what comes of this request
        while (wait := host.free_at - time.monotonic()) > 0:
            await asyncio.sleep(wait)


class ConnectionLimit:
    """A bound of the connections to each host.

    most:  at once; None: any number
    spare: closes an answer of an origin that nobody needs just now; whether there was one
    """

    def __init__(self, most: int | None, spare: Callable[[str], bool]) -> None:
        self._spare = spare
        self._free: defaultdict[str, asyncio.Semaphore] | None = None
        if most is not None:
            self._free = defaultdict(lambda: asyncio.Semaphore(most))

    async def take(self, url: str) -> Callable[[], None]:
        """Wait until the host may have one more connection; return what gives it back.

        Who waits longest gets the next one.
        """
        if self._free is None:
            return _do_nothing
        origin = urls.origin(url)
        free = self._free[origin]
        while free.locked() and self._spare(origin):
            pass
        await free.acquire()
        return free.release


def _do_nothing() -> None:
    pass
