"""A URL that is no page but a file: its answer as an item."""

from __future__ import annotations

from ..model.facts import parse_http_date
from ..model.item import ITSELF, MediaItem
from ..model.media_types import FEEDS, PLAYLISTS, type_of
from .document import Document


def item(page: Document) -> MediaItem:
    """The item of a URL that is no page but a file."""
    encoded = page.headers.get("content-encoding", "identity") != "identity"
    length = page.headers.get("content-length", "")
    return MediaItem(
        page.url,
        page.type if page.type != "other" else type_of(page.url) or "other",
        mime=page.mime or None,
        size=int(length) if length.isdigit() and not encoded else None,
        date=parse_http_date(page.headers.get("last-modified")),
        origin=ITSELF,
        noise="a list of others, read as such" if _is_list(page) else None,
    )


def _is_list(page: Document) -> bool:
    """Whether the answer is a feed, a playlist, or data that names media."""
    if page.listing is not None:
        return True
    if "json" in page.mime:
        from .tracks import in_text  # with its scripts a thirtieth of the start, and rare

        return page.mime in FEEDS or bool(in_text(page, page.text, ""))
    return page.mime in FEEDS | PLAYLISTS or page.text.lstrip("\ufeff \r\n")[:7] == "#EXTM3U"
