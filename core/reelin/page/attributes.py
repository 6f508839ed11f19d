"""Media in attributes of any element: backgrounds in styles, files in data attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model.item import Alternative, MediaItem
from ..model.media_types import path_of, type_of
from . import noise, pictures
from .elements import is_file, playable, title_of, url_in

if TYPE_CHECKING:
    from lxml.etree import _Element

    from .page import Page

_LONGEST = 2048  # characters of an attribute that is looked at as an address
_FOR_SCREENS = re.compile(r"data-at-(\d{1,5})\Z")  # baguetteBox: the image for narrower ones
_SMALL = re.compile(r"data-.*(thumb|small|tiny|mini(?![a-z]))", re.IGNORECASE)
_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))\s*\)""", re.IGNORECASE)


def in_attribute(page: Page, element: _Element, name: str, value: str) -> Iterator[MediaItem]:
    """The items of one `style` or `data-…` attribute."""
    if name == "style":
        if "url(" in value:
            yield from _backgrounds(page, element, value, "style background")
    elif value.lstrip().startswith("url("):
        yield from _backgrounds(page, element, value, f"<{element.tag!s} {name}>")
    elif name.endswith("bgset"):
        yield from _background_set(page, element, name, value)
    elif "." in value and "placeholder" not in name:
        yield from _file(page, element, name, value)


def for_screens(page: Page, element: _Element) -> list[Alternative]:
    """The renditions for narrower screens that a link to an image bears, the widest first."""
    found = []
    for name, value in element.items():
        screen = _FOR_SCREENS.match(name)
        url = url_in(page, value) if screen else None
        if screen and url:
            found.append((int(screen[1]), Alternative(url)))
    return [each for _, each in sorted(found, key=lambda pair: -pair[0])]


def in_style_sheet(page: Page, css: str) -> Iterator[MediaItem]:
    """The images of a `<style>` element, which are noise."""
    for url in _urls(page, css):
        if type_of(url) == "image":
            yield MediaItem(url, "image", origin="<style>", noise="part of the page's design")


def _backgrounds(page: Page, element: _Element, css: str, origin: str) -> Iterator[MediaItem]:
    for url in _urls(page, css):
        yield MediaItem(
            url,
            "image",
            title=title_of(element),
            origin=origin,
            noise=page.judge.of_image(element, url, None, None),
        )


def _urls(page: Page, css: str) -> Iterator[str]:
    for quoted, single, bare in _URL.findall(css):
        url = url_in(page, quoted or single or bare)
        if url is not None and type_of(url) in (None, "image"):
            yield url


def _background_set(page: Page, element: _Element, name: str, value: str) -> Iterator[MediaItem]:
    """A lazy background in several sizes, as in `srcset`."""
    found = pictures.of_set(page, value)
    if found:
        yield MediaItem(
            found[0].url,
            "image",
            title=title_of(element),
            width=found[0].width,
            alternatives=tuple(found[1:]),
            origin=f"<{element.tag!s} {name}>",
            noise=page.judge.of_image(element, found[0].url, None, None),
        )


def _file(page: Page, element: _Element, name: str, value: str) -> Iterator[MediaItem]:
    """A data attribute whose whole value is the URL of a file."""
    url = url_in(page, value) if len(value) < _LONGEST else None
    if url is None or not is_file(url) or "{" in value:
        return
    kind = type_of(url)
    title = element.get("data-title") or title_of(element)
    origin = f"<{element.tag!s} {name}>"
    if kind != "image":
        yield MediaItem(url, kind, title=title, origin=origin)
        return
    reason = page.judge.of_image(element, url, None, None)
    others: tuple[Alternative, ...] = ()
    inside = _same_inside(page, element, url)
    if _SMALL.match(name):
        reason = "a thumbnail, by its attribute's name"
    elif _plays(page, element):
        reason = noise.ARTWORK
    elif inside and inside.width:  # what is known to be large is better than a name
        url, others = inside.url, (Alternative(url),)
    elif inside:
        others = (inside,)
    yield MediaItem(url, "image", title=title, alternatives=others, origin=origin, noise=reason)


def _plays(page: Page, element: _Element) -> bool:
    """Whether an element bears the address of audio or video."""
    urls = (url_in(page, each) for each in element.values() if "." in each)
    return any(url and playable(type_of(url)) for url in urls)


def _same_inside(page: Page, element: _Element, url: str) -> Alternative | None:
    """The image inside of an element if it shows the same file, such as a smaller one."""
    image = next(element.iter("img", "amp-img"), None)
    found = pictures.renditions(page, image)[0] if image is not None else []
    best = found[0] if found else None
    return best if best and best.url != url and _name(best.url) == _name(url) else None


def _name(url: str) -> str:
    return path_of(url).rpartition("/")[2]
