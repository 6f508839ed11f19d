"""Feeds: RSS in all its versions, Atom, JSON Feed and podcasts, when the page itself is one.

RSS and JSON attach files to a post by `enclosure` and `attachments`, Atom by `link rel=enclosure`,
Media RSS by `media:content`; several of these in one `media:group` are renditions of one thing.
Names are read without their namespace: prefixes are often wrong or undeclared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from html import unescape
from typing import TYPE_CHECKING, Annotated, Any

from reelin import (
    Alternative,
    Extractor,
    Link,
    MediaItem,
    MediaType,
    Page,
    elements,
    facts,
    hookimpl,
    noise,
    srcset,
    type_of,
    xml,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

Found = MediaItem | Link
Parts = Mapping[str, list["_Element"]]

HEAD = 4096  # characters within which a feed says that it is one
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
ROOTS = ("rss", "rdf", "feed", "channel")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
MAIL = re.compile(r"\S+@\S+\s*\(([^()]+)\)\Z")
# What Media RSS calls a file and is a page with a player.
PLAYER_PAGES = ("application/x-shockwave-flash", "text/html", "application/xhtml+xml")
# What a page is about by the first such word of its JSON-LD or microdata.
PODCAST = re.compile(r"""(?:"@type"\s*:\s*\[?\s*"|schema\.org/)Podcast(Series|Episode)\b""")
ATTACHMENT = {
    "url": "url",
    "mime_type": "type",
    "title": "title",
    "size_in_bytes": "length",
    "duration_in_seconds": "duration",
}
POST = "page of a post"
TEXT = "text of a post"
FEEDS = ("application/rss+xml", "application/atom+xml", "application/feed+json")
RENDITION = ("type", "mime", "size", "width", "height", "bitrate")
FACTS = (*RENDITION, "duration", "language", "title")


class Feeds(Extractor):
    """Episodes, pictures and files of RSS, Atom, JSON and podcast feeds."""

    name = "feeds"

    follow: Annotated[bool, "also the feed that a page names, and posts without files"] = False

    def extract(self, page: Page) -> Iterator[Found]:
        """Yield what a feed's posts bring along; of other pages, where their feed is."""
        head = page.text[:HEAD].lstrip()
        if head.startswith("{") and "jsonfeed.org" in head:
            root = _as_rss(page.text)
        elif head.startswith("<") and _is_feed(head):
            root = xml.parse_xml(page.text)
        else:
            yield from _named(page, follow=self.follow)
            return
        for each in _of_feed(page, root) if root is not None else ():
            if self.follow or not isinstance(each, Link) or each.origin != POST:
                yield each


def _is_feed(head: str) -> bool:
    """Whether the first element of a document is that of a feed."""
    found = ROOT.search(COMMENT.sub("", head))
    return found is not None and found[1].lower() in ROOTS


def _named(page: Page, *, follow: bool) -> Iterator[Link]:
    """The feed that an HTML page names, where it was asked for or is what the page is about.

    Else a page's own media would drown in those of its site.
    """
    if not page.is_markup or not (follow or _is_of_podcast(page)):
        return
    for link in page.select("link[rel~=alternate][href]"):
        url = page.absolute(link.get("href", ""))
        about = f"{link.get('href')} {link.get('title')}".lower()
        if url and link.get("type", "").strip().lower() in FEEDS and "comment" not in about:
            yield Link(url, "<link rel=alternate>", offsite=True)
            return  # further ones are the same in other formats, or parts of it


def _is_of_podcast(page: Page) -> bool:
    """Whether a page presents a whole podcast, rather than an episode, and plays nothing itself."""
    if "Podcast" not in page.text:
        return False
    found = PODCAST.search(page.text)
    return found is not None and found[1] == "Series" and not page.select("audio, video")


# RSS and Atom


def _of_feed(page: Page, root: _Element) -> list[Found]:
    """All that the posts of a feed bring along."""
    holders = [root, *(each for each in root if xml.name_of(each) == "channel")]
    head = xml.children(holders[-1])
    found: list[Found] = []
    for holder in holders:
        for entry in holder:
            if xml.name_of(entry) in ("item", "entry"):
                found += _entry(page, entry)
    return _listed(found, album=_text(head, "title"), artist=_author(head))


def _entry(page: Page, entry: _Element) -> list[Found]:
    """The files of one post; where it has none, the pictures in its text."""
    parts = xml.children(entry)
    link = _link(page, parts)
    media = [item for item in _media(page, parts) if item is not None]
    pages = [item for item in media if item.mime in PLAYER_PAGES]
    files = _unique(item for item in media if item.mime not in PLAYER_PAGES)
    thumbnail = _thumbnail(page, parts)
    if any(elements.playable(item.type) for item in files):
        pictures = [item.url for item in files if item.type == "image"]
        thumbnail = next(iter(pictures), None) or thumbnail
        files = [item for item in files if item.type != "image"]
    if not files and not pages:
        files = _unique(_in_text(page, parts, link)) or (
            [MediaItem(thumbnail, "image", origin="picture of a post")] if thumbnail else []
        )
    episode = _whole(_text(parts, "episode"))
    found: list[Found] = [
        replace(
            item,
            title=item.title or _text(parts, "title"),
            artist=_author(parts),
            date=facts.date_in(_raw(parts, "pubdate", "published", "date", "updated", "issued")),
            duration=item.duration or facts.seconds_in(_raw(parts, "duration")),
            thumbnail=item.thumbnail or (thumbnail if thumbnail != item.url else None),
            position=episode if len(files) == 1 else None,
        )
        for item in files
    ]
    if link and not found:
        found.append(Link(link, "<media:content>" if pages else POST))
    return found


def _media(page: Page, parts: Parts) -> Iterator[MediaItem | None]:
    """All that a post attaches, in any of the ways."""
    for element in parts.get("group", ()):
        group = xml.children(element)
        best = _best([_medium(page, each) for each in group.get("content", ())])
        if best is not None:
            title, thumbnail = best.title or _text(group, "title"), _thumbnail(page, group)
            yield replace(best, title=title, thumbnail=best.thumbnail or thumbnail)
    by_path: dict[str, list[MediaItem | None]] = {}
    for element in parts.get("content", ()):
        item = _medium(page, element)
        if item is not None:
            # One picture in several widths: the same file, but for what is asked of it.
            same = item.width and type_of(item.url) == "image"
            by_path.setdefault(item.url.partition("?")[0] if same else item.url, []).append(item)
    yield from map(_best, by_path.values())
    for element in parts.get("enclosure", ()):
        yield _medium(page, element)
    for element in parts.get("link", ()):
        if element.get("rel", "").lower() == "enclosure":
            yield _medium(page, element)


def _medium(page: Page, element: _Element) -> MediaItem | None:
    """An `enclosure`, `media:content` or Atom's `link` and `content` as an item."""
    about = xml.attributes(element)
    address = next((about[key] for key in ("url", "href", "src", "resource") if key in about), "")
    url = elements.url_in(page, address)
    if url is None:
        return None
    parts = xml.children(element)
    mime = about.get("type", "").partition(";")[0].strip().lower()
    kind = _kind(url, mime, about.get("medium", ""))
    width, height = _whole(about.get("width")), _whole(about.get("height"))
    return MediaItem(
        url,
        kind,
        mime=mime if "/" in mime else None,
        title=_text(parts, "title") or _clean(about.get("title", "")),
        size=_whole(about.get("length") or about.get("filesize")),
        width=width,
        height=height,
        duration=facts.seconds_in(about.get("duration")),
        bitrate=_bits(about.get("bitrate")),
        language=about.get("lang") or about.get("hreflang"),
        thumbnail=_thumbnail(page, parts),
        origin=f"<{xml.name_of(element)}>",
        noise=noise.by_facts(url, width, height) if kind == "image" else None,
    )


def _kind(url: str, mime: str, medium: str = "") -> MediaType | None:
    """What a file is by its MIME type, else by its extension, else by the word for it."""
    family = mime.partition("/")[0]
    for word in (family, type_of(url), medium.strip().lower()):
        if word == "image":
            return "image"
        if elements.playable(word):
            return elements.playable(word)
    return type_of(url)


def _best(items: Iterable[MediaItem | None]) -> MediaItem | None:
    """Renditions of one thing as one item: what plays before pictures, the largest first."""
    found = [item for item in items if item is not None and item.mime not in PLAYER_PAGES]
    found.sort(key=lambda item: (item.type == "image", -_area(item), -(item.bitrate or 0)))
    if not found:
        return next((item for item in items if item is not None), None)
    best, *others = found
    alternatives = [
        Alternative(each.url, **{name: getattr(each, name) for name in RENDITION})
        for each in others
        if (each.type == "image") == (best.type == "image")
    ]
    return replace(best, alternatives=tuple(alternatives))


def _area(item: MediaItem) -> int:
    return (item.width or item.height or 0) * (item.height or item.width or 0)


def _thumbnail(page: Page, parts: Parts) -> str | None:
    for element in (*parts.get("image", ()), *parts.get("thumbnail", ())):
        url = elements.url_in(page, element.get("href") or element.get("url") or "")
        if url:
            return url
    return None


def _link(page: Page, parts: Parts) -> str | None:
    """The page of a post."""
    for element in parts.get("link", ()):
        if element.get("rel", "alternate").lower() == "alternate":
            url = elements.url_in(page, element.get("href") or element.text or "")
            if url:
                return url
    return None


def _author(parts: Parts) -> str | None:
    for name in ("author", "creator", "credit"):
        for element in parts.get(name, ()):
            inner = _text(xml.children(element), "name") or _text({name: [element]}, name)
            mail = MAIL.match(inner or "")
            if mail or (inner and "@" not in inner):
                return mail[1] if mail else inner
    return None


# Pictures in the text of a post


def _in_text(page: Page, parts: Parts, link: str | None) -> Iterator[MediaItem]:
    from lxml import etree

    for name in ("encoded", "content", "description", "summary"):
        for element in parts.get(name, ()):
            text = etree.tostring(element, encoding="unicode") if len(element) else element.text
            if text and "<" in text:
                yield from _in_html(page, text, link)
                return


def _in_html(page: Page, html: str, link: str | None) -> Iterator[MediaItem]:
    """The media that a piece of HTML shows or links to; a link's picture is its thumbnail."""
    body = html.encode("utf-8", "replace")
    post = Page(link or page.url, body, {"content-type": "text/html; charset=utf-8"})
    thumbnails = set()
    for element in post.select("a[href], img, audio, video"):
        if element.tag == "a":
            url = elements.url_in(post, element.get("href", ""))
            kind = _kind(url, "") if url else None
            if url and kind in ("image", "audio", "video"):
                inside = [*element.iter("img")]
                thumbnails.update(inside)
                small = elements.url_in(post, inside[0].get("src", "")) if inside else None
                yield MediaItem(url, kind, thumbnail=small if small != url else None, origin=TEXT)
        elif element.tag != "img":
            yield from elements.player_items(post, element)
        elif element not in thumbnails:
            yield from _image(post, element)


def _image(post: Page, element: _Element) -> Iterator[MediaItem]:
    sizes = srcset.best_first(srcset.parse(element.get("srcset", "")))
    addresses = [*(each.url for each in sizes), element.get("src", "")]
    found = list(dict.fromkeys(filter(None, (elements.url_in(post, each) for each in addresses))))
    if found:
        width, height = _whole(element.get("width")), _whole(element.get("height"))
        yield MediaItem(
            found[0],
            "image",
            title=elements.title_of(element),
            alternatives=tuple(Alternative(each) for each in found[1:]),
            origin=TEXT,
            noise=noise.by_facts(found[0], width, height),
        )


# JSON Feed


def _as_rss(text: str) -> _Element | None:
    """A JSON Feed in the words of RSS, so that one reader serves both; None if it is none."""
    from lxml import etree

    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    root = etree.Element("channel")
    _add(root, feed, title="title")
    for post in _list(feed, "items"):
        item = etree.SubElement(root, "item")
        _add(item, post, title="title", url="link", date_modified="updated")
        _add(item, post, date_published="published", content_html="encoded")
        for name in ("image", "banner_image"):
            if _string(post, name):
                item.append(etree.Element("image", href=_string(post, name)))
        for file in _list(post, "attachments"):
            about = {to: _string(file, key) for key, to in ATTACHMENT.items()}
            item.append(etree.Element("enclosure", {k: v for k, v in about.items() if v}))
    return root


def _add(parent: _Element, about: Any, **names: str) -> None:
    """Children of an element for what is known of it; `names`: those of JSON and of RSS."""
    from lxml import etree

    authors = ", ".join(filter(None, (_string(each, "name") for each in _list(about, "authors"))))
    for text, name in ((_string(about, key), to) for key, to in names.items()):
        if text:
            etree.SubElement(parent, name).text = text
    if authors and "title" in names:
        etree.SubElement(parent, "creator").text = authors


def _list(about: Any, key: str) -> list[Any]:
    value = about.get(key) if isinstance(about, dict) else None
    return value if isinstance(value, list) else []


def _string(about: Any, key: str) -> str:
    """A text or number of an object as text that a tree can hold."""
    value = about.get(key) if isinstance(about, dict) else None
    return xml.fit(str(value)) if isinstance(value, str | int | float) else ""


# What all have in common


def _listed(found: list[Found], *, album: str | None, artist: str | None) -> list[Found]:
    """The items of a whole feed with their places in it: the oldest is the first.

    So what is new changes no number. Where all posts have numbers of their own, these are kept.
    """
    items = [each for each in found if isinstance(each, MediaItem) and not each.noise]
    own = [item.position for item in items if item.position]
    if len(set(own)) == len(items):
        places = {item.url: item.position or 0 for item in items}
    else:
        dates = [item.date for item in items if item.date]
        if len(dates) == len(items):
            items.sort(key=lambda item: item.date or datetime.min)
        places = {item.url: number for number, item in enumerate(items, start=1)}
    total = max(places.values(), default=0)
    return [
        replace(
            each,
            album=album,
            artist=each.artist or artist,
            position=places.get(each.url) if len(items) > 1 else None,
            total=total if len(items) > 1 and each.url in places else None,
        )
        if isinstance(each, MediaItem)
        else each
        for each in found
    ]


def _unique(items: Iterable[MediaItem]) -> list[MediaItem]:
    """Each file once, with all that is said of it, and without those that are parts of others."""
    by_url: dict[str, MediaItem] = {}
    for item in items:
        known = by_url.get(item.url, item)
        missing = {name: getattr(item, name) for name in FACTS if getattr(known, name) is None}
        by_url[item.url] = replace(known, **missing)
    parts = {each.url for item in by_url.values() for each in item.alternatives}
    return [item for url, item in by_url.items() if url not in parts or item.alternatives]


def _raw(parts: Parts, *names: str) -> str | None:
    """The text of the first part that has one."""
    texts = ((each.text or "").strip() for name in names for each in parts.get(name, ()))
    return next(filter(None, texts), None)


def _text(parts: Parts, name: str) -> str | None:
    """The same for people to read."""
    texts = (_clean(elements.text_of(each) or "") for each in parts.get(name, ()))
    return next(filter(None, texts), None)


def _clean(text: str) -> str | None:
    return " ".join(TAG.sub("", unescape(text)).split()) or None


def _whole(text: str | None) -> int | None:
    """A positive whole number. Feeds write 0 and 1 for sizes that they do not know."""
    found = re.fullmatch(r"\s*(\d{1,15})(?:\.0*)?(?:px)?\s*", text or "", re.ASCII)
    return int(found[1]) or None if found else None


def _bits(text: str | None) -> int | None:
    """Kilobits per second, as Media RSS has them, in bits."""
    number = _whole(text)
    return number * 1000 if number else None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `feeds`."""
    return [Feeds()]
