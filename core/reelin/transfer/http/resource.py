"""The bytes of one URL over HTTP: verified, resumed across breaks and processes, never mixed."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from ...disk.batch import Batch
from ...disk.landing import Landing
from ...model.errors import FetchError, SinkError, Transient
from ...model.outcomes import Damaged, Restarted
from ...model.stored import Head, Stored
from ...net.client import Client
from ...net.versions import Version
from ...plugins.transfer import Order, Transfer
from ..answer import promised_sha256
from ..connection_slots import ConnectionSlots
from .ranges import WORTH_IT, Ranges, Span
from .request import Request

PATIENCE_SECONDS = 0.5  # after which one connection may be found too slow
SLOW_SECONDS = 2.0  # left at the present rate, from which more connections are tried


class HttpTransfer(Transfer):
    """The body of one HTTP resource, over the connections of `client`."""

    def __init__(self, order: Order, client: Client) -> None:
        super().__init__(order)
        self._client = client
        self._request = Request(order, client, self.admit)
        self._slots = ConnectionSlots(order.slots, client.network.connections)
        self._wanted_from = 0  # the first byte that `chunks` gives
        self._promised: str | None = None  # the sha256 that the answer says the whole has
        self._splits = True
        self._is_paused = False

    async def open(self, landing: Landing | None = None) -> Head:
        await self.take_slot()
        await self._request.reach(self._request.recall(landing) if landing else 0)
        return self.head

    async def open_at(self, start: int, version: Version) -> Head:
        await self.take_slot()
        self._wanted_from = start
        await self._request.reach_version(start, version)
        return self.head

    @property
    def version(self) -> Version:
        return self._request.version

    async def chunks(self) -> AsyncGenerator[bytes]:
        # A checksum is of the whole.
        position = self._request.position
        promised = promised_sha256(self._request.headers) if not position else None
        known = hashlib.sha256()
        # A server that knows no ranges sends what nobody wants as well.
        unwanted = self._wanted_from - position
        async with aclosing(self._body()) as body:
            async for chunk in body:
                if promised is not None:
                    known.update(chunk)
                if unwanted < len(chunk):
                    yield chunk[unwanted:] if unwanted else chunk
                unwanted = max(0, unwanted - len(chunk))
        if promised not in (None, known.hexdigest()):
            raise Damaged(f"{self.item.url}: not what its checksum says", url=self.item.url)

    def pause(self, *, restarts: bool) -> None:
        if self._request.interrupt(restarts=restarts):
            self._is_paused = True
            self.leave_slot()

    async def save(self, landing: Landing) -> Stored:
        while True:
            self._promised = promised_sha256(self._request.headers)
            try:
                stored = await self._save(landing)
            except Restarted:
                continue
            if stored is not None:
                return stored

    async def close(self) -> None:
        self._request.close()
        self.leave_slot()

    # The body

    async def _body(self) -> AsyncGenerator[bytes]:
        """Read on through breaks. Raises `Restarted` when the body must start anew."""
        request = self._request
        delivered = request.position > 0
        while True:
            try:
                async for chunk in request.chunks():
                    delivered = True
                    self._tell(request.position)
                    yield chunk
                    self.refuse_beyond_bound(request.position)
                self.leave_slot()
                return
            except Transient as error:
                await self._go_on(error)
                if delivered and request.position == 0:
                    raise request.make_restarted() from None

    async def _go_on(self, error: Transient) -> None:
        """Have an answer again, after a break or a pause."""
        if self._is_paused:
            self._is_paused = False
            await self.take_slot()
            await self._request.reach(self._request.position)
        else:
            await self._request.reach_after(error)

    # Into a landing

    async def _save(self, landing: Landing) -> Stored | None:
        """Save by the way that suits; None when another way is to follow."""
        size, position, spans = self._request.size, self._request.position, self._request.spans
        if size is not None and spans is not None:
            return await self._save_ranges(landing, size, spans)
        if size is not None and size <= landing.keeper.small and not position:
            return await self._save_whole(landing)
        if (
            size is not None
            and self._may_be_split()
            and (self._client.network.connections or 1) > 1
        ):
            return await self._save_ranges(landing, size, [(0, position)] if position else [])
        return await self._save_in_order(landing)

    async def _save_whole(self, landing: Landing) -> Stored:
        pieces: list[bytes] = []
        try:
            async with aclosing(self._body()) as body:
                async for chunk in body:
                    pieces.append(chunk)
        except (FetchError, asyncio.CancelledError) as error:
            if pieces and not isinstance(error, Restarted):
                await self._keep(landing, pieces)
            raise
        return self._make_receipt(landing, await landing.publish_bytes(pieces, self._promised))

    async def _keep(self, landing: Landing, pieces: list[bytes]) -> None:
        """Write what there is of a body as a part, where a later run can go on with it."""
        if self._request.version.if_range is None:
            return
        with suppress(SinkError):  # what led here counts
            await landing.begin(self._request.token(ranged=False))
            await landing.append(pieces)

    async def _save_in_order(self, landing: Landing) -> Stored | None:
        """Save by a part and its sidecar; at once what is whole before it need be written."""
        request = self._request
        token = request.token(ranged=False) if request.version.if_range is not None else None
        started, start = time.monotonic(), request.position
        batch = Batch()
        writing = asyncio.create_task(landing.begin(token, start)) if start else None
        try:
            async with aclosing(self._body()) as body:
                async for chunk in body:
                    batch.add(chunk)
                    if not batch.is_due:
                        continue
                    # One batch is written while the next arrives: the disk sets the pace.
                    writing = writing or asyncio.create_task(landing.begin(token))
                    await asyncio.shield(writing)
                    writing = asyncio.create_task(landing.append(batch.take()))
                    if self._is_too_slow(time.monotonic() - started, request.position - start):
                        request.note_written()
                        return None
            await self.admit_whole(request.position)
            if writing is None:
                sha256 = await landing.publish_bytes(batch.take(), self._promised)
                return self._make_receipt(landing, sha256)
        finally:
            if batch.size:
                await (writing or landing.begin(token))
                await landing.append(batch.take())
            elif writing is not None:
                await writing
        return self._make_receipt(landing, await landing.publish(self._promised))

    async def _save_ranges(self, landing: Landing, size: int, spans: list[Span]) -> Stored:
        request = self._request
        await landing.begin_ranges(request.token(ranged=True), size, spans)
        ranges = Ranges(
            landing,
            size,
            spans,
            ask=request.ask_range,
            first=request.detach(),
            slots=self._slots,
            budget=request.budget,
            tell=self._tell,
        )
        try:
            await ranges.fetch()
        except Restarted:
            self._splits = False  # a file that changes, or a server that does not know ranges
            await request.reach(0)
            raise
        self.leave_slot()
        sha256 = await landing.publish(self._promised)
        return Stored(landing.final.name, size, sha256, crc32=landing.crc32)

    def _make_receipt(self, landing: Landing, sha256: str) -> Stored:
        position = self._request.position
        return Stored(landing.final.name, position, sha256, crc32=landing.crc32)

    def _may_be_split(self) -> bool:
        """Whether what is missing is worth ranges, and the server's validators allow them."""
        size = self._request.size
        return (
            self._splits
            and self._request.is_proven
            and size is not None
            and size - self._request.position >= WORTH_IT
            and self._request.version.if_range is not None
            and self._request.headers.get("Accept-Ranges", "bytes").lower() == "bytes"
        )

    def _is_too_slow(self, seconds: float, done: int) -> bool:
        """Whether one connection has had its chance, and more are worth trying."""
        network = self._client.network
        if network.connections is not None or network.limit_rate or seconds < PATIENCE_SECONDS:
            return False
        size = self._request.size
        if not self._may_be_split() or not self._slots.is_any_free:
            return False
        return size is not None and (size - self._request.position) * seconds > SLOW_SECONDS * done

    def _tell(self, done: int) -> None:
        self.tell(done, self._request.size)
