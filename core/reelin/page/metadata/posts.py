"""Posts of a feed as items, whatever the feed is written in: XML, JSON, or a site's own way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...model.item import Link, MediaItem, replace_fields
from ...model.media_types import MediaType, type_of
from ...model.merge import merge
from .. import pictures
from ..elements import playable, player_items, url_in
from ..page import Page

_TEXT = "text of a post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post of a feed, with what that says of it.

    files:     what is attached to it, with the facts of each
    beside:    what belongs to its one file, such as chapters and transcripts
    player:    whether a page that plays it is attached instead
    url:       the page of the post itself; some feeds name its file there
    thumbnail: its image
    number:    of the episode, as its author counts
    text:      HTML
    """

    files: Sequence[MediaItem] = ()
    beside: Sequence[MediaItem] = ()
    player: bool = False
    url: str | None = None
    title: str | None = None
    artist: str | None = None
    date: datetime | None = None
    duration: float | None = None
    thumbnail: str | None = None
    number: int | None = None
    text: str = ""


def finds(
    page: Page,
    posts: Iterable[Post],
    *,
    album: str | None = None,
    artist: str | None = None,
    follow: bool = False,
    is_part: bool = False,
) -> Iterator[MediaItem | Link]:
    """Yield what all posts of a feed bring along, in order; `album` and `artist` are the feed's.

    Of a post without files these are the images in its text; or a link to its page, if that
    plays it.

    follow:  also to those that have nothing
    is_part: these are the posts of one page of several, so that none can be counted
    """
    read = [(post, _items(page, post)) for post in posts]
    wanted = [item for _, items in read for item in items if not item.noise]
    places = _own_places(wanted) if is_part else _places(wanted)
    total = None if is_part else max(places.values(), default=None)
    for post, items in read:
        for item in items:
            place = places.get(item.url)
            item = replace_fields(
                item,
                album=album,
                artist=item.artist or artist,
                position=place,
                total=total if place else None,
            )
            yield item
            if len(items) == 1:
                yield from (_share_facts(each, item) for each in post.beside)
        if post.url and not items and (follow or post.player):
            yield Link(post.url, "player of a post" if post.player else "page of a post")


def kind_of(url: str, mime: str = "", medium: str = "") -> MediaType | None:
    """The type of a file by its MIME type, else by its extension, else by the word for it."""
    for word in (mime.partition("/")[0], type_of(url), medium.strip().lower()):
        if word == "image":
            return "image"
        if playable(word):
            return playable(word)
    return type_of(url)


def address(urls: Iterable[str | None]) -> str | None:
    """The address of a post among those that it names: that of a file, if there is one."""
    known = [url for url in urls if url]
    files = (url for url in known if playable(type_of(url)))
    return next(files, next(iter(known), None))


def _items(page: Page, post: Post) -> list[MediaItem]:
    """The files of one post; where it has none, the images in its text."""
    files, thumbnail = merge(post.files), post.thumbnail
    if not (post.player or any(playable(item.type) for item in files)):
        files += _own_file(post)
    if any(playable(item.type) for item in files):
        images = [item.url for item in files if item.type == "image"]
        thumbnail = next(iter(images), thumbnail)
        files = [item for item in files if item.type != "image"]
    if not files and not post.player:
        files = merge(_in_html(page, post))
        if not files and thumbnail:
            files = [MediaItem(thumbnail, "image", origin="image of a post")]
    return [
        replace_fields(
            item,
            title=item.title or post.title,
            artist=post.artist,
            date=post.date,
            duration=item.duration or post.duration,
            thumbnail=item.thumbnail or (thumbnail if thumbnail != item.url else None),
            position=post.number if len(files) == 1 else None,
        )
        for item in files
    ]


def _own_file(post: Post) -> list[MediaItem]:
    """The file that a post names as its own address, instead of attaching it."""
    kind = playable(type_of(post.url)) if post.url else None
    return [MediaItem(post.url, kind, origin="address of a post")] if post.url and kind else []


def _own_places(items: Iterable[MediaItem]) -> dict[str, int]:
    """The places of the items that say their own."""
    return {item.url: item.position for item in items if item.position is not None}


def _places(items: list[MediaItem]) -> Mapping[str, int]:
    """The places of all items of a feed: the oldest is the first, so that news change none.

    Where all have numbers of their own, these are kept. One alone has none.
    """
    own = {item.url: item.position for item in items if item.position}
    if len(items) < 2:
        return {}
    if len(set(own.values())) == len(items):
        return own
    if all(item.date for item in items):
        items.sort(key=lambda item: item.date or datetime.min)
    return {item.url: number for number, item in enumerate(items, start=1)}


def _share_facts(part: MediaItem, item: MediaItem) -> MediaItem:
    """Give what belongs to an item its facts: so both are saved under one name."""
    same = {name: getattr(item, name) for name in ("artist", "album", "date", "position", "total")}
    return replace_fields(part, title=part.title or item.title, **same)


def _in_html(page: Page, post: Post) -> Iterator[MediaItem]:
    """The media that a post's text shows or links to; a link's image is its thumbnail."""
    if "<" not in post.text:
        return
    body = post.text.encode("utf-8", "replace")
    text = Page(post.url or page.url, body, {"content-type": "text/html; charset=utf-8"})
    thumbnails = set()
    for element in text.select("a[href], img, audio, video"):
        if element.tag == "a":
            url = url_in(text, element.get("href", ""))
            kind = type_of(url) if url else None
            if url and kind in ("image", "audio", "video"):
                inside = [*element.iter("img")]
                thumbnails.update(inside)
                small = url_in(text, inside[0].get("src", "")) if inside else None
                yield MediaItem(url, kind, thumbnail=small if small != url else None, origin=_TEXT)
        elif element.tag != "img":
            yield from player_items(text, element)
        elif element not in thumbnails:
            yield from (replace_fields(each, origin=_TEXT) for each in pictures.item(text, element))
