"""The files of a run folder that were the very URL of a run, and no find on a page.

By what is noted of them a later run of that URL needs no look at it: it goes on with the file, or
tells that it is here, and the server sends nothing that is here already.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from ..model.item import ITSELF, MediaItem, as_data, item_from, replace_fields
from ..model.media_types import MEDIA_TYPES
from ..model.signatures import unsigned
from .manifest import FILE, STATE, is_file_line
from .sidecar import read_sidecar

_SIDECAR = ".part.json"
_LEFT_OUT = frozenset(["headers", "number"])  # what belongs to one run, or may be secret
_FACTS = ("url", "mime", "size", "title", "extractor", "page_url")


class Recollection:
    """What a folder knows of the URLs of runs, read when the first is asked for.

    resume: whether unfinished files count as well
    """

    def __init__(self, folder: Path, *, resume: bool) -> None:
        self._items: defaultdict[str, dict[str, MediaItem]] = defaultdict(dict)
        for item in _list_complete(folder):
            self._items[unsigned(item.url)][item.url] = item
        for item in _list_unfinished(folder) if resume else ():
            self._items[unsigned(item.url)].setdefault(item.url, item)

    def find(self, url: str) -> MediaItem | None:
        """Return the file that a URL is, though it be signed anew."""
        family = self._items.get(unsigned(url), {})
        if url in family:
            return family[url]
        if len(family) != 1:
            return None  # there is none, or it cannot be told which
        return replace_fields(next(iter(family.values())), url=url, page_url=url)


def is_itself(item: MediaItem) -> bool:
    """Whether an item is the plain body of the URL that was looked at."""
    is_plain = item.protocol == "http" and item.format is None and item.audio is None
    return is_plain and item.origin == ITSELF


def note_item(item: MediaItem) -> dict[str, Any]:
    """Return what a sidecar says of such an item."""
    facts = {key: value for key, value in as_data(item).items() if key not in _LEFT_OUT}
    return {key: value for key, value in facts.items() if value not in (None, "")}


def _list_complete(folder: Path) -> Iterator[MediaItem]:
    """List the files by the manifest that are there, as large as they were."""
    with suppress(OSError), (folder / STATE / FILE).open("rb") as file:
        for raw in file:
            if not _may_be_itself(raw):
                continue  # most are of pages, and to read them takes time
            with suppress(ValueError, TypeError, RecursionError, OSError):
                line = json.loads(raw)
                if _is_wanted(line) and _size_of(folder / line["name"]) == line["size"]:
                    yield _item_of(line)


def _may_be_itself(raw: bytes) -> bool:
    """Whether a line may be of a URL that is a file: by its words, or where no page led to it."""
    if ITSELF.encode() in raw:
        return True
    page = raw.partition(b'"page_url": ')[2].partition(b'",')[0]
    return bool(page) and raw.count(page) > 1


def _is_wanted(line: Any) -> bool:
    if not isinstance(line, dict) or not is_file_line(line) or line.get("loss"):
        return False
    is_plain = not any(line.get(each) for each in ("format", "audio", "protocol"))
    is_found_there = line.get("origin") == ITSELF or line.get("page_url") == line["url"]
    return is_plain and is_found_there


def _item_of(line: Mapping[str, Any]) -> MediaItem:
    """Return the item of a line. Raises `TypeError` or `ValueError` for what no run wrote."""
    facts: dict[str, Any] = {key: line[key] for key in _FACTS if key in line}
    date = line.get("date")
    facts["date"] = datetime.fromisoformat(date) if date else None
    facts["type"] = line.get("type") if line.get("type") in MEDIA_TYPES else None
    return MediaItem(**facts, origin=ITSELF)


def _list_unfinished(folder: Path) -> Iterator[MediaItem]:
    """List the files that were begun, and of which there is something."""
    for path in (folder / STATE).glob(f"*{_SIDECAR}"):
        token, _ = read_sidecar(path)
        part = folder / f"{path.name.removesuffix(_SIDECAR)}.part"
        with suppress(AttributeError, KeyError, TypeError, ValueError, OSError):
            if token is not None and "item" in token and _size_of(part):
                yield item_from(token["item"])


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1
