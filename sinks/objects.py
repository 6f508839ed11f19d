"""Objects in a store: S3, Google Cloud, Azure, or what else obstore knows by its URL."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Self
from zlib import crc32

from reelin import (
    AlreadyStored,
    Head,
    MediaItem,
    Names,
    Restarted,
    Sink,
    SinkError,
    Stored,
    Transfer,
    hookimpl,
    name_for,
)

from .families import Families
from .records import STATE, Records, family_of, is_relative
from .store_urls import describe_error, open_store, tidy

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_PART = 5 << 20  # bytes; the smallest part that S3 takes
_MOST_PARTS = 9000  # S3 takes 10,000
_AT_ONCE = 4  # parts of one object
_LAST_SECONDS = 5.0  # for a store to remove what was begun


class ObjectSink(Sink):
    """Puts items below a URL such as `s3://bucket/prefix`, each visible only when it is complete.

    url:       where to; credentials and endpoints come from the environment, as for other tools
               (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, `GOOGLE_APPLICATION_CREDENTIALS`…)
    store:     an obstore that is set up already; `url` is then only shown to people
    template:  names as `{title}.{ext}`; None: the best name that is known
    overwrite: put everything again, and replace objects that have a wanted name

    Beside the objects, `.reelin/` gets a small record of each: its URL, size and SHA-256. By it a
    later run knows what is there, at another address of the same page too, as a folder does. One
    run at a time may write below a URL.
    """

    name = "objects"

    def __init__(
        self,
        url: str,
        *,
        store: ObjectStore | None = None,
        template: str | None = None,
        overwrite: bool = False,
    ) -> None:
        self.url = tidy(url)
        self._store = store or open_store(self.url)
        self._template = template
        self._overwrite = overwrite
        self._objects: dict[str, dict[str, Any]] = {}  # what there is, by its path
        self._families = Families()
        self._records = Records(self._store)
        self._claimed: set[str] = set()  # names of objects that items of this run have

    async def __aenter__(self) -> Self:
        """Learn what is there. Raises `SinkError` where the store cannot be reached."""
        import obstore

        try:
            async for batch in obstore.list(self._store):
                self._objects.update((each["path"], dict(each)) for each in batch)
        except Exception as error:
            raise self._as_sink_error(error) from error
        records = [each for path, each in self._objects.items() if path.startswith(STATE)]
        records.sort(key=itemgetter("last_modified"))
        self._records.learn(each["path"] for each in records)
        visible = (path for path in self._objects if not path.startswith(STATE))
        self._names = Names(() if self._overwrite else visible)
        return self

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        """Put one item; one that is there already, complete, is not asked for again."""
        known = {} if self._overwrite else await self._find_record(item)
        if known and self._is_there(known):
            self._claimed.add(known["name"])
            return _receipt(known)
        head = await transfer.open()
        is_new = not (known or self._overwrite)  # by its address
        if is_new:
            await self._refuse_version(item, head)
        name = self._names.reserve(known.get("name") or name_for(item, head, self._template))
        try:
            while True:
                try:
                    return await self._put(name, item, transfer, is_new=is_new)
                except Restarted:
                    continue
        except BaseException:
            self._names.release(name)
            raise

    async def _put(self, name: str, item: MediaItem, transfer: Transfer, *, is_new: bool) -> Stored:
        """Store a body and its record, both or none as far as that can be."""

        async def refuse(sha256: str) -> None:
            if is_new:
                await self._refuse_bytes(item, transfer.head, sha256)

        body = _Body(transfer, refuse)
        putting = asyncio.ensure_future(self._put_both(name, item, transfer.head, body))
        try:
            return await asyncio.shield(putting)
        except asyncio.CancelledError:
            # A body that fails has the parts that are there removed; a cancelled upload has not.
            body.stop()
            await asyncio.wait([putting], timeout=_LAST_SECONDS)
            putting.cancel()
            raise

    async def _put_both(self, name: str, item: MediaItem, head: Head, body: _Body) -> Stored:
        """Put a body, of which nothing can be seen until all is there, and then its record."""
        import obstore

        content: Any = body.chunks()
        if head.size is not None and head.size <= _PART:
            content = b"".join([chunk async for chunk in content])
        try:
            result = await obstore.put_async(
                self._store,
                name,
                content,
                attributes={"Content-Type": head.mime or "application/octet-stream"},
                chunk_size=max(_PART, (head.size or 0) // _MOST_PARTS),
                max_concurrency=_AT_ONCE,
            )
        except obstore.exceptions.BaseError as error:
            raise self._as_sink_error(error) from error
        stored = Stored(name, body.size, body.sha256, loss=body.loss, crc32=body.crc32)
        await self._remember(item, head, stored, result["e_tag"])
        self._objects[name] = {"size": stored.size, "e_tag": result["e_tag"]}
        self._claimed.add(name)
        return stored

    def take_doubts(self) -> Sequence[MediaItem]:
        """Return the items that may not be those whose objects they were taken for."""
        return self._families.take_doubts()

    # What was put by earlier runs

    async def _find_record(self, item: MediaItem) -> dict[str, Any]:
        """Return what an earlier run noted of an item, though its address be signed anew."""
        family = family_of(item)
        is_alone = self._families.meet(item, family)
        with self._telling_errors():
            record = await self._records.find(item)
            if record or not is_alone:
                return record
            record = await self._records.find_relative(item)
        if record and not self._families.assume(item, family):
            return {}
        return record

    async def _refuse_version(self, item: MediaItem, head: Head) -> None:
        """Raise `AlreadyStored` where the head of an answer is that of an object that is here."""
        with self._telling_errors():
            records = await self._records.find_version(item, head)
        await self._refuse(item, head, records)

    async def _refuse_bytes(self, item: MediaItem, head: Head, sha256: str) -> None:
        """Raise `AlreadyStored` where a body is that of an object that is here."""
        with self._telling_errors():
            records = await self._records.find_bytes(item, sha256)
        relatives = [each for each in records if is_relative(each, item)]
        await self._refuse(item, head, records, relatives)

    async def _refuse(
        self,
        item: MediaItem,
        head: Head,
        records: Sequence[dict[str, Any]],
        relatives: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Raise `AlreadyStored` where an object is the item's: no other's, but for a relative's."""
        there = [each for each in records if self._is_there(each)]
        free = [each for each in there if each["name"] not in self._claimed]
        for record in [*free, *(each for each in there if each in relatives)]:
            receipt = _receipt(record)
            self._claimed.add(receipt.name)
            await self._remember(item, head, receipt, record.get("etag"))
            if record in free:  # from now on the object is known at its new address
                await self._records.forget(record["path"])
            raise AlreadyStored(receipt)

    def _is_there(self, record: dict[str, Any]) -> bool:
        """Whether the object is still the one that was put."""
        there = self._objects.get(record["name"], {})
        same_size = there.get("size") == record["size"]
        return bool(same_size and _bare(there["e_tag"]) == _bare(record.get("etag")))

    async def _remember(self, item: MediaItem, head: Head, stored: Stored, tag: str | None) -> None:
        """Write the record of an object, for later runs."""
        with self._telling_errors():
            await self._records.add(item, head, stored, tag)

    @contextmanager
    def _telling_errors(self) -> Iterator[None]:
        """Raise what the store refuses as `SinkError`."""
        import obstore

        try:
            yield
        except (obstore.exceptions.BaseError, OSError) as error:
            raise self._as_sink_error(error) from error

    def _as_sink_error(self, error: Exception) -> SinkError:
        return SinkError(f"{self.url}: {describe_error(error)}")


