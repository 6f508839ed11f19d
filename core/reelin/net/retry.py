"""Attempts: when to try again, and when to give up: a budget of attempts that progress renews."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from ..model.errors import FetchError, Transient
from ..model.facts import parse_http_date

if TYPE_CHECKING:
    from .network import Network

T = TypeVar("T")
# Hears of each further attempt: what went wrong, how many were made, the seconds until the next.
Note: TypeAlias = Callable[[Transient, int, float], None]
PATIENCE = 5  # times as many attempts where a host only asks for patience (429)
PROGRESS = 16 * 1024  # bytes that an attempt must add for good to count as progress
LONGEST_WAIT = 60.0  # seconds of Retry-After beyond which an item fails at once
_MOST_WAIT = 30.0


class Budget:
    """Attempts that one transfer has. `network.retries` may fail in a row without progress.

    note: is told of each that failed and is made again

    Progress is what a later attempt can build on, not what was received: a server that always
    cuts an answer that cannot be resumed would otherwise keep us for ever.
    """

    def __init__(self, network: Network, note: Note | None = None) -> None:
        self._retries = network.retries
        self._first_wait = network.retry_wait
        self._note = note
        self._in_a_row = 0
        self._in_all = 0
        self._refused = 0
        self._kept = 0

    async def pause(self, error: Transient, kept: int = 0, size: int | None = None) -> None:
        """Wait until the next attempt. Takes what `spend` takes, and raises as that."""
        wait = self.spend(error, kept, size)
        if self._note is not None:
            self._note(error, self._in_all, wait)
        await asyncio.sleep(wait)

    def spend(self, error: Transient, kept: int = 0, size: int | None = None) -> float:
        """Seconds to wait before the next attempt. Raises `FetchError` when none is left.

        kept: bytes that a next attempt would not have to fetch again
        size: bytes of the whole body if known; it widens the absolute bound
        """
        if kept - self._kept >= PROGRESS:
            self._kept, self._in_a_row = kept, 0
        self._in_all += 1
        if error.status == 429:
            self._refused += 1
        else:
            self._in_a_row += 1
        if (
            self._in_a_row > self._retries
            or self._refused > PATIENCE * self._retries
            or self._in_all > self._bound(size)
        ):
            raise self._final_error(error)
        if error.retry_after is not None:
            if error.retry_after > LONGEST_WAIT:
                raise FetchError(
                    f"{error}; the server asks to come back in {error.retry_after:.0f} s",
                    url=error.url,
                    status=error.status,
                    code=error.code,
                )
            return error.retry_after
        most = max(_MOST_WAIT, self._first_wait)
        longest = min(most, self._first_wait * 2.0 ** (self._in_a_row - 1))
        return random.uniform(0.5, 1.0) * longest

    def _bound(self, size: int | None) -> float:
        return 10 * self._retries + (size or 0) / 1_000_000

    def _final_error(self, error: Transient) -> FetchError:
        times = f" ({self._in_all} attempts)" if self._in_all > 1 else ""
        return FetchError(f"{error}{times}", url=error.url, status=error.status, code=error.code)


async def persistently(
    attempt: Callable[[], Awaitable[T]], network: Network, note: Note | None = None
) -> T:
    """Return what an attempt gives, made again where that may help and nothing of it can be kept.

    note: is told of each that failed and is made again

    Raises `FetchError` when that does not help, or when no attempt is left.
    """
    budget = Budget(network, note)
    while True:
        try:
            return await attempt()
        except Transient as error:
            await budget.pause(error)


def retry_after(value: str | None, now: float | None = None) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3). Garbage counts as absent."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) <= 99:
        return float(value)
    moment = parse_http_date(value)
    if moment is None:
        return None
    return max(0.0, moment.timestamp() - (time.time() if now is None else now))
