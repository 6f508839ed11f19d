"""Sitemaps of images and videos, when the page itself is one.

`<url>` holds a page's address, and for each `<image:image>` and `<video:video>` what is shown on
it. A `<sitemapindex>` leads to further sitemaps.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    type_of,
    xml,
)

if TYPE_CHECKING:
    from lxml.etree import _Element


class Sitemaps(Extractor):
    """Images and videos that a site lists in its sitemap."""

    name = "sitemaps"
    finds = "<urlset><url><image><loc>https://site.example/cats.jpg</loc></image></url></urlset>"

    follow: Annotated[bool, "also look at the pages for which no media are listed"] = False

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield what a sitemap lists; nothing on other pages."""
        if page.listing is None or page.listing.is_feed:
            return
        text = page.text[page.listing.start :]
        if page.listing.root == "sitemapindex":
            _, found = xml.read_entries(text, ("sitemap",), partial(_further, page))
        else:
            _, found = xml.read_entries(text, ("url",), partial(_entry, page, follow=self.follow))
        for each in found:
            yield from each


def _further(page: Page, entry: _Element) -> list[MediaItem | Link]:
    """The further sitemap of an index; it may well lie on a server of files."""
    where = _url(page, xml.children(entry), "loc")
    return [Link(where, "<sitemap>", offsite=True)] if where else []


def _entry(page: Page, entry: _Element, *, follow: bool) -> list[MediaItem | Link]:
    where = _url(page, xml.children(entry), "loc")
    found = [*_media(page, entry, where)]
    return [Link(where, "<url>")] if where and follow and not found else found


def _media(page: Page, entry: _Element, where: str | None) -> Iterator[MediaItem | Link]:
    for element in entry:
        about = xml.children(element)
        if xml.name_of(element) == "image":
            url = _url(page, about, "loc")
            title = xml.words_in(about, "title", "caption")
            if url:
                yield MediaItem(url, "image", title=title, origin="<image:image>")
        elif xml.name_of(element) == "video":
            url = _url(page, about, "content_loc")
            if url:
                yield _video(page, url, about)
            elif where:  # only its player is told: who looks at the page may know more
                yield Link(where, "<video:player_loc>")


def _video(page: Page, url: str, about: xml.Parts) -> MediaItem:
    return MediaItem(
        url,
        elements.playable(type_of(url)) or "video",
        title=xml.words_in(about, "title"),
        artist=xml.words_in(about, "uploader"),
        duration=facts.seconds_in(xml.text_in(about, "duration")),
        date=facts.date_in(xml.text_in(about, "publication_date")),
        thumbnail=_url(page, about, "thumbnail_loc"),
        origin="<video:video>",
    )


def _url(page: Page, about: xml.Parts, name: str) -> str | None:
    return elements.url_in(page, xml.text_in(about, name) or "")


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `sitemaps`."""
    return [Sitemaps()]
