"""The renditions of an image in markup: `src`, `srcset`, `<picture>`, what lazy loaders use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..model.facts import pixels_in
from ..model.item import Alternative, MediaItem
from ..model.media_types import type_of
from . import noise, srcset
from .elements import each_once, title_of, url_in

if TYPE_CHECKING:
    from lxml.etree import _Element

    from .page import Page

# Attributes in which lazy loaders keep what they will put into src; the larger ones first.
_ORIGINAL = re.compile(r"data-(?:.*-)?orig(?:-|$)", re.IGNORECASE)
_FULL_SIZE = re.compile(r"data-.*(full|large|zoom|hi-?res|big|retina)", re.IGNORECASE)
_LAZY = re.compile(r"data-.*(src|original|lazy|url|image|img|poster|bg|background)", re.IGNORECASE)


def renditions(page: Page, element: _Element) -> tuple[list[Alternative], str]:
    """The URLs of an image element, best first, and where they stand: `<picture> srcset`."""
    picture = _picture_of(element)
    place = f"<{element.tag!s}>" if picture is None else "<picture>"
    if picture is None:
        names = " ".join(element.keys())
        if "data-" not in names and "srcset" not in names:
            url = url_in(page, _source(element))
            is_image = url is not None and type_of(url) in ("image", None)
            return [Alternative(url)] if url and is_image else [], place
    full, lazy = _loaded_later(element)
    # The image itself first: of equal sizes, its format is the one that everything can show.
    holders = [element] if picture is None else [element, *picture.iter("source")]
    sets, is_lazy = _sets(page, holders)
    # Beside a lazy attribute, src holds a placeholder or a preview.
    plain = [] if lazy or is_lazy else [_source(element)]
    found = [
        *_images(page, full, needs_type=True),
        *sets,
        *_images(page, lazy),
        *_images(page, plain),
    ]
    if not found and (lazy or is_lazy):
        found = _images(page, [_source(element)])
    if not found or noise.is_placeholder(found[0].url):
        # A lazy loader of its own kind: any attribute may hold the image's file.
        unknown = [value for name, value in element.items() if name.startswith("data-")]
        found = _images(page, unknown, needs_type=True) + found
    how = " srcset" if sets else " lazy" if lazy else ""
    return each_once(found), place + how


def item(page: Page, element: _Element) -> Iterator[MediaItem]:
    """The image that an element shows, in all its renditions, if it shows one."""
    found, origin = renditions(page, element)
    if not found:
        return
    best, *others = found
    width, height = (pixels_in(element.get(side)) for side in ("width", "height"))
    reason = page.judge.of_image(element, best.url, width, height)
    if others and page.absolute(element.get("src", "")) in {each.url for each in others}:
        width = height = None  # those of a smaller rendition, that the page shows
    yield MediaItem(
        best.url,
        "image",
        title=title_of(element),
        width=best.width or width,
        height=height if best.width in (None, width) else None,
        mime=best.mime,
        alternatives=tuple(others),
        origin=origin,
        noise=reason,
    )


def of_set(page: Page, text: str) -> list[Alternative]:
    """The renditions that the value of a `srcset` attribute names, best first."""
    return _offers(page, [(each, None) for each in srcset.parse(text)])


def _loaded_later(element: _Element) -> tuple[list[str], list[str]]:
    """The values that lazy loaders keep in attributes: full images, and what `src` is to become."""
    originals: list[str] = []
    full: list[str] = []
    lazy: list[str] = []
    for name, value in element.items():
        if name.startswith("data-") and "srcset" not in name and "sizes" not in name:
            if _ORIGINAL.match(name):
                originals.append(value)
            elif _FULL_SIZE.match(name):
                full.append(value)
            elif _LAZY.match(name):
                lazy.append(value)
    return originals + full, lazy


def _sets(page: Page, holders: Iterable[_Element]) -> tuple[list[Alternative], bool]:
    """The offers of these elements' srcset attributes, best first; whether they are lazy."""
    lazy: list[tuple[srcset.Candidate, str | None]] = []
    plain: list[tuple[srcset.Candidate, str | None]] = []
    for holder in holders:
        mime = holder.get("type")
        for name, value in holder.items():
            if name.endswith("srcset") and value:
                candidates = [(each, mime) for each in srcset.parse(value)]
                (plain if name == "srcset" else lazy).extend(candidates)
    return _offers(page, lazy or plain), bool(lazy)


def _offers(page: Page, candidates: list[tuple[srcset.Candidate, str | None]]) -> list[Alternative]:
    """The candidates of source sets, with their MIME types, as renditions; best first."""
    mimes = {each.url: mime for each, mime in candidates}
    found = []
    for each in srcset.best_first(candidate for candidate, _ in candidates):
        url = page.absolute(each.url)
        if url and not noise.is_placeholder(url):
            found.append(Alternative(url, width=each.width, mime=mimes[each.url]))
    return found


def _images(page: Page, values: Iterable[str], *, needs_type: bool = False) -> list[Alternative]:
    """Attribute values as renditions, where they are URLs of images.

    needs_type: only with an image's extension, since the attribute's name does not tell
    """
    found = []
    for value in values:
        url = url_in(page, value)
        kind = type_of(url) if url else None
        if url and (kind == "image" or (kind is None and not needs_type)):
            found.append(Alternative(url))
    return found


def _picture_of(element: _Element) -> _Element | None:
    """The <picture> around an image; parsers may nest its sources."""
    parent = element.getparent()
    while parent is not None and parent.tag == "source":
        parent = parent.getparent()
    return parent if parent is not None and parent.tag == "picture" else None


def _source(element: _Element) -> str:
    return element.get("src") or element.get("href") or element.get("xlink:href") or ""
