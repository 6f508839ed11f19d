"""Galleries: thumbnails that lead to full pictures, in lightboxes, on item pages, on further pages.

Which page is a gallery is told by its markup: the attributes and classes of lightbox scripts, and
parts that are called gallery, album, thumbnails. On any other page nothing is followed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qsl, urlsplit

from reelin import (
    Extractor,
    FetchError,
    Link,
    MediaItem,
    Page,
    elements,
    hookimpl,
    type_of,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

# Where lightbox scripts find the full picture, if not in href: the first that is there counts.
FULL = (
    "data-pswp-src data-mfp-src data-fancybox-href data-full-url data-orig-file data-large-file"
    " data-large_image data-zoom-image data-image-full data-download-url data-lightbox-src data-src"
).split()
# What tells an element that a lightbox script opens: PhotoSwipe, lightGallery, fancybox, GLightbox,
# Magnific Popup, fslightbox, Colorbox, Lightbox, WooCommerce, FooGallery.
LIGHTBOX = frozenset(
    "data-pswp-src data-pswp-width data-mfp-src data-fancybox data-fancybox-href data-fslightbox"
    " data-lightbox data-glightbox data-lg-size data-large_image".split()
)
LIGHTBOX_CLASSES = frozenset(
    "glightbox fancybox colorbox cboxElement lightbox image-popup popup-image lg-item venobox"
    " fg-thumb".split()
)
LIGHTBOX_REL = re.compile(r"lightbox|prettyPhoto|fancybox")
PART = re.compile(r"galler|album|photo|thumb|picture|portfolio|lightbox|masonry", re.IGNORECASE)
NO_PART = re.compile(r"post-?thumb|thumb-?up|photo-?credit|related|sidebar|widget", re.IGNORECASE)
AT_ONCE = 4  # item pages
LEAST_THUMBS = 3  # of a part that is a gallery
NEXT_WORDS = re.compile(
    r"(?:next(?: page)?|older(?: posts)?|more|weiter|nächste(?: seite)?|suivante?|siguiente"
    r"|volgende|successiv[ao]|próxim[ao]|следующая|далее|次へ|次のページ|下一[页頁])?"
    "\\s*[\u203a\xbb\u2192>]*",
    re.IGNORECASE,
)
PAGE_PARAMETERS = frozenset(["page", "p", "pg", "paged", "start", "offset", "seite", "pid"])
PAGE_PATH = re.compile(r"/(?:page|p|seite)[/-]?(\d{1,5})/?$")
MAIN = (
    "#image, #img, #photo, #main-image, #full-image, .full-image, .main-image, .original,"
    " figure.main img, main figure img, main img, article img, #content img, .content img, img"
)
DOWNLOAD = re.compile(r"download|original|full|large|enlarge|zoom|vollbild", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Thumb:
    """A thumbnail and where it leads. `certain`: a lightbox opens it, so it is a picture."""

    url: str
    thumbnail: str | None
    title: str | None
    certain: bool


class Gallery(Extractor):
    """Galleries: full pictures behind thumbnails, in lightboxes and on pages of their own."""

    name = "gallery"
    finds = '<a data-fancybox href="large.jpg"><img src="small.jpg"></a>'

    max_pages: Annotated[int, "pages of one gallery that are read, one after the other"] = 50
    max_items: Annotated[int, "item pages that are opened for their full pictures"] = 200

    async def extract(self, page: Page) -> AsyncIterator[MediaItem | Link]:
        """Yield the full pictures of a gallery, and its next page."""
        if not page.is_markup:
            return
        thumbs = await asyncio.to_thread(_thumbs, page)
        pages = [thumb for thumb in thumbs if not _is_picture(thumb)][: self.max_items]
        turns = asyncio.Semaphore(AT_ONCE)
        opened = {each: asyncio.create_task(_behind(page, each, turns)) for each in pages}
        try:
            for thumb in thumbs:
                url = await opened[thumb] if thumb in opened else thumb.url
                if url and (thumb in opened or _is_picture(thumb)):
                    yield _item(thumb, url)
        finally:
            for task in opened.values():
                task.cancel()
        if thumbs and self.max_pages > 1:
            further = await asyncio.to_thread(_next, page)
            if further:
                yield Link(further, origin="next page", pages=self.max_pages)


def _is_picture(thumb: Thumb) -> bool:
    return elements.is_file(thumb.url) or (thumb.certain and type_of(thumb.url) is None)


def _item(thumb: Thumb, url: str) -> MediaItem:
    return MediaItem(
        url,
        "image" if type_of(url) in (None, "image") else None,
        title=thumb.title,
        thumbnail=thumb.thumbnail if thumb.thumbnail != url else None,
        origin="lightbox" if thumb.certain else "thumbnail",
    )


# Thumbnails


def _thumbs(page: Page) -> list[Thumb]:
    """The thumbnails of a page's galleries, each target once, in document order."""
    found: dict[str, Thumb] = {}
    for element in page.tree.iter("a", "div", "li", "figure", "span", "img", "button"):
        thumb = _lightbox(page, element) if _opens_lightbox(element) else None
        if thumb and page.judge.of_place(element) is None:
            found.setdefault(thumb.url, thumb)
    for thumb in _linked(page):
        found.setdefault(thumb.url, thumb)
    return list(found.values())


