"""Thumbnails: what leads to larger images, in lightboxes and in parts that are galleries.

Which page is a gallery is told by its markup: the attributes and classes of lightbox scripts, what
these are handed by other scripts, and parts that are called gallery, album, thumbnails. On any
other page there are none.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..model.facts import pixels_in
from ..model.media_types import type_of
from . import noise
from .elements import caption_of, is_file, is_player, url_in
from .page import Page

if TYPE_CHECKING:
    from lxml.etree import _Element

LEAST_THUMBS = 3  # of a part that is a gallery
# Where lightbox scripts find the full image, if not in href: the first that is there counts.
_FULL = (
    "data-pswp-src data-mfp-src data-fancybox-href data-full-url data-orig-file data-large-file"
    " data-large_image data-zoom-image data-image-full data-download-url data-lightbox-src data-src"
).split()
# What tells an element that a lightbox script opens: PhotoSwipe, lightGallery, fancybox, GLightbox,
# Magnific Popup, fslightbox, Colorbox, Lightbox, WooCommerce, FooGallery; of forums XenForo.
_LIGHTBOX = frozenset(
    "data-pswp-src data-pswp-width data-mfp-src data-fancybox data-fancybox-href data-fslightbox"
    " data-lightbox data-glightbox data-lg-size data-large_image".split()
)
_LIGHTBOX_CLASSES = frozenset(
    "glightbox fancybox colorbox cboxElement lightbox image-popup popup-image lg-item venobox"
    " fg-thumb js-lbImage LbTrigger".split()
)
_OTHERS = frozenset("ajax html iframe inline map pdf video".split())  # what else is shown in them
# By what scripts hand them images, and how these call an image, its thumbnail and its title.
_CALLS = (
    "Fancybox Fancybox.show fancybox.open GLightbox lightGallery magnificPopup PhotoSwipe"
    " PhotoSwipeLightbox colorbox"
).split()
_IMAGES = ("src", "href", "url")
_THUMBNAILS = ("thumb", "msrc", "thumbSrc", "thumbnail")
_CAPTIONS = ("caption", "title", "alt", "description")
_MOST_VALUES = 10_000  # of one call
_LONGEST = 4096
_SIZE = re.compile(
    r"(\d{2,5})[x-](\d{2,5})\Z"
)  # in data-lg-size after others, for less wide screens
_LIGHTBOX_REL = re.compile(r"lightbox|prettyPhoto|fancybox")
_PART = re.compile(r"galler|album|photo|thumb|picture|portfolio|lightbox|masonry", re.IGNORECASE)
_NO_PART = re.compile(r"post-?thumb|thumb-?up|photo-?credit|related|sidebar|widget", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Thumb:
    """A thumbnail and where it leads.

    certain: a lightbox opens it, so it is an image
    width, height: pixels of the image
    """

    url: str
    thumbnail: str | None = None
    title: str | None = None
    certain: bool = True
    width: int | None = None
    height: int | None = None

    @property
    def is_image(self) -> bool:
        """Whether it leads to an image for sure, rather than to a page that shows it."""
        known = is_file(self.url) or (self.certain and type_of(self.url) is None)
        return known and not self.is_player

    @property
    def is_player(self) -> bool:
        """Whether it leads to a video on a site of videos."""
        return is_player(self.url)


def on_page(page: Page) -> list[Thumb]:
    """The thumbnails of a page's galleries, each target once, in document order."""
    found: dict[str, Thumb] = {}
    for element in page.tree.iter("a", "div", "li", "figure", "span", "img", "button"):
        thumb = _lightbox(page, element) if _opens_lightbox(element) else None
        if thumb and page.judge.of_place(element) is None:
            found.setdefault(thumb.url, thumb)
    for thumb in (*_in_links(page), *_in_scripts(page)):
        found.setdefault(thumb.url, thumb)
    return list(found.values())


def _opens_lightbox(element: _Element) -> bool:
    if not _LIGHTBOX.isdisjoint(element.keys()):
        return True
    classes = element.get("class")
    if classes and _has_lightbox_class(classes):
        return True
    if element.tag != "a":
        return False
    elsewhere = "data-src" in element.attrib and "href" not in element.attrib
    return elsewhere or _LIGHTBOX_REL.match(element.get("rel", "")) is not None


@lru_cache(maxsize=1024)  # a page's elements have few classes
def _has_lightbox_class(classes: str) -> bool:
    return not _LIGHTBOX_CLASSES.isdisjoint(classes.split())


