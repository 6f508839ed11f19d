"""By what else than their address two files are the same one, where both are of one page.

A signature does not count, nor does the host: which machine of a delivery network has a file may
change from day to day. So a likeness is made of the page's path and the file's, and of one thing
more: the version that an answer's head names, or the bytes. Where bytes are compared, what may be a
token in the path does not count either.
"""

from __future__ import annotations

from typing import TypeAlias

from .item import FileIdentity, MediaItem, file_identity
from .media_types import path_of
from .signatures import lasting_path
from .stored import Head

Likeness: TypeAlias = tuple[str | int | None, ...]
_TELLING = 10  # characters of an ETag, quotes included, from which it says something of the bytes


def version_likeness(item: MediaItem, head: Head) -> Likeness | None:
    """Return what the files of an item share whose heads are alike; None: too little is told.

    A date says little where it is another query, such as another `id`, and so does a short ETag:
    the first version of everything may be `"1"`.
    """
    if head.validator is None or head.size is None:
        return None
    family = file_identity(item, signed=False)
    return liken_versions(family, path_of(item.page_url), head.validator, head.size)


def bytes_likeness(item: MediaItem, sha256: str) -> Likeness:
    """Return what the files of an item share that have the same bytes."""
    return liken_bytes(file_identity(item, signed=False), path_of(item.page_url), sha256)


def liken_versions(family: FileIdentity, page: str, validator: str, size: int) -> Likeness:
    """Return `version_likeness` of a file whose address is without its signature already."""
    below = _below_host(family[0])
    if validator.startswith('"') and len(validator) >= _TELLING:
        below = below.partition("?")[0]
    return page, below, *family[1:], validator, size


def liken_bytes(family: FileIdentity, page: str, sha256: str) -> Likeness:
    """Return `bytes_likeness` of a file whose address is without its signature already."""
    return page, lasting_path(family[0]), *family[1:], sha256


def _below_host(url: str) -> str:
    """Return path and query of an address."""
    return url[url.find("/", url.find("://") + 3) :]
