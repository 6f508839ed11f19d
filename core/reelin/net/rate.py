"""A limit of bytes per second, for all bodies of a session together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

_MOST_AT_ONCE = 64 * 1024  # bytes


class RateLimit:
    """So many bytes per second, and never much more in any moment."""

    def __init__(self, rate: int) -> None:
        from aiolimiter import AsyncLimiter

        # A short window: a full bucket at the start is then no burst worth the name.
        self._limiter: AsyncLimiter = AsyncLimiter(max(1, rate / 10), 0.1)
        self._at_once = max(1, min(_MOST_AT_ONCE, rate // 10))

    async def pay(self, amount: int) -> None:
        """Wait until so many bytes may be passed on."""
        while amount > 0:
            portion = min(amount, self._at_once)
            await self._limiter.acquire(portion)
            amount -= portion
