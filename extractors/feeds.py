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
from datetime import UTC, datetime
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
    hookimpl,
    noise,
    parse_http_date,
    type_of,
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
CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,7}(?:\.\d{1,9})?)\Z")
MAIL = re.compile(r"\S+@\S+\s*\(([^()]+)\)\Z")
# What Media RSS calls a file and is a page with a player.
PLAYER_PAGES = ("application/x-shockwave-flash", "text/html", "application/xhtml+xml")
FEEDS = ("application/rss+xml", "application/atom+xml", "application/feed+json")
FACTS = ("type", "mime", "size", "width", "height", "duration", "bitrate", "language")


class Feeds(Extractor):
    """Episodes, pictures and files of RSS, Atom, JSON and podcast feeds."""

    name = "feeds"

    follow: Annotated[bool, "also the feed that a page names, and posts without files"] = False

    def extract(self, page: Page) -> Iterator[Found]:
        """Yield what a feed's posts bring along; of other pages, where their feed is."""
        head = page.text[:HEAD].lstrip()
        if head.startswith("{"):
            found = _of_json(page) if "jsonfeed.org" in head else []
        elif _root(head) in ROOTS:
            found = _of_xml(page)
        elif page.is_markup:
            yield from _named(page, follow=self.follow)
            return
        else:
            return
        for each in found:
            if self.follow or not isinstance(each, Link) or each.origin != "post":
                yield each


def _root(head: str) -> str:
    """The name of a document's first element, in lower case."""
    found = ROOT.search(COMMENT.sub("", head)) if head.startswith("<") else None
    return found[1].lower() if found else ""


def _named(page: Page, *, follow: bool) -> Iterator[Link]:
    """The feed that an HTML page names, if it was asked for or is what the page is about."""
    if "alternate" not in page.text:
        return
    if follow or _is_of_podcast(page):
        for link in page.select("link[rel~=alternate][href]"):
            url = page.absolute(link.get("href", ""))
            about = f"{link.get('href')} {link.get('title')}".lower()
            if url and link.get("type", "").strip().lower() in FEEDS and "comment" not in about:
                yield Link(url, "<link rel=alternate>")
                return  # further ones are the same in other formats, or less of it


def _is_of_podcast(page: Page) -> bool:
    """Whether a page presents a whole podcast, rather than an episode, and plays nothing itself."""
    if "PodcastSeries" not in page.text or page.select("audio, video"):
        return False
    kinds = [
        node.get("@type")
        for script in page.scripts
        if script.type.lower() == "application/ld+json"
        for node in _nodes(_json(script.text))
    ]
    return "PodcastSeries" in kinds and "PodcastEpisode" not in kinds


def _nodes(data: Any) -> Iterator[Mapping[str, Any]]:
    """The outermost objects of a JSON-LD block."""
    for each in data if isinstance(data, list) else [data]:
        if isinstance(each, dict):
            yield each
            yield from (inner for inner in _list(each.get("@graph")) if isinstance(inner, dict))


# RSS and Atom


def _of_xml(page: Page) -> list[Found]:
    root = _parsed(page.text)
    if root is None:
        return []
    holders = [root, *(each for each in root if _name(each) == "channel")]
    head = _parts(holders[-1])
    found: list[Found] = []
    for holder in holders:
        for entry in holder:
            if _name(entry) in ("item", "entry"):
                found += _entry(page, entry)
    return _listed(found, album=_text(head, "title"), artist=_author(head))


