"""Thumbnails: what leads to larger pictures, in lightboxes and in parts that are galleries.

Which page is a gallery is told by its markup: the attributes and classes of lightbox scripts, and
parts that are called gallery, album, thumbnails. On any other page there are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from .elements import is_file, title_of, url_in
from .media_types import type_of
from .page import Page

if TYPE_CHECKING:
    from lxml.etree import _Element

LEAST_THUMBS = 3  # of a part that is a gallery
# Where lightbox scripts find the full picture, if not in href: the first that is there counts.
_FULL = (
    "data-pswp-src data-mfp-src data-fancybox-href data-full-url data-orig-file data-large-file"
    " data-large_image data-zoom-image data-image-full data-download-url data-lightbox-src data-src"
).split()
# What tells an element that a lightbox script opens: PhotoSwipe, lightGallery, fancybox, GLightbox,
# Magnific Popup, fslightbox, Colorbox, Lightbox, WooCommerce, FooGallery.
_LIGHTBOX = frozenset(
    "data-pswp-src data-pswp-width data-mfp-src data-fancybox data-fancybox-href data-fslightbox"
    " data-lightbox data-glightbox data-lg-size data-large_image".split()
)
_LIGHTBOX_CLASSES = frozenset(
    "glightbox fancybox colorbox cboxElement lightbox image-popup popup-image lg-item venobox"
    " fg-thumb".split()
)
_LIGHTBOX_REL = re.compile(r"lightbox|prettyPhoto|fancybox")
_PART = re.compile(r"galler|album|photo|thumb|picture|portfolio|lightbox|masonry", re.IGNORECASE)
_NO_PART = re.compile(r"post-?thumb|thumb-?up|photo-?credit|related|sidebar|widget", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Thumb:
    """A thumbnail and where it leads.

    certain: a lightbox opens it, so it is a picture
    """

    url: str
    thumbnail: str | None
    title: str | None
    certain: bool

    @property
    def is_picture(self) -> bool:
        """Whether it leads to a picture for sure, rather than to a page that shows it."""
        return is_file(self.url) or (self.certain and type_of(self.url) is None)


def on_page(page: Page) -> list[Thumb]:
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
    if not _LIGHTBOX.isdisjoint(element.keys()):
        return True
    classes = element.get("class")
    if classes and _has_lightbox_class(classes):
        return True
    return element.tag == "a" and _LIGHTBOX_REL.match(element.get("rel", "")) is not None


@lru_cache(maxsize=1024)  # a page's elements have few classes
def _has_lightbox_class(classes: str) -> bool:
    return not _LIGHTBOX_CLASSES.isdisjoint(classes.split())


def _lightbox(page: Page, element: _Element) -> Thumb | None:
    """What a lightbox shows for an element; None for inline content, frames and films."""
    values = [element.get(name, "") for name in _FULL] + [element.get("href", "")]
    url = next((url for value in values if (url := url_in(page, value))), None)
    if url is None or url.startswith(page.final_url + "#") or type_of(url) not in (None, "image"):
        return None
    if type_of(url) is None and not list(element.iter("img")):
        return None
    return Thumb(url, _shown(page, element), _title(element), certain=True)


def _linked(page: Page) -> Iterator[Thumb]:
    """Links around thumbnails, in parts of the page that are galleries by their names."""
    parts: dict[_Element, list[Thumb]] = {}
    known: dict[_Element, _Element | None] = {}
    holders = (next(image.iterancestors("a"), None) for image in page.tree.iter("img"))
    for link in dict.fromkeys(each for each in holders if each is not None):
        part = _part(link, known)
        url = url_in(page, link.get("href", "")) if part is not None else None
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
    if not _PART.search(names) or _NO_PART.search(names):
        return False
    return next(islice(element.iter("img"), LEAST_THUMBS - 1, None), None) is not None


def _shown(page: Page, element: _Element) -> str | None:
    """The thumbnail that an element shows."""
    for image in element.iter("img"):
        for name in ("data-src", "data-lazy-src", "data-original", "src"):
            url = url_in(page, image.get(name, ""))
            if url:
                return url
    return None


def _title(element: _Element) -> str | None:
    image = next(element.iter("img"), None)
    said = element.get("data-caption") or element.get("data-title") or element.get("title")
    return said or (title_of(image) if image is not None else None)
