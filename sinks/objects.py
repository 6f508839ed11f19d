"""Objects in a store: S3, Google Cloud, Azure, or what else obstore knows by its URL."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Self

from reelin import (
    Head,
    MediaItem,
    Names,
    Restarted,
    Sink,
    SinkError,
    Stored,
    Transfer,
    file_identity,
    hookimpl,
    name_for,
)

from .families import Families
from .store_urls import describe_error, open_store, tidy

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_STATE = ".reelin/"
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
    later run knows what is there. One run at a time may write below a URL.
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

    async def __aenter__(self) -> Self:
        """Learn what is there. Raises `SinkError` where the store cannot be reached."""
        import obstore

        try:
            async for batch in obstore.list(self._store):
                self._objects.update((each["path"], dict(each)) for each in batch)
        except Exception as error:
            raise self._as_sink_error(error) from error
        visible = (path for path in self._objects if not path.startswith(_STATE))
        self._names = Names(() if self._overwrite else visible)
        return self

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        """Put one item; one that is there already, complete, is not asked for again."""
        known = {} if self._overwrite else await self._find_record(item)
        if known and self._is_there(known):
            return Stored(known["name"], known["size"], known["sha256"], new=False)
        head = await transfer.open()
        name = self._names.reserve(known.get("name") or name_for(item, head, self._template))
        try:
            while True:
                try:
                    return await self._put(name, item, transfer)
                except Restarted:
                    continue
        except BaseException:
            self._names.release(name)
            raise

    async def _put(self, name: str, item: MediaItem, transfer: Transfer) -> Stored:
        """Store a body and its record, both or none as far as that can be."""
        body = _Body(transfer)
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
        stored = Stored(name, body.size, body.sha256)
        await self._remember(item, head, stored, result["e_tag"])
        return stored

    def take_doubts(self) -> Sequence[MediaItem]:
        """Return the items that may not be those whose objects they were taken for."""
        return self._families.take_doubts()

    # What was put by earlier runs

    async def _find_record(self, item: MediaItem) -> dict[str, Any]:
        """Return what an earlier run noted of an item, though its address be signed anew."""
        path, family = _record_path(item), _record_path(item, signed=False)
        if path == family:
            return await self._read_record(path)
        is_alone = self._families.meet(item, family)
        record = await self._read_record(path)
        if record or not is_alone:
            return record
        record = await self._read_record(family)
        if record and not self._families.assume(item, family):
            return {}
        return record

    async def _read_record(self, path: str) -> dict[str, Any]:
        """Return a record; empty if there is none."""
        import obstore

        if path not in self._objects:
            return {}
        try:
            found = await obstore.get_async(self._store, path)
            record = json.loads(bytes(await found.bytes_async()))
        except ValueError:
            return {}
        except (obstore.exceptions.BaseError, OSError) as error:
            raise self._as_sink_error(error) from error
        return record if _is_record(record) else {}

    def _is_there(self, record: dict[str, Any]) -> bool:
        """Whether the object is still the one that was put."""
        there = self._objects.get(record["name"], {})
        same_size = there.get("size") == record["size"]
        return bool(same_size and _bare(there["e_tag"]) == _bare(record.get("etag")))

    async def _remember(self, item: MediaItem, head: Head, stored: Stored, tag: str | None) -> None:
        """Write the record of an object, for later runs."""
        import obstore

        about = {
            "url": item.url,
            "format": item.format,
            "final_url": head.url,
            "name": stored.name,
            "size": stored.size,
            "sha256": stored.sha256,
            "etag": tag,
            "mime": head.mime,
            "title": item.title,
            "page_url": item.page_url,
        }
        known = {key: value for key, value in about.items() if value not in (None, "")}
        body = json.dumps(known, ensure_ascii=False).encode()
        try:
            for path in {_record_path(item), _record_path(item, signed=False)}:
                await obstore.put_async(
                    self._store, path, body, attributes={"Content-Type": "application/json"}
                )
        except obstore.exceptions.BaseError as error:
            raise self._as_sink_error(error) from error

    def _as_sink_error(self, error: Exception) -> SinkError:
        return SinkError(f"{self.url}: {describe_error(error)}")


class _Body:
    """The chunks of a transfer, counted and hashed on their way; it can be stopped."""

    def __init__(self, transfer: Transfer) -> None:
        self._transfer = transfer
        self._hash = hashlib.sha256()
        self._waiting: asyncio.Timeout | None = None  # for the next chunk
        self._stopped = False
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body. Raises `TimeoutError` once it was stopped."""
        async with aclosing(self._transfer.chunks()) as chunks:
            while chunk := await self._next(chunks):
                self._hash.update(chunk)
                self.size += len(chunk)
                self._transfer.refuse_beyond_bound(self.size)
                self._transfer.tell(self.size, self._transfer.head.size)
                yield chunk
        await self._transfer.admit_whole(self.size)

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


def _record_path(item: MediaItem, *, signed: bool = True) -> str:
    """The path of an item's record."""
    identity = json.dumps(file_identity(item, signed=signed), ensure_ascii=False)
    return f"{_STATE}{hashlib.sha256(identity.encode()).hexdigest()[:32]}.json"


def _bare(tag: str | None) -> str | None:
    """An entity tag without its quotes: Azure's lists leave them out."""
    return tag.strip('"') if tag is not None else None


def _is_record(record: object) -> bool:
    return (
        isinstance(record, dict)
        and isinstance(record.get("name"), str)
        and isinstance(record.get("size"), int)
        and isinstance(record.get("sha256"), str)
        and isinstance(record.get("etag"), str | None)
    )


@hookimpl
def reelin_sinks() -> Iterable[type[Sink]]:
    """The built-in object sink."""
    return [ObjectSink]
