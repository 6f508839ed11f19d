"""One HTTP resource, asked for until an answer is good: of one version, from a known byte on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from ...disk.blocking import read_end
from ...disk.landing import Landing
from ...disk.sidecar import Token
from ...model.errors import FetchError, Transient
from ...model.item import MediaItem
from ...model.media_types import HLS, HLS_TYPES
from ...model.outcomes import Misjudged, Refused, Restarted
from ...model.stored import Head
from ...net.client import Client
from ...net.response import Response
from ...net.retry import Budget
from ...net.versions import (
    Version,
    continues,
    may_have_moved,
    may_resume,
    version_from_token,
    version_of,
)
from ...plugins.transfer import Order
from ..answer import check_body, head_of, sniff_type
from .ranges import Span, find_start, merge_notes

_LEAST_OF_TEXT = 512  # bytes of what is called text, before it is taken for one
_PROOF = 16 << 10  # bytes that have to come again, to show that a moved file is the same


class Request:
    """The requests for the body of one item, and the answer that is open.

    admit:    asked of each answer, and whenever more of it becomes known; may raise `Refused`

    budget:   of attempts
    version:  of the body
    headers:  of the last good answer
    position: of the next byte that `chunks` gives
    spans:    what is written already, where that is not all in front; else None
    """

    def __init__(
        self, order: Order, client: Client, admit: Callable[[Head], Awaitable[None]]
    ) -> None:
        self.budget = Budget(client.network, order.watcher.retried)
        self.version = Version()
        self.headers: Mapping[str, str] = {}
        self.position = 0
        self.spans: list[Span] | None = None
        self._item = order.item
        self._as_is = order.as_is
        self._client = client
        self._admit = admit
        self._head = Head(order.item.url)  # as it was shown last
        self._response: Response | None = None
        # Bytes that were here already under another address, and have to come once more.
        self._proof = b""

    @property
    def size(self) -> int | None:
        """The bytes of the whole body; None while that is unknown."""
        return self.version.size

    async def reach(self, start: int) -> None:
        """Have an answer that delivers from `start`, or from 0 when that is not to be had."""
        while True:
            worth_it = self.spans is not None or may_resume(self.version, start)
            try:
                if not (worth_it and await self._resume(start)):
                    await self._begin()
                await self._inspect()
                return
            except Transient as error:
                self.close()
                await self._pause_after(error, start if worth_it else 0)

    async def reach_version(self, start: int, version: Version) -> None:
        """Have an answer that delivers that very version. Raises `Restarted` where it is gone."""
        self.version = version
        await self.reach(start)
        if version.if_range is None or self.version != version:
            raise self.make_restarted()

    async def reach_after(self, error: Transient) -> None:
        """Have an answer that goes on where the last one broke, after a while."""
        worth_it = may_resume(self.version, self.position)
        await self._pause_after(error, self.position if worth_it else 0)
        await self.reach(self.position)

    async def ask_range(self, start: int, end: int) -> Response:
        """Return an answer with exactly [start, end) of this version, beside the one that is open.

        Raises `Restarted` where the version is gone.
        """
        response = await self._ask_range(start, end)
        if response is None:
            raise self.make_restarted()
        return response

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Give the body from `position` on. Raises `Transient` where the answer breaks off."""
        assert self._response is not None
        async for chunk in self._response.chunks():
            if self._proof:
                self._compare(chunk)
            self.position += len(chunk)
            yield chunk
        if self.size is not None and self.position != self.size:
            url = self._item.url
            raise Transient(f"{url}: {self.position} of {self.size} bytes came", url=url)

    @property
    def is_proven(self) -> bool:
        """Whether what was here already is known to be of this version."""
        return not self._proof

    def interrupt(self, *, restarts: bool) -> bool:
        """Close the answer where the rest of it can be asked for later; whether it was closed.

        restarts: whether it may also begin anew then
        """
        may_go_on = restarts or may_resume(self.version, self.position)
        if not may_go_on or self._response is None or self._response.ended:
            return False
        self._response.close()
        return True

    def note_written(self) -> None:
        """Note that what came so far is written, so that the rest can come in ranges."""
        self.spans = [(0, self.position)]

    def detach(self) -> Response | None:
        """Give away the answer that is open: who takes it closes it."""
        response, self._response = self._response, None
        return response

    def close(self) -> None:
        """Close the answer that is open."""
        if self._response is not None:
            self._response.close()
            self._response = None

    def make_restarted(self) -> Restarted:
        """Make the error that says that what was fetched is void."""
        url = self._item.url
        return Restarted(f"{url}: changed since its beginning was fetched", url=url)

    # What a later process needs

    def token(self, *, ranged: bool) -> Token:
        """Return what a sidecar is to hold for another process to go on with this version."""
        return {"url": self._item.url, "ranged": ranged, **self.version.as_token()}

    def recall(self, landing: Landing) -> int:
        """Take over an earlier process's part; its first missing byte, or 0 to begin anew.

        Of a part that is whole the last byte counts as missing: the server is always asked.
        """
        left = landing.read_unfinished()
        if left is None:
            return 0
        token, notes, on_disk = left
        self.version = version_from_token(token)
        start, self.spans = find_start(token, notes, on_disk, self.version.size)
        begun_at = token.get("url")
        return start if begun_at == self._item.url else self._step_back(landing, start, begun_at)

    def _step_back(self, landing: Landing, start: int, begun_at: object) -> int:
        """Return from where to go on with a part that was begun at another address.

        Validators are of one address each (RFC 9110, 8.8): the last bytes have to come again, and
        be the same. Of ranges only what is in front is built upon.
        """
        self.spans = None
        if not may_have_moved(begun_at, self._item.url, self.version):
            return 0
        self._proof = read_end(landing.part, start, _PROOF)
        return start - len(self._proof)

    def _compare(self, chunk: bytes) -> None:
        """Compare a chunk with what is to come again. Raises `Transient` where they differ."""
        size = min(len(chunk), len(self._proof))
        if chunk[:size] != self._proof[:size]:
            self.version = Version()  # of which nothing can be continued
            raise Transient(f"{self._item.url}: not what was begun", url=self._item.url)
        self._proof = self._proof[size:]

    # One request

    async def _begin(self) -> None:
        """Ask for the whole body."""
        self.spans, self.position, self._proof = None, 0, b""
        parked = self._client.unpark(self._item.url)
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
        self.version = version_of(response.headers, response.length, unreliable=unreliable)

    async def _resume(self, start: int) -> bool:
        """Ask for the rest of the same version; whether that is what came."""
        try:
            response = await self._ask_range(start, None)
        except FetchError as error:
            if error.status is None or isinstance(error, Transient):
                raise
            return False  # some refuse every range: the answer to a request for the whole counts
        if response is not None:
            self._response, self.position = response, start
        return response is not None

    async def _ask_range(self, start: int, end: int | None) -> Response | None:
        """Return the answer with exactly [start, end) of the version; None: it is no more."""
        last = "" if end is None else end - 1
        wanted = {"Range": f"bytes={start}-{last}", "If-Range": self.version.if_range or ""}
        response = await self._get(wanted)
        if continues(response.status, response.headers, self.version, start, end):
            self._client.check(response)
            return response
        if response.status not in (200, 206, 412, 416):
            self._client.check(response)
        response.close()
        return None

    async def _get(self, range_headers: dict[str, str]) -> Response:
        return await self._client.get(
            self._item.url,
            headers={**self._item.headers, **range_headers},
            page_url=self._item.page_url,
            policy=self._item.referrer_policy,
            as_file=True,
        )

    async def _inspect(self) -> None:
        """Let the filters see the headers, then see whether the body is what it says."""
        response = self._response
        assert response is not None
        self.headers = response.headers
        try:
            head = head_of(response, self.version, self._item.page_encoding)
            if self.position:
                await self._show(head)
                return  # its beginning was looked at when it was fetched
            if head.mime is not None:
                await self._show(head)
            said = response.headers.get("Content-Type", "")
            # The first letters of a film may be those of a text.
            first = await response.first(_LEAST_OF_TEXT if said[:5].lower() == "text/" else 1)
            head = sniff_type(head, first)
            if not self._as_is:
                _check_kind(self._item, head, first, said)
            if head != self._head:
                await self._show(head)
        except (Refused, Misjudged, FetchError):
            response.close()
            raise

    async def _show(self, head: Head) -> None:
        self._head = head
        await self._admit(head)

    async def _pause_after(self, error: Transient, kept: int) -> None:
        await self.budget.pause(error, kept, self.size)


def _check_kind(item: MediaItem, head: Head, first: bytes, said: str) -> None:
    """Raise for a body that is not the file it should be, by its beginning."""
    if b"#EXTM3U" in first[:16]:
        from ...media.m3u8 import is_playlist  # costs a twentieth of the start, and is rare

        if is_playlist(first.decode("utf-8", "replace")):
            raise Misjudged(HLS)
        if item.mime in HLS_TYPES or item.type in ("audio", "video"):
            what = f"{head.url}: a playlist came, too long to be read or without any stream"
            raise FetchError(what, url=head.url)
    check_body(item, head, first, said)


def kept_bytes(landing: Landing) -> int:
    """Return how many bytes of an unfinished body a later transfer can build on."""
    left = landing.read_unfinished()
    if left is None:
        return 0
    token, notes, on_disk = left
    if not token.get("ranged"):
        return on_disk
    return sum(end - start for start, end in merge_notes(notes, on_disk))
