"""Versions of a resource, and which of its bytes may stand together: RFC 9110.

Pure functions: everything that decides whether two answers are of one version is here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from ..model.facts import parse_http_date
from ..model.signatures import lasting_path, unsigned
from .decoder import codings_of

_CONTENT_RANGE = re.compile(r"bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.IGNORECASE)
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
_TELLING = 10  # characters of an ETag, quotes included
# A date may validate a range only when the file was at rest by then (RFC 9110, 8.8.2.2).
_AT_REST = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a resource that some bytes are of.

    etag:          strong entity tag as sent, quotes included; None without one
    last_modified: Last-Modified as sent, where it is a strong validator and there is no etag
    size:          bytes of the whole, None when not announced
    """

    etag: str | None = None
    last_modified: str | None = None
    size: int | None = None

    @property
    def if_range(self) -> str | None:
        """The value of If-Range that holds a server to this version (RFC 9110, 13.1.5)."""
        return self.etag or self.last_modified

    def as_token(self) -> dict[str, Any]:
        """Return what a sidecar keeps of it."""
        return asdict(self)


def version_of(
    headers: Mapping[str, str], size: int | None, *, unreliable: bool = False
) -> Version:
    """The version that an answer's headers name.

    unreliable: encoded, or without a marked end: there is nothing to continue
    """
    if unreliable:
        return Version(size=size)
    etag = headers.get("ETag", "").strip()
    if _STRONG_ETAG.fullmatch(etag):
        return Version(etag, None, size)
    return Version(None, _strong_date(headers), size)


def version_from_token(token: Mapping[str, Any]) -> Version:
    """The version that a sidecar tells; fields of a wrong type count as absent."""
    etag, last_modified, size = (token.get(each) for each in ("etag", "last_modified", "size"))
    return Version(
        etag=etag if isinstance(etag, str) and _STRONG_ETAG.fullmatch(etag) else None,
        last_modified=last_modified if isinstance(last_modified, str) else None,
        size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
    )


def may_have_moved(before: object, now: str, version: Version) -> bool:
    """Whether what was begun at one address may be that version of what is at another one.

    They differ by the signature or the host; or by the query, such as a token, where the ETag is
    long enough to say something of the bytes. It may be, and only the bytes can prove it.
    """
    if not isinstance(before, str):
        return False
    begun, wanted = unsigned(before), unsigned(now)
    if begun == wanted:
        return True
    same_query = begun.partition("?")[2] == wanted.partition("?")[2]
    is_told = same_query or len(version.etag or "") >= _TELLING
    return is_told and lasting_path(begun) == lasting_path(wanted)


def _strong_date(headers: Mapping[str, str]) -> str | None:
    modified = headers.get("Last-Modified", "").strip()
    then, now = parse_http_date(modified), parse_http_date(headers.get("Date"))
    return modified if then and now and now - then >= _AT_REST else None


def may_resume(version: Version, have: int) -> bool:
    """Whether `have` bytes of this version can be continued at all."""
    if have <= 0 or version.if_range is None:
        return False
    return version.size is None or have < version.size


def parse_content_range(value: str | None) -> tuple[int, int, int | None] | None:
    """First byte, last byte and total (None for `*`) of a Content-Range (RFC 9110, 14.4).

    None for anything else, also for ranges that contradict themselves.
    """
    found = _CONTENT_RANGE.fullmatch((value or "").strip())
    if not found:
        return None
    first, last = int(found[1]), int(found[2])
    total = None if found[3] == "*" else int(found[3])
    if last < first or (total is not None and last >= total):
        return None
    return first, last, total


def continues(
    status: int,
    headers: Mapping[str, str],
    version: Version,
    start: int,
    end: int | None = None,
) -> bool:
    """Whether an answer is exactly the bytes from `start` (to `end`, exclusive) of `version`.

    `end` None: to the end of the resource. Judged as if the server did not know If-Range.
    """
    if status != 206 or codings_of(headers):
        return False
    sent = parse_content_range(headers.get("Content-Range"))
    if sent is None:
        return False
    first, last, total = sent
    if total is None or (version.size is not None and total != version.size):
        return False
    if first != start or last + 1 != (total if end is None else end):
        return False
    length = headers.get("Content-Length")
    if length is not None and length != str(last + 1 - first):
        return False
    etag = headers.get("ETag", "").strip()
    if version.etag is not None:
        return not etag or etag == version.etag
    # Bound by date alone: an answer that names another date is of another version.
    modified = headers.get("Last-Modified", "").strip()
    return not modified or modified == version.last_modified
