"""The word of an HTTP answer on its body, and whether the body's beginning bears it out."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..model.errors import FetchError
from ..model.facts import parse_http_date
from ..model.item import MediaItem
from ..model.media_types import (
    PLAYLISTS,
    STREAMS,
    VAGUE,
    extension,
    is_markup,
    media_type,
    mime_of,
)
from ..model.outcomes import NoSuchFile
from ..model.sniff import SNIFF_BYTES, is_binary, looks_like_html, sniff
from ..model.stored import Head
from ..model.type_names import canonical, is_form_of, share_container
from ..net.decoder import codings_of
from .disposition import filename_in

if TYPE_CHECKING:
    from ..net.response import Response
    from ..net.versions import Version

_SHA256 = re.compile(r"\bsha-256=:?([A-Za-z0-9+/]{43}=)", re.IGNORECASE)
_MEDIA = frozenset(["image", "video", "audio"])
# Files of these types never begin as text does, but for those that are text; `.ts` may be
# TypeScript as well.
_BYTES = _MEDIA | {"archive"}
_TEXTS = PLAYLISTS | STREAMS | {"image/svg+xml", "video/mp2t"}
_JSON = re.compile(rb"\{\s*[\"}]|\[\s*[\[{\"\]]")
_BLANK = b" \t\r\n\f\xef\xbb\xbf"
_DATA = frozenset(["application/json", "application/problem+json", "text/json"])


def head_of(response: Response, version: Version, encoding: str = "") -> Head:
    """Read what an answer's headers say. A type that says nothing counts as unknown.

    version:  of the body
    encoding: of the page that leads to it
    """
    mime = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    known = mime if "/" in mime and mime not in VAGUE else None
    return Head(
        url=response.url,
        mime=known,
        type=media_type(known) if known else None,
        size=version.size,
        date=parse_http_date(response.headers.get("Last-Modified")),
        filename=filename_in(response.headers.get("Content-Disposition", ""), encoding),
        validator=version.if_range,
    )


def sniff_type(head: Head, first: bytes) -> Head:
    """Return the head with the type that the body's first bytes show where the headers do not tell.

    Also where they contradict the extension: servers have stale tables, magic numbers do not lie.
    """
    name = head.filename or head.url
    by_name = mime_of(name)
    if head.mime is not None and (by_name is None or canonical(head.mime) == canonical(by_name)):
        return head
    if head.mime is not None and media_type(head.mime) == media_type(by_name or ""):
        return head
    mime = sniff(first) or head.mime or by_name
    if mime and by_name and _is_closer(by_name, name, mime, is_told=head.mime is not None):
        mime = by_name
    return head if mime is None else replace(head, mime=mime, type=media_type(mime))


def _is_closer(by_name: str, name: str, mime: str, *, is_told: bool) -> bool:
    """Whether the type that a name stands for says more of bytes than how they begin."""
    if is_form_of(extension(name), mime):
        return media_type(by_name) != "other"
    return not is_told and share_container(by_name, mime)


def check_body(item: MediaItem, head: Head, first: bytes, said: str = "") -> None:
    """Raise `FetchError` for a body that is no file: nothing, or a page or text that says sorry.

    said: the Content-Type as it was sent
    """
    if not first:
        raise FetchError(f"{head.url}: the answer is empty", url=head.url)
    named = item.mime if item.mime not in VAGUE else None
    wanted = named or mime_of(item.filename or item.url) or ""
    if is_markup(wanted):
        return
    if head.mime in ("text/html", "application/xhtml+xml") or looks_like_html(first):
        from ..page.sign_in import is_address

        if head.url != item.url and is_address(head.url, item.url):
            raise FetchError(
                f"{item.url}: redirected to the sign-in page {head.url}; give the login with"
                " --cookies FILE, --netrc or -H",
                url=item.url,
            )
        raise NoSuchFile(
            f"{head.url}: a web page came instead of the {item.type or 'file'}", url=head.url
        )
    if item.type in _MEDIA and head.mime in _DATA:
        raise NoSuchFile(f"{head.url}: {head.mime} came instead of the {item.type}", url=head.url)
    kind = _name_text(first, said) if _is_of_bytes(item.type, wanted) else None
    if kind is not None and sniff(first) is None:
        words = " ".join(first[:100].decode("utf-8", "replace").split())
        what = f"{kind} came instead of the {item.type or 'file'}: {words}"
        raise NoSuchFile(f"{head.url}: {what}", url=head.url)


def _is_of_bytes(kind: str | None, mime: str) -> bool:
    """Whether a file of a type and, where it is known, a MIME type cannot be text."""
    if mime:
        kind = media_type(mime)
    return (kind in _BYTES and mime not in _TEXTS) or mime == "application/pdf"


def _name_text(first: bytes, said: str) -> str | None:
    """Name what a body is by its beginning, where that is what programs answer with; else None.

    Plain text is told by what its server says of it alone.
    """
    if is_binary(first):
        return None
    start = first[:SNIFF_BYTES].lstrip(_BLANK)
    if start.startswith(b"<"):
        return None if b"<svg" in start else "XML or HTML"
    if _JSON.match(start):
        return "JSON"
    return "text" if said.strip().lower().startswith("text/") else None


def promised_sha256(headers: Mapping[str, str]) -> str | None:
    """Return the sha256 in hex of the whole, from Repr-Digest (RFC 9530) or Digest (RFC 3230)."""
    if codings_of(headers):
        return None
    for name in ("Repr-Digest", "Digest"):
        found = _SHA256.search(headers.get(name, ""))
        if found:
            try:
                return base64.b64decode(found[1], validate=True).hex()
            except binascii.Error:
                continue
    return None
