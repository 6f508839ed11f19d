"""One big file in parallel ranges: a queue of pieces, and connections that take from it.

A connection that is done takes the next piece, so a slow one holds up nothing. Without a number
given, connections are added while each doubling makes the file come faster.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from ...disk.batch import Batch
from ...disk.landing import Landing
from ...disk.sidecar import Token
from ...model.errors import Transient
from ...net.response import Response
from ...net.retry import Budget
from ..connection_slots import ConnectionSlots

PIECE = 4 << 20
WORTH_IT = 16 << 20  # bytes still missing below which ranges are not worth their requests
MOST_BY_ITSELF = 8  # connections to one file that nobody asked for
MEASURE_SECONDS = 0.5
FASTER = 1.3  # a doubling of connections that brings less than this was the last

Span = tuple[int, int]


def merge_notes(notes: list[Any], size: int) -> list[Span]:
    """Return the ranges that a sidecar's notes tell, as few spans in order, without nonsense."""
    spans: list[Span] = []
    for start, end in sorted(each for each in map(_read_span, notes) if each is not None):
        if end > size:
            continue
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _read_span(note: Any) -> Span | None:
    if not isinstance(note, list) or len(note) != 2:
        return None
    start, end = note
    if type(start) is not int or type(end) is not int or not 0 <= start < end:
        return None
    return start, end


def find_gaps(spans: list[Span], size: int) -> list[Span]:
    """Return what `spans` (merged, in order) leave of `size` bytes."""
    gaps, at = [], 0
    for start, end in spans:
        if start > at:
            gaps.append((at, start))
        at = end
    if at < size:
        gaps.append((at, size))
    return gaps


def find_start(
    token: Token, notes: list[Any], on_disk: int, size: int | None
) -> tuple[int, list[Span] | None]:
    """Return the first missing byte of a part, 0 for one of no use, and the spans of ranges.

    Of a part that is whole the last byte counts as missing.
    """
    if token.get("ranged"):
        if size is None or on_disk != size:
            return 0, None
        spans = merge_notes(notes, size - 1)
        return find_gaps(spans, size)[0][0], spans
    if size is None:
        return on_disk, None
    return (min(on_disk, size - 1) if on_disk <= size else 0), None


def cut_pieces(gaps: list[Span]) -> list[Span]:
    """Cut gaps into pieces of at most PIECE bytes, in order."""
    return [(at, min(at + PIECE, end)) for start, end in gaps for at in range(start, end, PIECE)]


class Ranges:
    """The fetching of what is missing of one file, and the hashing of all of it.

    ask:     the answer to a request for exactly [start, end) of the very same version
    first:   an answer that is open already and delivers bytes from the first gap on
    slots:   for its connections
    tell:    hears how many bytes are safely written
    """

    def __init__(
        self,
        landing: Landing,
        size: int,
        spans: list[Span],
        *,
        ask: Callable[[int, int], Awaitable[Response]],
        first: Response | None,
        slots: ConnectionSlots,
        budget: Budget,
        tell: Callable[[int], None],
    ) -> None:
        self._landing = landing
        self._size = size
        self._order = cut_pieces(find_gaps(spans, size))
        self._pieces = deque(self._order)
        self._unwritten = {start for start, _ in self._order}
        self._done = sum(end - start for start, end in spans)
        self._ask = ask
        self._first = first
        self._budget = budget
        self._slots = slots
        self._growth = _Growth(slots.asked_for, self._done)
        self._tell = tell
        self._moved = asyncio.Event()

    async def fetch(self) -> None:
        """Fetch and hash everything. Raises what a piece raised; the others are then stopped."""
        hashing = asyncio.create_task(self._hash_along())
        connections: set[asyncio.Task[None]] = set()
        try:
            while self._pieces or connections:
                while self._pieces and len(connections) < self._growth.target:
                    piece = await self._slots.start(self._fetch_next)
                    if piece is None:
                        break
                    connections.add(piece)
                ended, connections = await asyncio.wait(
                    connections, timeout=MEASURE_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                for each in ended:
                    each.result()
                self._growth.measure(self._done)
            await hashing
        finally:
            for each in (hashing, *connections):
                each.cancel()
            await asyncio.gather(hashing, *connections, return_exceptions=True)
            if self._first is not None:
                self._first.close()

    async def _fetch_next(self) -> None:
        if self._pieces:
            start, end = self._pieces.popleft()
            response, self._first = self._first, None
            await self._fetch_piece(start, end, response)
            self._unwritten.remove(start)
            self._moved.set()

    async def _fetch_piece(self, at: int, end: int, response: Response | None) -> None:
        while at < end:
            batch = Batch()
            try:
                if response is None:
                    response = await self._ask(at, end)
                async for chunk in response.chunks():
                    batch.add(chunk[: end - at - batch.size])
                    if batch.is_due or at + batch.size == end:
                        at += await self._write(at, batch)
                    if at == end:
                        return
                raise Transient(f"{response.url}: a range ended too early", url=response.url)
            except Transient as error:
                at += await self._write(at, batch)
                await self._budget.pause(error, self._done, self._size)
            finally:
                if response is not None:
                    response.close()
                response = None
                await self._write(at, batch)  # also when it is stopped

    async def _write(self, at: int, batch: Batch) -> int:
        written, pieces = batch.size, batch.take()
        if pieces:
            await self._landing.write_at(at, pieces)
            self._done += written
            self._tell(self._done)
        return written

    async def _hash_along(self) -> None:
        """Hash what is written without a gap, while further pieces arrive."""
        hashed = 0
        for start, end in self._order:
            while start in self._unwritten:
                self._moved.clear()
                await self._moved.wait()
            await self._landing.hash_until(hashed, end)
            hashed = end
        await self._landing.hash_until(hashed, self._size)


class _Growth:
    """The number of connections to a file: as asked for, or doubled while that pays.

    target: how many there should be now
    """

    def __init__(self, asked_for: int | None, done: int) -> None:
        self._is_fixed = asked_for is not None
        self.target = asked_for or 2
        self._rate = 0.0
        self._since, self._before = time.monotonic(), done

    def measure(self, done: int) -> None:
        """Double the target if the last doubling paid; judged twice a second."""
        elapsed = time.monotonic() - self._since
        if self._is_fixed or elapsed < MEASURE_SECONDS:
            return
        rate = (done - self._before) / elapsed
        if rate > FASTER * self._rate:
            self._rate = rate
            self.target = min(MOST_BY_ITSELF, 2 * self.target)
        self._since, self._before = time.monotonic(), done
