"""Attributes in which lazy loaders keep an image until it is scrolled into view.

Most use `data-…`. Others have names of their own: `zoomfile` and `file` of Discuz, `real_src` of
Sina, `lazy-src`, `original`, `_src`, `v-lazy` of Vue. Of these, the value must be the address of
an image as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

# What HTML and AMP know of an image, and what is nothing that it shows.
_PLAIN = frozenset(
    "align alt border class controls crossorigin decoding dir draggable fetchpriority height hidden"
    " href hspace id ismap itemprop itemscope itemtype lang layout loading longdesc lowsrc name"
    " property referrerpolicy rel role sizes src style tabindex title type usemap value vspace"
    " width xlink:href".split()
)
_NEVER = ("aria-", "on")
# Attributes in which lazy loaders keep what they will put into src; the larger ones first.
_ORIGINAL = re.compile(r"data-(?:.*-)?orig(?:-|$)", re.IGNORECASE)
_FULL_SIZE = re.compile(r"data-.*(full|large|zoom|hi-?res|big|retina)", re.IGNORECASE)
_LAZY = re.compile(r"data-.*(src|original|lazy|url|image|img|poster|bg|background)", re.IGNORECASE)
# The same without `data-`. Neither handlers, nor what shows before, instead, or under the mouse.
_OWN_FULL_SIZE = re.compile(r"full|large|zoom|hi-?res|big|hd(?![a-z])|retina|orig|high")
_OWN_LAZY = re.compile(r"lazy|lay-|real|file|echo|defer|(?<![a-z])load(?!ing)")
_NO_IMAGE = re.compile(
    r"on[a-z]+$|aria-|thumb|small|tiny|mini(?![a-z])|low|preview|placeholder|loading|default"
    r"|(?<![a-z])err|error|fallback|hover|over(?![a-z])|rollover|mouse|avatar|icon|logo|href|link"
)
# Whose value is no text but code: Vue, Alpine, Angular.
_BOUND = re.compile(r"v-|:|x-|\[|ng-(?!src$)|@|\*")
_QUOTED = re.compile(r"""\s*(?:\{.*?\bsrc\s*:\s*)?(["'`])([^"'`$]+)\1""", re.DOTALL)
_ADDRESS = re.compile(r"(?:https?:)?//?[^\s/]\S*\Z|[^\s{}()]+\?\S+=\S*\Z", re.IGNORECASE)
# What loaders note beside it: `1`, `image`, `true`, `0.75`, `16:9`, `0.5,0.5`, `50%`.
_NOTE = re.compile(r"[\d\s.,:;%x/+-]*\Z|[^./?|]*\Z")
_LESSER = re.compile(r"thumb|small|tiny|mini(?![a-z])|low|preview|placeholder|mobile|phone")
_LONGEST = 4096  # characters of an address


@dataclass(frozen=True, slots=True)
class LoadedLater:
    """The values of an image's attributes that may be its addresses, by their names.

    full, own_full: in full size, in `data-…` and in attributes of a loader's own
    lazy, own:      what `src` is to become, likewise
    other:          those of any other attribute
    """

    full: list[str] = field(default_factory=list)
    lazy: list[str] = field(default_factory=list)
    own_full: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)


def loaded_later(element: _Element) -> LoadedLater:
    """The values that lazy loaders keep in attributes of an image."""
    found = LoadedLater()
    originals: list[str] = []
    lesser: list[str] = []
    for name, value in element.items():
        if name.startswith("data-"):
            if "srcset" in name or "sizes" in name or _NOTE.match(value):
                continue
            if _ORIGINAL.match(name):
                originals.append(value)
            elif _FULL_SIZE.match(name):
                found.full.append(value)
            elif _LAZY.match(name):
                (lesser if _LESSER.search(name) else found.lazy).extend(_screens(value))
        elif name not in _PLAIN:
            _sort_own(found, name.lower(), value)
    found.full[:0] = originals
    found.lazy.extend(lesser)
    return found


def unknown(element: _Element) -> list[str]:
    """The values of all `data-…` attributes, those that name a smaller image last."""
    names = [name for name, _ in element.items() if name.startswith("data-")]
    names.sort(key=lambda name: _LESSER.search(name) is not None)
    return [element.get(name, "") for name in names]


def has_only_src(element: _Element) -> bool:
    """Whether an image has no other attribute that an address of it could stand in."""
    names = element.keys()
    return _PLAIN.issuperset(names) or all(
        name in _PLAIN or name.startswith(_NEVER) for name in names
    )


def is_address(value: str) -> bool:
    """Whether a value can only be an address, although it has no extension of an image."""
    return _ADDRESS.match(value.strip()) is not None


def _screens(value: str) -> list[str]:
    """The addresses in one value, the best first: bLazy writes `small.jpg|for-dense-ones.jpg`."""
    return value.split("|")[::-1] if "|" in value else [value]


def _sort_own(found: LoadedLater, name: str, value: str) -> None:
    if ("." not in value and "/" not in value) or len(value) > _LONGEST or "srcset" in name:
        return
    if _NO_IMAGE.search(name):
        return
    if _BOUND.match(name):
        text = _QUOTED.match(value)
        if text is None:
            return
        value = text[2]
    if _OWN_FULL_SIZE.search(name):
        found.own_full.append(value)
    else:
        (found.own if _OWN_LAZY.search(name) else found.other).append(value)
