"""Things that pages state for machines: JSON-LD, microdata and RDFa Lite, read into one form.

All three say the same: `{"@type": "VideoObject", "contentUrl": …, "name": …}`, a thing with its
types and properties, whose values are texts, further things, or lists of both.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from .. import javascript
from ..document import Document
from ..text import text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

Thing: TypeAlias = Mapping[str, Any]

DEEPEST = 40  # things within things, as far as they are looked at
# What people put around JSON, and what may not stand in it.
_AROUND = re.compile(r"(?://|/\*)?\s{0,9}(?:<!--|-->|<!\[CDATA\[|\]\]>)\s{0,9}(?:\*/)?")
_CONTROL = re.compile(r"[\x00-\x1f]")
_BETWEEN = re.compile(r"[\s,;]*")
# Where elements have the value of a property, other than in their text.
_VALUES = ("content", "resource", "src", "href", "data", "datetime", "value")


class _Notation(NamedTuple):
    """The attributes by which elements become things: what begins one, its types, its name as a
    property of the thing around it, its identity. `mark`: without it a page has none.
    """

    scope: str
    types: str
    property: str
    identity: str
    mark: str


_MICRODATA = _Notation("itemscope", "itemtype", "itemprop", "itemid", mark="itemprop")
_RDFA = _Notation("typeof", "typeof", "property", "resource", mark="typeof=")


def things(page: Document) -> list[Any]:
    """The things that a page states, by notation; each value as it is written: anything."""
    return [*json_ld(page), *_in_elements(page, _MICRODATA), *_in_elements(page, _RDFA)]


def json_ld(page: Document) -> Iterator[Any]:
    """`<script type="application/ld+json">`, also where it is not quite JSON."""
    if "ld+json" in page.text:
        for script in page.scripts:
            if "ld+json" in script.type:
                yield from _documents(script.text)


def _documents(text: str) -> list[Any]:
    """The values of a script, which should be one; what is no JSON is read as JavaScript."""
    text = _AROUND.sub(" ", text)
    if '"' not in text:
        text = html.unescape(text)
    decoder, at = json.JSONDecoder(strict=False), _behind(text, 0)
    found: list[Any] = []
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return [*found, *javascript.read(_CONTROL.sub(" ", text[at:])).literals()]
        found.append(value)
        at = _behind(text, at)
    return found


def _behind(text: str, at: int) -> int:
    gap = _BETWEEN.match(text, at)
    return gap.end() if gap else at


def _in_elements(page: Document, notation: _Notation) -> list[Thing]:
    """The things that elements are, but for those that are properties of others."""
    if notation.mark not in page.text:
        return []
    scopes: dict[_Element, dict[str, Any]] = {}
    apart: list[Thing] = []
    for element in page.tree.xpath(f"//*[@{notation.property} or @{notation.scope}]"):
        around = islice(element.iterancestors(), DEEPEST)
        holder = next((scopes[each] for each in around if each in scopes), None)
        value: Any = None
        if notation.scope in element.attrib:
            value = scopes[element] = {"@type": element.get(notation.types, "").split()}
            if notation.identity in element.attrib:
                value["@id"] = element.get(notation.identity)
        names = [*filter(None, map(_term, element.get(notation.property, "").split()))]
        if holder is not None:
            for name in names:
                holder.setdefault(name, []).append(value or _value(element))
        if value and not (holder and names):
            apart.append(value)
    return apart


def _term(name: str) -> str:
    """The name of a property without its prefix; empty if it is of another vocabulary: `og:`."""
    name = name.removeprefix("schema:")
    return "" if ":" in name else name


def _value(element: _Element) -> str | None:
    for name in _VALUES:
        if name in element.attrib:
            return element.get(name)
    return text_of(element)