def _lightbox(page: Page, element: _Element) -> Thumb | None:
    """The thumbnail that an element is to a lightbox; None for inline content, frames, videos."""
    values = [element.get(name, "") for name in _FULL] + [element.get("href", "")]
    url = next((url for value in values if (url := url_in(page, value))), None)
    if url is None or url.startswith(page.final_url + "#") or type_of(url) not in (None, "image"):
        return None
    if is_player(url):
        return Thumb(url)
    if element.get("data-type") in _OTHERS:
        return None
    if type_of(url) is None and next(element.iter("img"), None) is None:
        return None
    return Thumb(url, _thumbnail(page, element), caption_of(element), True, *_sides(element))


def _in_links(page: Page) -> Iterator[Thumb]:
    """Links around thumbnails that whoever sends them sends too, or in parts that are galleries."""
    parts: dict[_Element, list[Thumb]] = {}
    known: dict[_Element, _Element | None] = {}
    holders = (next(image.iterancestors("a"), None) for image in page.tree.iter("img"))
    for link in dict.fromkeys(each for each in holders if each is not None):
        url = url_in(page, link.get("href", ""))
        if url is None or not page.has_site_of(url) or url == page.final_url:
            continue
        small, part = _thumbnail(page, link), _part(link, known)
        certain = small is not None and _is_same_but_for_size(url, small)
        if (part is None and not certain) or page.judge.of_place(link) is not None:
            continue
        thumb = Thumb(url, small, caption_of(link), certain)
        if part is None:
            yield thumb
        else:
            parts.setdefault(part, []).append(thumb)
    for thumbs in parts.values():
        if len({thumb.url for thumb in thumbs}) >= LEAST_THUMBS:
            yield from thumbs
        else:
            yield from (thumb for thumb in thumbs if thumb.certain)


def _is_same_but_for_size(url: str, small: str) -> bool:
    """Whether one script of a forum sends both: `file.php?id=1` and `file.php?id=1&t=1`."""
    (script, _, query), (same, _, other) = url.partition("?"), small.partition("?")
    return script == same and bool(query and other) and not script.endswith("/")


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


def _thumbnail(page: Page, element: _Element) -> str | None:
    """The thumbnail that an element shows."""
    for image in element.iter("img"):
        for name in ("data-src", "data-lazy-src", "data-original", "src"):
            url = url_in(page, image.get(name, ""))
            if url:
                return url
    return None


def _sides(element: _Element) -> tuple[int | None, int | None]:
    """The width and height that a lightbox is told: of several sizes the last is the largest."""
    for name in ("data-lg-size", "data-size"):
        found = _SIZE.search(element.get(name, "")[-20:])
        if found:
            return int(found[1]), int(found[2])
    for width, height in (("data-pswp-width", "data-pswp-height"), ("data-width", "data-height")):
        if width in element.attrib:
            return pixels_in(element.get(width)), pixels_in(element.get(height))
    return None, None


# What scripts hand to lightboxes


def _in_scripts(page: Page) -> Iterator[Thumb]:
    for name in _CALLS:
        for _, call in page.data.calls(name, (name,)):
            yield from _slides(page, call.args)
    for _, assignment in page.data.assignments("sources", ("lightbox",)):
        if "props" in assignment.path:
            yield from _slides(page, assignment.value)


def _slides(page: Page, value: Any) -> Iterator[Thumb]:
    """The images of a value: objects with an address, or lists of addresses."""
    todo = deque([value])
    for _ in range(_MOST_VALUES):
        if not todo:
            return
        value = todo.popleft()
        if isinstance(value, dict):
            thumb = _slide(page, value)
            if thumb:
                yield thumb
            else:
                todo.extend(value.values())
        elif isinstance(value, list | tuple):
            todo.extend(each for each in value if isinstance(each, dict | list))
            yield from (Thumb(url) for each in value if (url := _image(page, each)))


def _slide(page: Page, about: dict[str, Any]) -> Thumb | None:
    """`{src, thumb, caption}`, as fancybox 3 has it with the latter two in `opts`."""
    url = next((url for key in _IMAGES if (url := _image(page, about.get(key)))), None)
    if url is None:
        return None
    more = about.get("opts")
    about = {**more, **about} if isinstance(more, dict) else about
    small = (_image(page, about.get(key)) for key in _THUMBNAILS)
    captions = (about.get(key) for key in _CAPTIONS)
    titles = (each for each in captions if each and isinstance(each, str) and "<" not in each)
    width, height = (pixels_in(str(about.get(side, ""))) for side in ("w", "h"))
    return Thumb(url, next(filter(None, small), None), next(titles, None), True, width, height)


def _image(page: Page, value: Any) -> str | None:
    """The address of an image that a value is."""
    url = url_in(page, value) if isinstance(value, str) and len(value) < _LONGEST else None
    return url if url and type_of(url) == "image" and not noise.is_placeholder(url) else None
