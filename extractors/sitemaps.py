"""Sitemaps of images and videos, when the page itself is one.

`<url>` holds a page's address, and for each `<image:image>` and `<video:video>` what is shown on
it. A `<sitemapindex>` leads to further sitemaps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from reelin import (
    Extractor,
    Link,
    MediaItem,
    Page,
    elements,
    facts,
    hookimpl,
    type_of,
    xml,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

HEAD = 4096


class Sitemaps(Extractor):
    """Images and videos that a site lists in its sitemap."""

    name = "sitemaps"
    finds = "<urlset><url><image><loc>https://site.example/cats.jpg</loc></image></url></urlset>"

    follow: Annotated[bool, "also look at the pages for which no media are listed"] = False

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield what a sitemap lists; nothing on other pages."""
        head = page.text[:HEAD]
        if "<urlset" not in head and "<sitemapindex" not in head and ":urlset" not in head:
            return
        root = xml.parse_xml(page.text)
        kind = xml.name_of(root) if root is not None else ""
        for entry in root if root is not None and kind in ("urlset", "sitemapindex") else ():
            where = elements.url_in(page, _first_texts(entry).get("loc", ""))
            if where and kind == "sitemapindex":
                yield Link(where, "<sitemap>")
            elif kind == "urlset":
                found = [*_media(page, entry, where)]
                yield from found
                if where and not found and self.follow:
                    yield Link(where, "<url>")


def _media(page: Page, entry: _Element, where: str | None) -> Iterator[MediaItem | Link]:
    for element in entry:
        about = _first_texts(element)
        if xml.name_of(element) == "image":
            url = elements.url_in(page, about.get("loc", ""))
            title = about.get("title") or about.get("caption")
            if url:
                yield MediaItem(url, "image", title=title, origin="<image:image>")
        elif xml.name_of(element) == "video":
            url = elements.url_in(page, about.get("content_loc", ""))
            if url:
                yield _video(page, url, about)
            elif where:  # only its player is told: who looks at the page may know more
                yield Link(where, "<video:player_loc>")


def _video(page: Page, url: str, about: dict[str, str]) -> MediaItem:
    return MediaItem(
        url,
        elements.playable(type_of(url)) or "video",
        title=about.get("title"),
        artist=about.get("uploader"),
        duration=facts.seconds_in(about.get("duration")),
        date=facts.date_in(about.get("publication_date")),
        thumbnail=elements.url_in(page, about.get("thumbnail_loc", "")),
        origin="<video:video>",
    )


def _first_texts(element: _Element) -> dict[str, str]:
    return {name: said[0] for name, said in xml.texts(element).items()}


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `sitemaps`."""
    return [Sitemaps()]
