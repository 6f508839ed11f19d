"""The bytes of one URL over HTTP: verified, resumed across breaks and processes, never mixed."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from ...disk.batch import Batch
from ...disk.landing import Landing
from ...disk.sidecar import Token
from ...media import hls, m3u8
from ...model.errors import FetchError, Transient
from ...model.item import MediaItem
from ...model.outcomes import Damaged, Misjudged, Refused, Restarted
from ...model.stored import Head, Stored
from ...net.client import Client
from ...net.response import Response
from ...net.retry import Budget
from ...net.versions import Version, continues, may_resume, version_from_token, version_of
from ...plugins.transfer import Order, Transfer
from ..answer import check_body, head_of, promised_sha256, sniffed
from .ranges import WORTH_IT, Ranges, Span, merged, missing

PATIENCE_SECONDS = 0.5  # after which one connection may be found too slow
SLOW_SECONDS = 2.0  # left at the present rate, from which more connections are tried


class HttpTransfer(Transfer):
    """The body of one HTTP resource, over the connections of `client`."""

    def __init__(self, order: Order, client: Client) -> None:
        super().__init__(order)
        self._client = client
        self._budget = Budget(client.network.retries)
        self._version = Version()
        self._headers: Mapping[str, str] = {}
        self._position = 0  # of the next byte that `_response` delivers
        self._wanted_from = 0  # the first byte that `chunks` gives
        self._spans: list[Span] | None = None  # what is written, when it is not all in front
        self._response: Response | None = None
        self._promised: str | None = None  # the sha256 that the answer says the whole has
        self._splits = True
        self._is_paused = False

    async def open(self, landing: Landing | None = None) -> Head:
        await self.take_slot()
        await self._reach(self._left_behind(landing) if landing else 0)
        return self.head

    async def open_at(self, start: int, version: Version) -> Head:
        await self.take_slot()
        self._version, self._wanted_from = version, start
        await self._reach(start)
        if version.if_range is None or self._version != version:
            raise self._restarted()
        return self.head

    @property
    def version(self) -> Version:
        return self._version

    async def chunks(self) -> AsyncGenerator[bytes]:
        # A checksum is of the whole.
        promised = promised_sha256(self._headers) if not self._position else None
        known = hashlib.sha256()
        # A server that knows no ranges sends what nobody wants as well.
        unwanted = self._wanted_from - self._position
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
        goes_on = restarts or may_resume(self._version, self._position)
        if goes_on and self._response is not None and not self._response.ended:
            self._is_paused = True
            self._response.close()
            self.leave_slot()

    async def save(self, landing: Landing) -> Stored:
        while True:
            self._promised = promised_sha256(self._headers)
            try:
                sha256 = await self._save(landing)
            except Restarted:
                continue
            if sha256 is not None:
                return Stored(landing.path.name, self._position, sha256)

    async def close(self) -> None:
        if self._response is not None:
            self._response.close()
        self.leave_slot()

    # One request after another, until an answer is good

    async def _reach(self, start: int) -> None:
        """Have an answer that delivers from `start`, or from 0 when that is not to be had."""
        while True:
            worth_it = self._spans is not None or may_resume(self._version, start)
            try:
                if not (worth_it and await self._resume(start)):
                    await self._begin()
                await self._inspect()
                return
            except Transient as error:
                self._drop_response()
                kept = start if worth_it else 0
                await asyncio.sleep(self._budget.spend(error, kept, self._version.size))

    async def _begin(self) -> None:
        """Ask for the whole body."""
        self._spans, self._position = None, 0
        parked = self._client.unpark(self.item.url)
        response = parked if parked is not None else await self._get({})
        self._client.check(response)
        if response.status not in (200, 203):
            response.close()
            raise FetchError(
                f"{response.url}: status {response.status} is no answer to the question asked",
                url=response.url,
                status=response.status,
            )
        self._response = response
        # Of a body whose end is not marked no part can be trusted.
        unreliable = response.is_encoded or not response.is_framed
        self._version = version_of(response.headers, response.length, unreliable=unreliable)

    async def _resume(self, start: int) -> bool:
        """Ask for the rest of the same version; whether that is what came."""
        response = await self._ask_range(start, None)
        if response is None:
            return False
        self._response, self._position = response, start
        return True

    async def _ask_range(self, start: int, end: int | None) -> Response | None:
        """The answer with exactly [start, end) of the version at hand; None: it is no more."""
        last = "" if end is None else end - 1
        wanted = {"Range": f"bytes={start}-{last}", "If-Range": self._version.if_range or ""}
        response = await self._get(wanted)
        if continues(response.status, response.headers, self._version, start, end):
            self._client.check(response)
            return response
        if response.status not in (200, 206, 412, 416):
            self._client.check(response)
        response.close()
        return None

    async def _get(self, range_headers: dict[str, str]) -> Response:
        return await self._client.get(
            self.item.url,
            headers={**self.item.headers, **range_headers},
            page_url=self.item.page_url,
            as_file=True,
        )

    async def _inspect(self) -> None:
        """Let the filters see the headers, then see whether the body is what it says."""
        response = self._response
        assert response is not None
        self._headers = response.headers
        try:
            head = head_of(response, self._version.size)
            if self._position:
                await self.admit(head)
                return  # its beginning was looked at when it was fetched
            if head.mime is not None:
                await self.admit(head)
            first = await response.first()
            head = sniffed(head, first)
            if not self._order.as_is:
                _check_kind(self.item, head, first)
            if head != self.head:
                await self.admit(head)
        except (Refused, Misjudged, FetchError):
            response.close()
            raise

    # The body

    async def _body(self) -> AsyncGenerator[bytes]:
        """The body from where it is, through breaks. Raises `Restarted` when it must start anew."""
        delivered = self._position > 0
        while True:
            assert self._response is not None
            try:
                async for chunk in self._response.chunks():
                    self._position += len(chunk)
                    delivered = True
                    self._tell(self._position)
                    yield chunk
                    self.refuse_beyond_bound(self._position)
                self._check_length()
                self.leave_slot()
                return
            except Transient as error:
                await self._go_on(error)
                if delivered and self._position == 0:
                    raise self._restarted() from None

    async def _go_on(self, error: Transient) -> None:
        """Have an answer again, after a break or a pause."""
        if self._is_paused:
            self._is_paused = False
            await self.take_slot()
        else:
            kept = self._position if may_resume(self._version, self._position) else 0
            await asyncio.sleep(self._budget.spend(error, kept, self._version.size))
        await self._reach(self._position)

    def _restarted(self) -> Restarted:
        url = self.item.url
        return Restarted(f"{url}: changed since its beginning was fetched", url=url)

    def _check_length(self) -> None:
        size = self._version.size
        if size is not None and self._position != size:
            raise Transient(
                f"{self.item.url}: {self._position} of {size} bytes came", url=self.item.url
            )

    # Into a landing

    async def _save(self, landing: Landing) -> str | None:
        """Save by the way that suits; the sha256, or None when another way is to follow."""
        size = self._version.size
        if self._spans is not None:
            return await self._save_ranges(landing, self._spans)
        if size is not None and size <= landing.keeper.small and not self._position:
            return await self._save_whole(landing)
        if self._may_be_split(size) and (self._client.network.connections or 1) > 1:
            return await self._save_ranges(landing, [(0, self._position)] if self._position else [])
        return await self._save_in_order(landing)

    async def _save_whole(self, landing: Landing) -> str:
        pieces = [chunk async for chunk in self._body()]
        return await landing.publish_bytes(pieces, self._promised)

    async def _save_in_order(self, landing: Landing) -> str | None:
        """Save by a part and its sidecar; at once what is whole before it need be written."""
        resumable = self._version.if_range is not None
        token = self._token(ranged=False) if resumable else None
        started, start = time.monotonic(), self._position
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
                    if self._is_too_slow(time.monotonic() - started, self._position - start):
                        self._spans = [(0, self._position)]
                        return None
            await self.admit_whole(self._position)
            if writing is None:
                return await landing.publish_bytes(batch.take(), self._promised)
        finally:
            if batch.size:
                await (writing or landing.begin(token))
                await landing.append(batch.take())
            elif writing is not None:
                await writing
        return await landing.publish(self._promised)

    async def _save_ranges(self, landing: Landing, spans: list[Span]) -> str:
        size = self._version.size
        assert size is not None
        await landing.begin_ranges(self._token(ranged=True), size, spans)
        first, self._response = self._response, None
        ranges = Ranges(
            landing,
            size,
            spans,
            ask=self._ask_piece,
            first=first,
            client=self._client,
            budget=self._budget,
            tell=self._tell,
        )
        try:
            await ranges.fetch()
        except Restarted:
            self._splits = False  # a file that changes, or a server that does not know ranges
            await self._reach(0)
            raise
        self._position = size
        self.leave_slot()
        return await landing.publish(self._promised)

    async def _ask_piece(self, start: int, end: int) -> Response:
        response = await self._ask_range(start, end)
        if response is None:
            raise self._restarted()
        return response

    def _may_be_split(self, size: int | None) -> bool:
        """Whether what is missing is worth ranges, and the server's validators allow them."""
        return (
            self._splits
            and size is not None
            and size - self._position >= WORTH_IT
            and self._version.if_range is not None
            and self._headers.get("Accept-Ranges", "bytes").lower() == "bytes"
        )

    def _is_too_slow(self, seconds: float, done: int) -> bool:
        """Whether one connection has had its chance, and more are worth trying."""
        network = self._client.network
        if network.connections is not None or network.limit_rate or seconds < PATIENCE_SECONDS:
            return False
        size = self._version.size
        if not self._may_be_split(size) or not self._client.spare_connections:
            return False
        return size is not None and (size - self._position) * seconds > SLOW_SECONDS * done

    # What a later process needs

    def _token(self, *, ranged: bool) -> Token:
        return {"url": self.item.url, "ranged": ranged, **self._version.as_token()}

    def _left_behind(self, landing: Landing) -> int:
        """Where an earlier process's part can be continued: its first missing byte, or 0.

        Of a part that is whole the last byte counts as missing: the server is always asked.
        """
        left = landing.read_unfinished()
        if left is None:
            return 0
        token, notes, on_disk = left
        if token.get("url") != self.item.url:
            return 0
        self._version = version_from_token(token)
        size = self._version.size
        if token.get("ranged"):
            if size is None or on_disk != size:
                return 0
            self._spans = merged(notes, size - 1)
            return missing(self._spans, size)[0][0]
        if size is None:
            return on_disk
        return min(on_disk, size - 1) if on_disk <= size else 0

    # Small things

    def _tell(self, done: int) -> None:
        self.tell(done, self._version.size)

    def _drop_response(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None


def _check_kind(item: MediaItem, head: Head, first: bytes) -> None:
    """Raise for a body that is not the file it should be, by its beginning."""
    if b"#EXTM3U" in first[:16] and m3u8.is_playlist(first.decode("utf-8", "replace")):
        raise Misjudged(hls.MIME)
    check_body(item, head, first)


def kept_bytes(landing: Landing) -> int:
    """How many bytes of an unfinished body a later transfer can build on."""
    left = landing.read_unfinished()
    if left is None:
        return 0
    token, notes, on_disk = left
    if not token.get("ranged"):
        return on_disk
    return sum(end - start for start, end in merged(notes, on_disk))
