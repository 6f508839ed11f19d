"""What a person would not call a page's media: few general rules, each with its reason.

They only mark candidates: `--explain` shows them, `-O direct.everything=true` takes them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from .media_types import path_of
from .models import MediaItem

if TYPE_CHECKING:
    from lxml.etree import _Element

TINY = 3  # pixels: an image that small is there to be counted, not seen
ICON = 50  # pixels: an image that small in both directions is part of the page's controls

_PLACEHOLDER = re.compile(
    r"(?:^|[/_.-])(?:1x1|blank|clear|dummy|empty|grey|gray|lazy|lazyload|loader|loading|pixel"
    r"|placeholder|preloader|space|spacer|spinner|trans|transparent)(?=$|[_.-])",
    re.IGNORECASE,
)
_DESIGN = re.compile(
    r"(?:^|[/_.-])(?:arrow|avatar|avatars|badge|banner|bullet|button|buttons|emoji|favicon|flag|flags"
    r"|gravatar|icon|icons|ico|logo|logos|rating|smilies|smiley|sprite|sprites|star|stars)s?"
    r"(?=$|[_./-])",
    re.IGNORECASE,
)
_APART = frozenset(["nav", "footer", "aside"])
_CONTENT = frozenset(["article", "main"])
_ROLES = frozenset(["navigation", "banner", "contentinfo", "complementary"])


def ignored(item: MediaItem) -> MediaItem:
    """The item as a wanted one, whatever was held against it."""
    return item if item.noise is None else replace(item, noise=None)


def is_placeholder(url: str) -> bool:
    """Whether a URL's file name says that it only holds the place of another picture."""
    return _PLACEHOLDER.search(path_of(url).rpartition("/")[2]) is not None


def of_image(element: _Element, url: str, width: int | None, height: int | None) -> str | None:
    """Why a person would not want an image, or None.

    width, height: pixels as the element gives them, None where it does not
    """
    # With a layout, AMP's width and height are only a ratio.
    sides = [side for side in (width, height) if side is not None and not element.get("layout")]
    if sides and max(sides) <= TINY:
        return "tracking pixel"
    if is_placeholder(url):
        return "placeholder"
    if len(sides) == 2 and max(sides) <= ICON:
        return f"icon-sized ({width} x {height})"
    if _DESIGN.search(path_of(url)):
        return "part of the page's design, by its name"
    apart = _apart(element)
    return f"in the page's <{apart}>" if apart else None


def _apart(element: _Element) -> str | None:
    """The part of the page around its content that an element stands in, or None."""
    for ancestor in element.iterancestors():
        tag = ancestor.tag
        if tag in _CONTENT:
            return None
        if tag in _APART:
            return str(tag)
        if tag == "header" and not any(each.tag in _CONTENT for each in ancestor.iterancestors()):
            return "header"
        if ancestor.get("role") in _ROLES:
            return str(ancestor.get("role"))
    return None
