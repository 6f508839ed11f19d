"""RSS in all its versions, Atom and podcasts, when the page itself is one.

RSS attaches files to a post by `enclosure`, Atom by `link rel=enclosure`, both by Media RSS. A
podcast adds what iTunes and Podcasting 2.0 (https://podcasting2.org) know of an episode: number,
duration, image, chapters, transcripts. JSON Feed is read by `jsonfeed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated

from reelin import (
    Extractor,
    Link,
    MediaItem,
    Page,
    elements,
    facts,
    hookimpl,
    media_rss,
    posts,
    xml,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

WEB = re.compile(r"\A\s*(https?://\S+)", re.IGNORECASE)
MAIL = re.compile(r"\S+@\S+\s*\(([^()]+)\)\Z")
TEXTS = ("encoded", "content", "description", "summary")
DATES = ("pubdate", "published", "date", "updated", "issued")


class Feeds(Extractor):
    """Episodes, images and files of RSS, Atom and podcast feeds."""

    name = "feeds"
    finds = '<rss><channel><item><title>One</title><enclosure url="1.mp3"/></item></channel></rss>'

    follow: Annotated[bool, "also the pages of posts without files"] = False
    max_pages: Annotated[int, "pages of one feed that are read, one after the other"] = 50

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield what a feed's posts bring along; nothing on other pages."""
        if page.listing is None or not page.listing.is_feed:
            return
        text = page.text[page.listing.start :]
        root, found = xml.read_entries(text, ("item", "entry"), partial(_post, page))
        if root is not None:
            channels = [root, *(each for each in root if xml.name_of(each) == "channel")]
            about = xml.children(channels[-1])
            pages = _neighbours(page, channels)
            yield from posts.finds(
                page,
                found,
                album=xml.words_in(about, "title"),
                artist=_author(about),
                follow=self.follow,
                is_part=bool(pages),
            )
            if "next" in pages and self.max_pages > 1:
                yield Link(pages["next"], origin="next page", pages=self.max_pages)


def _neighbours(page: Page, channels: Iterable[_Element]) -> dict[str, str]:
    """The pages before and behind one of a feed that comes in several (RFC 5005, 3)."""
    found: dict[str, str] = {}
    for channel in channels:
        for each in xml.children(channel).get("link", ()):
            rel = each.get("rel", "").strip().lower()
            url = elements.url_in(page, each.get("href", ""))
            if rel in ("next", "previous", "prev") and url is not None and url != page.url:
                found.setdefault(rel, url)
    return found


def _post(page: Page, element: _Element) -> posts.Post:
    """`<item>` of RSS, `<entry>` of Atom."""
    parts = xml.children(element)
    attached = [*media_rss.files(page, parts)]
    return posts.Post(
        files=[item for item in attached if not media_rss.is_player(item)],
        beside=[*_beside(page, parts)],
        player=any(map(media_rss.is_player, attached)),
        url=_page_of(page, parts),
        title=xml.words_in(parts, "title"),
        artist=_author(parts),
        date=facts.date_in(xml.text_in(parts, *DATES)),
        duration=facts.seconds_in(xml.text_in(parts, "duration")),
        thumbnail=media_rss.thumbnail(page, parts),
        number=facts.count_in(xml.text_in(parts, "episode")),
        text=_text(parts),
    )


def _page_of(page: Page, parts: xml.Parts) -> str | None:
    """The address of a post: its file's where that is named instead, else that of its page.

    It stands in `<link>` of RSS, `<link rel=alternate href>` of Atom, `<guid>` (a permanent link
    unless it says not to be), or `<id>`.
    """
    said = [
        each.get("href") or each.text or ""
        for each in parts.get("link", ())
        if each.get("rel", "alternate").lower() == "alternate"
    ]
    for name in ("guid", "id"):
        for each in parts.get(name, ()):
            if xml.attributes(each).get("ispermalink", "true").strip().lower() != "false":
                said += WEB.findall(each.text or "")  # else it is a name that leads nowhere
    return posts.address(elements.url_in(page, each) for each in said)


def _author(parts: xml.Parts) -> str | None:
    """`<author><name>` of Atom, `<author>` of RSS (`ann@site.example (Ann)`), `<dc:creator>`."""
    for name in ("author", "creator", "credit"):
        for element in parts.get(name, ()):
            inside = xml.words_in(xml.children(element), "name")
            who = inside or xml.words_in({name: [element]}, name)
            mail = MAIL.match(who or "")
            if mail or (who and "@" not in who):
                return mail[1] if mail else who
    return None


def _text(parts: xml.Parts) -> str:
    """The HTML of a post, be it escaped or (Atom's `type=xhtml`) part of the document."""
    from lxml import etree

    for name in TEXTS:
        for element in parts.get(name, ()):
            text = etree.tostring(element, encoding="unicode") if len(element) else element.text
            if text and "<" in text:
                return text
    return ""


def _beside(page: Page, parts: xml.Parts) -> Iterator[MediaItem]:
    """`<podcast:chapters url>`, `<podcast:transcript url>`, `<psc:chapter title image>`."""
    for name in ("chapters", "transcript"):
        for element in parts.get(name, ()):
            about = xml.attributes(element)
            url, mime = elements.url_in(page, about.get("url", "")), about.get("type")
            if url and mime != "text/html":
                language = facts.language_in(about.get("language"))
                origin = f"<podcast:{name}>"
                yield MediaItem(url, "other", mime=mime, language=language, origin=origin)
            for chapter in map(xml.attributes, element):
                image = elements.url_in(page, chapter.get("image", ""))
                if image:
                    title = xml.plain(chapter.get("title", ""))
                    yield MediaItem(image, "image", title=title, origin="<psc:chapter image>")


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `feeds`."""
    return [Feeds()]