class _Body:
    """The chunks of a transfer, counted and hashed on their way; it can be stopped.

    refuse: is called with the SHA-256 of all, and raises where the body is not wanted
    """

    def __init__(self, transfer: Transfer, refuse: Callable[[str], Awaitable[None]]) -> None:
        self._transfer = transfer
        self._refuse = refuse
        self._hash = hashlib.sha256()
        self._waiting: asyncio.Timeout | None = None  # for the next chunk
        self._stopped = False
        self.size = 0
        self.crc32 = 0

    @property
    def loss(self) -> str:
        return self._transfer.loss

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body. Raises `TimeoutError` once it was stopped."""
        async with aclosing(self._transfer.chunks()) as chunks:
            while chunk := await self._next(chunks):
                self._hash.update(chunk)
                self.crc32 = crc32(chunk, self.crc32)
                self.size += len(chunk)
                self._transfer.refuse_beyond_bound(self.size)
                self._transfer.tell(self.size, self._transfer.head.size)
                yield chunk
        await self._transfer.admit_whole(self.size)
        await self._refuse(self.sha256)

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes:
        async with asyncio.timeout(0 if self._stopped else None) as self._waiting:
            chunk = await anext(chunks, b"")
        self._waiting = None
        return chunk

    def stop(self) -> None:
        """Let whoever reads it fail."""
        self._stopped = True
        if self._waiting is not None:
            self._waiting.reschedule(0)


def _receipt(record: dict[str, Any]) -> Stored:
    """What is said of an item whose object is here already."""
    loss = str(record.get("loss", ""))
    crc = record.get("crc32")
    known = (record["name"], record["size"], record["sha256"])
    return Stored(*known, new=False, loss=loss, crc32=crc if type(crc) is int else None)


def _bare(tag: str | None) -> str | None:
    """An entity tag without its quotes: Azure's lists leave them out."""
    return tag.strip('"') if tag is not None else None


@hookimpl
def reelin_sinks() -> Iterable[type[Sink]]:
    """The built-in object sink."""
    return [ObjectSink]