def _parsed(text: str) -> _Element | None:
    """The root of an XML document, however broken; entities of its own are not replaced."""
    from lxml import etree

    parser = etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, no_network=True, huge_tree=False
    )
    try:
        root: _Element | None = etree.fromstring(text.lstrip().encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    return root


def _entry(page: Page, entry: _Element) -> list[Found]:
    """The files of one post; where it has none, the pictures in its text."""
    parts = _parts(entry)
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
        files = _unique(_in_text(page, parts, link))
    episode = _whole(_text(parts, "episode"))
    found: list[Found] = [
        replace(
            item,
            title=item.title or _text(parts, "title"),
            artist=_author(parts),
            date=_date(_raw(parts, "pubdate", "published", "date", "updated", "issued")),
            duration=item.duration or _seconds(_raw(parts, "duration")),
            thumbnail=item.thumbnail or (thumbnail if thumbnail != item.url else None),
            position=episode if len(files) == 1 else None,
        )
        for item in files
    ]
    if link and not found:
        found.append(Link(link, "media:content" if pages else "post"))
    return found


def _media(page: Page, parts: Parts) -> Iterator[MediaItem | None]:
    """All that a post attaches, in any of the ways."""
    for element in parts.get("group", ()):
        yield _best([_medium(page, each, element) for each in _parts(element).get("content", ())])
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


def _medium(page: Page, element: _Element, group: _Element | None = None) -> MediaItem | None:
    """An `enclosure`, `media:content` or Atom's `link` and `content` as an item."""
    about = {name.rpartition("}")[2].lower(): value for name, value in element.items()}
    address = next((about[key] for key in ("url", "href", "src", "resource") if key in about), "")
    url = elements.url_in(page, address)
    if url is None:
        return None
    parts = {**(_parts(group) if group is not None else {}), **_parts(element)}
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
        duration=_seconds(about.get("duration")),
        bitrate=_bits(about.get("bitrate")),
        language=about.get("lang") or about.get("hreflang"),
        thumbnail=_thumbnail(page, parts),
        origin=f"<{_name(element)}>",
        noise=noise.of_image(element, url, width, height) if kind == "image" else None,
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
    return replace(
        best,
        alternatives=tuple(
            Alternative(
                each.url,
                type=each.type,
                mime=each.mime,
                width=each.width,
                height=each.height,
                size=each.size,
                bitrate=each.bitrate,
            )
            for each in others
            if (each.type == "image") == (best.type == "image")
        ),
    )


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
            inner = _text(_parts(element), "name") or _text({name: [element]}, name)
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
    """The media that a piece of HTML shows; full-size pictures before their thumbnails."""
    post = Page(
        link or page.url,
        html.encode("utf-8", "replace"),
        {"content-type": "text/html; charset=utf-8"},
    )
    for element in post.select("img, audio, video"):
        if element.tag != "img":
            yield from elements.player_items(post, element)
            continue
        url = elements.url_in(post, element.get("src", ""))
        if url is None:
            continue
        around = element.getparent()
        full = elements.url_in(post, around.get("href", "")) if around is not None else None
        width, height = _whole(element.get("width")), _whole(element.get("height"))
        yield MediaItem(
            full if full and type_of(full) == "image" else url,
            "image",
            title=elements.title_of(element),
            thumbnail=url if full and full != url and type_of(full) == "image" else None,
            origin="<img> in the text of a post",
            noise=noise.of_image(element, url, width, height),
        )


# JSON Feed


def _of_json(page: Page) -> list[Found]:
    feed = _json(page.text)
    if not isinstance(feed, dict):
        return []
    found: list[Found] = []
    for post in _list(feed.get("items")):
        if isinstance(post, dict):
            found += _post(page, post)
    return _listed(found, album=_string(feed, "title"), artist=_authors(feed))


def _post(page: Page, post: Mapping[str, Any]) -> list[Found]:
    link = elements.url_in(page, _string(post, "url") or "")
    files = _unique(
        filter(None, (_attachment(page, each) for each in _list(post.get("attachments"))))
    )
    image = elements.url_in(page, _string(post, "image") or _string(post, "banner_image") or "")
    if not files:
        files = _unique(_in_html(page, str(post.get("content_html") or ""), link))
        if image and not files:
            files = [MediaItem(image, "image", origin="image")]
    about = {
        "artist": _authors(post),
        "date": _date(_string(post, "date_published") or _string(post, "date_modified")),
    }
    found: list[Found] = [
        replace(
            item,
            title=item.title or _string(post, "title"),
            thumbnail=item.thumbnail or (image if image != item.url else None),
            **about,
        )
        for item in files
    ]
    return found or ([Link(link, "post")] if link else [])


def _attachment(page: Page, about: Any) -> MediaItem | None:
    if not isinstance(about, dict):
        return None
    url = elements.url_in(page, _string(about, "url") or "")
    if url is None:
        return None
    mime = (_string(about, "mime_type") or "").partition(";")[0].strip().lower()
    return MediaItem(
        url,
        _kind(url, mime),
        mime=mime or None,
        title=_string(about, "title"),
        size=_whole(str(about.get("size_in_bytes"))),
        duration=_seconds(str(about.get("duration_in_seconds"))),
        origin="attachments",
    )


def _authors(about: Mapping[str, Any]) -> str | None:
    authors = [*_list(about.get("authors")), about.get("author")]
    names = (_string(each, "name") for each in authors if isinstance(each, dict))
    return ", ".join(filter(None, names)) or None


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
    """Each file once, with all that is said of it; renditions of others are no files of their own."""
    by_url: dict[str, MediaItem] = {}
    for item in items:
        known = by_url.get(item.url, item)
        missing = {name: getattr(item, name) for name in FACTS if getattr(known, name) is None}
        by_url[item.url] = replace(known, **missing)
    parts = {each.url for item in by_url.values() for each in item.alternatives}
    return [item for url, item in by_url.items() if url not in parts or item.alternatives]


def _name(element: _Element) -> str:
    """The name of an element without namespace or prefix; empty for a comment."""
    tag = element.tag
    return re.split("[}:]", tag)[-1].lower() if isinstance(tag, str) else ""


def _parts(element: _Element) -> dict[str, list[_Element]]:
    """The children of an element by their names."""
    parts: dict[str, list[_Element]] = {}
    for child in element:
        parts.setdefault(_name(child), []).append(child)
    return parts


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


def _seconds(text: str | None) -> float | None:
    found = CLOCK.match((text or "").strip())
    if found is None:
        return None
    hours, minutes, seconds = (float(each or 0) for each in found.groups())
    return hours * 3600 + minutes * 60 + seconds or None


def _date(text: str | None) -> datetime | None:
    """A date of RSS (RFC 822) or of Atom (RFC 3339); without a zone it is taken for UTC."""
    text = (text or "").strip()[:64]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return parse_http_date(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _string(about: Mapping[str, Any], key: str) -> str | None:
    value = about.get(key)
    return _clean(value) if isinstance(value, str) else None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `feeds`."""
    return [Feeds()]
