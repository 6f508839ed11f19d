"""What an object sink notes of the objects that it has put, so that later runs know them.

A record is a small JSON object. Its path, `.reelin/ADDRESS-FAMILY-VERSION-BYTES.json`, is made of
hashes of all that may identify an item: its address, that without its signature, and what else it
has in common with the same file at another address. So one list of what there is answers every
question, and a record is read only where there is one. Older records have the address alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from reelin import Head, MediaItem, Stored, bytes_likeness, file_identity, version_likeness

if TYPE_CHECKING:
    from obstore.store import ObjectStore

STATE = ".reelin/"


class Records:
    """The records of one store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._paths: defaultdict[str, list[str]] = defaultdict(list)  # by a hash that is in them

    def learn(self, paths: Iterable[str]) -> None:
        """Take in the paths of records, the newest last."""
        for path in paths:
            for word in _words(path):
                self._paths[word].append(path)

    async def find(self, item: MediaItem) -> dict[str, Any]:
        """Return the record of an item with this address; empty if there is none."""
        return await self._read_last(self._paths.get(_hash(file_identity(item)), ()))

    async def find_relative(self, item: MediaItem) -> dict[str, Any]:
        """Return the record of the one object whose address differs by its signature."""
        paths = self._paths.get(family_of(item), ())
        return await self._read_last(paths) if len(_bytes_of(paths)) <= 1 else {}

    async def find_version(self, item: MediaItem, head: Head) -> list[dict[str, Any]]:
        """Return the records of what an item may be by the head of its answer.

        There are none where that head stands before different bytes.
        """
        likeness = version_likeness(item, head)
        paths = self._paths.get(_hash(likeness), ()) if likeness else ()
        return await self._read_all(paths) if len(_bytes_of(paths)) <= 1 else []

    async def find_bytes(self, item: MediaItem, sha256: str) -> list[dict[str, Any]]:
        """Return the records of what an item may be by its bytes."""
        return await self._read_all(self._paths.get(_hash(bytes_likeness(item, sha256)), ()))

    async def add(self, item: MediaItem, head: Head, stored: Stored, tag: str | None) -> str:
        """Write the record of an object; return its path."""
        import obstore

        about = {
            "url": item.url,
            "format": item.format,
            "final_url": head.url,
            "name": stored.name,
            "size": stored.size,
            "sha256": stored.sha256,
            "crc32": stored.crc32,
            "etag": tag,
            "validator": head.validator,
            "loss": stored.loss,
            "mime": head.mime,
            "title": item.title,
            "page_url": item.page_url,
        }
        known = {key: value for key, value in about.items() if value not in (None, "")}
        path = _path(item, head, stored.sha256 or "")
        await obstore.put_async(
            self._store,
            path,
            json.dumps(known, ensure_ascii=False).encode(),
            attributes={"Content-Type": "application/json"},
        )
        earlier = [each for each in self._paths.get(_words(path)[0], ()) if _succeeds(path, each)]
        self.learn([] if path in self._paths[_words(path)[0]] else [path])
        for each in earlier:
            await self.forget(each)
        return path

    async def forget(self, path: str) -> None:
        """Remove a record that another one succeeds; where that may not be, it does no harm."""
        import obstore

        for word in _words(path):
            self._paths[word] = [each for each in self._paths[word] if each != path]
        with suppress(obstore.exceptions.BaseError, OSError):
            await obstore.delete_async(self._store, path)

    async def _read_last(self, paths: Iterable[str]) -> dict[str, Any]:
        """Return the newest record that can be read."""
        for path in reversed([*paths]):
            if record := await self._read(path):
                return record
        return {}

    async def _read_all(self, paths: Iterable[str]) -> list[dict[str, Any]]:
        return [record for path in [*paths] if (record := await self._read(path))]

    async def _read(self, path: str) -> dict[str, Any]:
        """Return a record, and in it its own `path`; empty if it is none."""
        import obstore

        try:
            found = await obstore.get_async(self._store, path)
            record = json.loads(bytes(await found.bytes_async()))
        except (ValueError, FileNotFoundError):
            return {}
        return record | {"path": path} if _is_record(record) else {}


def family_of(item: MediaItem) -> str:
    """Return what the addresses of an item share, as a word."""
    return _hash(file_identity(item, signed=False))


def is_relative(record: dict[str, Any], item: MediaItem) -> bool:
    """Whether a record is of an address that differs from the item's by its signature only."""
    return family_of(item) in _words(record["path"])


def _path(item: MediaItem, head: Head, sha256: str) -> str:
    identities = (
        file_identity(item),
        file_identity(item, signed=False),
        version_likeness(item, head),
        bytes_likeness(item, sha256),
    )
    return f"{STATE}{'-'.join(map(_hash, identities))}.json"


def _words(path: str) -> list[str]:
    """Return the hashes in a path, each once, the address first."""
    return [*dict.fromkeys(path.removeprefix(STATE).removesuffix(".json").split("-"))]


def _bytes_of(paths: Iterable[str]) -> set[str]:
    """Return the hashes of bytes in some paths; that of an older record is its address."""
    return {_words(path)[-1] for path in paths}


def _hash(identity: object) -> str:
    text = json.dumps(identity, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _succeeds(path: str, earlier: str) -> bool:
    """Whether a record is of the very address that an earlier one is of."""
    return path != earlier and _words(path)[0] == _words(earlier)[0]


def _is_record(record: object) -> bool:
    return (
        isinstance(record, dict)
        and isinstance(record.get("name"), str)
        and isinstance(record.get("size"), int)
        and isinstance(record.get("sha256"), str)
        and isinstance(record.get("etag"), str | None)
    )
