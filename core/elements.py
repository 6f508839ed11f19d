"""How elements of a page are read as media: shared by the extractors that look at markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from .media_types import extension, path_of, type_of
from .models import Alternative, MediaItem, MediaType

if TYPE_CHECKING:
    from lxml.etree import _Element

    from .page import Page

FILE_TYPES = frozenset(["image", "video", "audio", "document", "archive"])
# Files of no media type that belong to media. Programs are not among them.
_DOWNLOADS = frozenset("ass lrc srt ssa torrent ttml vtt".split())
# `/wiki/File:Photo.jpg` is a page about a picture, in every wiki of that kind.
_DESCRIPTION_PAGE = re.compile(r"[^\W\d]{3,}:", re.UNICODE)
_PAGES = frozenset("asp aspx htm html jsp php swf xhtml".split())
# Addresses of players that show one video or track.
_PLAYER = re.compile(
    r"https?://(?:[\w-]{1,60}\.){0,4}(?:youtube(?:-nocookie)?\.com/(?:embed/|shorts/|v/|watch)"
    r"|youtu\.be/|vimeo\.com/|dailymotion\.com/|dai\.ly/|soundcloud\.com/|bandcamp\.com/|twitch\.tv/)"
)
_LONGEST_TEXT = 200
_MOST_TEXT = 20 * _LONGEST_TEXT  # looked at: elements within elements would cost quadratic time


def player_items(page: Page, element: _Element) -> Iterator[MediaItem]:
    """The tracks of a <video>, <audio> or like element, then its media: one item, all qualities."""
    yield from _tracks(page, element)
    # Browsers take the first source that they can play; of several sizes the largest is best.
    found = sorted(_sources(page, element), key=lambda each: -(each.height or 0))
    unique = list({each.url: each for each in found}.values())
    if not unique:
        return
    best, poster = unique[0], element.get("poster") or element.get("data-poster")
    tag = str(element.tag)
    kind: MediaType = "audio" if "audio" in tag else "video"
    yield MediaItem(
        best.url,
        best.type or kind,
        mime=best.mime,
        height=best.height,
        title=title_of(element),
        thumbnail=page.absolute(poster) if poster else None,
        alternatives=tuple(unique[1:]),
        origin=f"<{tag}>",
    )


def _sources(page: Page, element: _Element) -> Iterator[Alternative]:
    """The sources of a player: its own, then those of its <source> elements."""
    for holder in (element, *element.iter("source")):
        for name, value in holder.items():
            if name != "src" and not (name.startswith("data-") and name.endswith("src")):
                continue
            url = url_in(page, value)
            if url is None or type_of(url) == "image":
                continue
            mime = (holder.get("type") or "").partition(";")[0].strip().lower()
            yield Alternative(
                url,
                type=playable(type_of(url)),
                mime=mime if "/" in mime else None,
                height=_lines(holder),
                label=holder.get("label") or holder.get("res") or holder.get("size"),
            )


def _tracks(page: Page, element: _Element) -> Iterator[MediaItem]:
    for track in element.iter("track"):
        url = url_in(page, track.get("src", ""))
        if url:
            yield MediaItem(
                url,
                "other",
                title=track.get("label"),
                language=track.get("srclang"),
                origin=f"<track kind={track.get('kind', 'subtitles')}>",
            )


def url_in(page: Page, value: str) -> str | None:
    """The absolute URL that an attribute holds, or None where it holds data or nothing."""
    value = value.strip()
    if not value or value[0] in "{[#" or value.startswith("data:"):
        return None
    return page.absolute(value)


def is_file(url: str) -> bool:
    """Whether a URL names a file by its extension, rather than a page about it."""
    if type_of(url) not in FILE_TYPES and extension(url) not in _DOWNLOADS:
        return False
    last = path_of(url).rpartition("/")[2]
    if "%" in last:
        last = unquote(last)
    return ":" not in last or not _DESCRIPTION_PAGE.match(last)


def is_player(url: str) -> bool:
    """Whether a URL is that of a known site's player, or of the page that it plays."""
    return _PLAYER.match(url) is not None


def is_page(url: str) -> bool:
    """Whether a URL is that of a page or player, although it stands where files should."""
    return extension(url) in _PAGES or is_player(url)


def playable(kind: str | None) -> MediaType | None:
    """`audio` and `video` as they are; None for all else."""
    return "audio" if kind == "audio" else "video" if kind == "video" else None


def title_of(element: _Element) -> str | None:
    """What a person would call it: alt, title, label, or the caption of its figure."""
    for name in ("alt", "title", "aria-label", "data-title", "data-caption"):
        text = " ".join(element.get(name, "").split())
        if text:
            return text
    for ancestor in element.iterancestors("figure"):
        caption = next(ancestor.iter("figcaption"), None)
        return text_of(caption) if caption is not None else None
    return None


def text_of(element: _Element) -> str | None:
    """The text inside an element, white space folded; its first 200 characters."""
    text = ""
    for piece in element.itertext() if len(element) else (element.text or "",):
        text += " " + str(piece)[:_MOST_TEXT]
        if len(text) > _MOST_TEXT:
            break
    return " ".join(text.split())[:_LONGEST_TEXT].strip() or None


def _lines(source: _Element) -> int | None:
    """The height that a source's quality attributes tell: `size=720`, `res=1080p`."""
    for name in ("size", "res", "data-res", "data-quality", "label", "height"):
        found = re.match(r"(\d{3,4})p?\b", source.get(name, ""))
        if found:
            return int(found[1])
    return None