def _opens_lightbox(element: _Element) -> bool:
    if not LIGHTBOX.isdisjoint(element.keys()):
        return True
    classes = element.get("class")
    if classes and not LIGHTBOX_CLASSES.isdisjoint(classes.split()):
        return True
    return element.tag == "a" and LIGHTBOX_REL.match(element.get("rel", "")) is not None


def _lightbox(page: Page, element: _Element) -> Thumb | None:
    """What a lightbox shows for an element; None for inline content, frames and films."""
    values = [element.get(name, "") for name in FULL] + [element.get("href", "")]
    url = next((url for value in values if (url := elements.url_in(page, value))), None)
    if url is None or url.startswith(page.final_url + "#") or type_of(url) not in (None, "image"):
        return None
    if type_of(url) is None and not list(element.iter("img")):
        return None
    return Thumb(url, _shown(page, element), _title(element), certain=True)


def _linked(page: Page) -> Iterator[Thumb]:
    """Links around thumbnails, in parts of the page that are galleries by their names."""
    parts: dict[_Element, list[Thumb]] = {}
    known: dict[_Element, _Element | None] = {}
    for link in page.tree.iter("a"):
        image = next(link.iter("img"), None)
        part = _part(link, known) if image is not None else None
        url = elements.url_in(page, link.get("href", "")) if part is not None else None
        if url is None or part is None or page.judge.of_place(link) is not None:
            continue
        if page.has_site_of(url) and url != page.final_url:
            thumb = Thumb(url, _shown(page, link), _title(link), certain=False)
            parts.setdefault(part, []).append(thumb)
    for thumbs in parts.values():
        if len({thumb.url for thumb in thumbs}) >= LEAST_THUMBS:
            yield from thumbs


def _part(link: _Element, known: dict[_Element, _Element | None]) -> _Element | None:
    """The innermost part around a link that is called a gallery; `known` remembers the parts."""
    path = []
    part: _Element | None = None
    for ancestor in link.iterancestors():
        if ancestor in known:
            part = known[ancestor]
            break
        path.append(ancestor)
    for ancestor in reversed(path):
        if _is_part(ancestor):
            part = ancestor
        known[ancestor] = part
    return part


def _is_part(element: _Element) -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')}"
    if element.tag in ("body", "html", "a") or len(names) > 1000:
        return False
    if not PART.search(names) or NO_PART.search(names):
        return False
    return next(islice(element.iter("img"), LEAST_THUMBS - 1, None), None) is not None


def _shown(page: Page, element: _Element) -> str | None:
    """The thumbnail that an element shows."""
    for image in element.iter("img"):
        for name in ("data-src", "data-lazy-src", "data-original", "src"):
            url = elements.url_in(page, image.get(name, ""))
            if url:
                return url
    return None


def _title(element: _Element) -> str | None:
    image = next(element.iter("img"), None)
    said = element.get("data-caption") or element.get("data-title") or element.get("title")
    return said or (elements.title_of(image) if image is not None else None)


# Item pages


async def _behind(page: Page, thumb: Thumb, turns: asyncio.Semaphore) -> str | None:
    """The full picture where a thumbnail leads: the answer itself, or what that page shows."""
    try:
        async with turns:
            there = await page.get(thumb.url)
    except FetchError:
        return None
    if there.type == "image":
        return thumb.url
    return await asyncio.to_thread(_main_picture, there) if there.is_markup else None


def _main_picture(page: Page) -> str | None:
    """The picture that an item page is about: a link to its file, or what it shows largest."""
    for link in page.select("a[href]"):
        url = elements.url_in(page, link.get("href", ""))
        said = f"{link.get('class', '')} {link.get('id', '')} {elements.text_of(link) or ''}"
        holds = next(link.iter("img"), None) is not None
        if (
            url
            and type_of(url) == "image"
            and elements.is_file(url)
            and (holds or DOWNLOAD.search(said))
        ):
            return url
    announced = page.select("meta[property='og:image']")
    for image in page.select(MAIN):
        url = elements.url_in(page, image.get("src", ""))
        if url and page.judge.of_image(image, url, None, None) is None:
            return url
    return page.absolute(announced[0].get("content", "")) if announced else None


# Further pages


def _next(page: Page) -> str | None:
    """The next page of the same gallery, on the same site."""
    for element in page.select("link[rel~=next], a[rel~=next]"):
        url = elements.url_in(page, element.get("href", ""))
        if url and page.has_site_of(url):
            return url
    here = _number(page.final_url) or 1
    for link in page.tree.iter("a"):
        url = elements.url_in(page, link.get("href", ""))
        if url is None or not page.has_site_of(url) or url == page.final_url:
            continue
        said = elements.text_of(link) or link.get("aria-label") or link.get("title") or ""
        number = _number(url)
        if number == here + 1 or (said and number and NEXT_WORDS.fullmatch(said)):
            return url
    return None


def _number(url: str) -> int | None:
    """The page number that an address tells, by a parameter or the end of its path."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if name.lower() in PAGE_PARAMETERS and value.isdigit() and len(value) < 7:
            return int(value)
    found = PAGE_PATH.search(parts.path)
    return int(found[1]) if found else None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `gallery`."""
    return [Gallery()]
