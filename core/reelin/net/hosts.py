"""The hosts of a session: how many connections each has, and which are paused or given up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from yarl import URL

from ..model import urls
from ..model.errors import FetchError

LONGEST_PAUSE = 30.0  # seconds, where a host asks for patience without saying how much
MOST_REFUSALS = 10  # pauses in a row after which it is no question of patience
STRAIGHT_FAILURES = 20  # after which a host is left alone


@dataclass(slots=True)
class Host:
    """The state of one host.

    free_at:  when it may be asked again, in seconds of the monotonic clock
    failures: how often it failed in a row
    refusals: pauses in a row that it asked for without saying how long
    free:     connections that may be used beside those in use; None: any number
    """

    free: asyncio.Semaphore | None
    free_at: float = 0.0
    failures: int = 0
    refusals: int = 0

    def note_refusal(self) -> float:
        """Return the seconds to leave it alone: more each time it was asked again too early."""
        if time.monotonic() >= self.free_at:  # else the answer belongs to the pause that runs
            self.refusals += 1
        return min(LONGEST_PAUSE, 2.0 ** (max(1, self.refusals) - 1))


class Hosts:
    """The hosts of a session, by origin.

    most:  connections to each of them at once; None: any number
    spare: closes an answer of an origin that nobody needs just now; whether there was one
    """

    def __init__(self, most: int | None, spare: Callable[[str], bool]) -> None:
        self._most = most
        self._spare = spare
        self._hosts: dict[str, Host] = {}

    def find(self, url: str) -> Host:
        """Return the state of the host of a URL."""
        origin = urls.origin(url)
        if origin not in self._hosts:
            self._hosts[origin] = Host(asyncio.Semaphore(self._most) if self._most else None)
        return self._hosts[origin]

    async def take_connection(self, url: str) -> Callable[[], None]:
        """Wait until the host may have one more connection; return what gives it back.

        Who waits longest gets the next one.
        """
        free = self.find(url).free
        if free is None:
            return _do_nothing
        while free.locked() and self._spare(urls.origin(url)):
            pass
        await free.acquire()
        return free.release

    async def wait_for_turn(self, url: str) -> None:
        """Wait while the host asked for a pause. Raises `FetchError` when it was given up."""
        host = self.find(url)
        if host.failures >= STRAIGHT_FAILURES:
            name = URL(url, encoded=True).raw_host
            raise FetchError(f"{url}: {name} failed {host.failures} times in a row", url=url)
        while (wait := host.free_at - time.monotonic()) > 0:
            await asyncio.sleep(wait)


def _do_nothing() -> None:
    pass
