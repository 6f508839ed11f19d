"""The renditions of an image in markup: `src`, `srcset`, `<picture>`, what lazy loaders use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..model.facts import pixels_in
from ..model.item import Alternative, MediaItem
from ..model.media_types import extension, type_of
from . import lazy, noise, srcset
from .elements import each_once, title_of, url_in

if TYPE_CHECKING:
    from lxml.etree import _Element

    from .page import Page

_DRAWN = frozenset(["gif", "svg"])  # what stands in the place of photographs


def renditions(page: Page, element: _Element) -> tuple[list[Alternative], str]:
    """The URLs of an image element, best first, and where they stand: `<picture> srcset`."""
    picture = _picture_of(element)
    place = f"<{element.tag!s}>" if picture is None else "<picture>"
    if picture is None and lazy.has_only_src(element):
        url = url_in(page, _source(element))
        is_image = url is not None and type_of(url) in ("image", None)
        return [Alternative(url)] if url and is_image else [], place
    later = lazy.loaded_later(element)
    # The image itself first: of equal sizes, its format is the one that everything can show.
    holders = [element] if picture is None else [element, *picture.iter("source")]
    sets, is_lazy = _sets(page, holders)
    full = _images(page, later.full + later.own_full, needs_type=True)
    own, is_hidden = _own(page, _source(element), later)
    # Beside a lazy attribute, src holds a placeholder or a preview.
    is_later = bool(later.lazy or is_lazy or is_hidden)
    plain = [] if is_later else [_source(element)]
    found = [*full, *sets, *_images(page, later.lazy), *own, *_images(page, plain)]
    if not found and is_later:
        found = _images(page, [_source(element)])
    if not found or noise.is_placeholder(found[0].url):
        # A lazy loader of its own kind: any attribute may hold the image's file.
        found = _images(page, lazy.unknown(element), needs_type=True) + found
    how = " srcset" if sets else " lazy" if later.lazy or own else ""
    return each_once(found), place + how


def _own(page: Page, source: str, later: lazy.LoadedLater) -> tuple[list[Alternative], bool]:
    """The images in attributes of a loader's own, and whether `src` only holds their place.

    Where that shows an image itself, what stands in attributes of unknown names is another one.
    """
    if not (later.own_full or later.own or later.other):
        return [], False
    known = _images(page, later.own_full + later.own, needs_type=True)
    found = known + _images(page, later.other, needs_type=True)
    found = found or _images(page, filter(lazy.is_address, later.own))
    url = url_in(page, source)
    is_drawn = extension(url or "") in _DRAWN and any(
        extension(each.url) not in _DRAWN for each in found
    )
    if url and not is_drawn and not noise.is_placeholder(url):
        return known, False
    return found, True


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


def _sets(page: Page, holders: Iterable[_Element]) -> tuple[list[Alternative], bool]:
    """The offers of these elements' srcset attributes, best first; whether they are lazy."""
    later: list[tuple[srcset.Candidate, str | None]] = []
    plain: list[tuple[srcset.Candidate, str | None]] = []
    for holder in holders:
        mime = holder.get("type")
        for name, value in holder.items():
            if name.endswith("srcset") and value:
                candidates = [(each, mime) for each in srcset.parse(value)]
                (plain if name == "srcset" else later).extend(candidates)
    return _offers(page, later or plain), bool(later)


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
