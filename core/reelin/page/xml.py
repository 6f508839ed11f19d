"""XML of feeds and lists: parsed safely, and repaired where it was written as if it were HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from typing import TYPE_CHECKING, TypeAlias

from .text import fit as fit
from .text import fold, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

Parts: TypeAlias = "Mapping[str, Sequence[_Element]]"

_BROKEN = re.compile(
    r"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+|<(br|hr|img)\b([^<>]*+)>|&(#?\w{1,32};)?", re.IGNORECASE
)
_ENTITIES = ("amp;", "lt;", "gt;", "quot;", "apos;")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_PREFIX = re.compile(r".*[}:]", re.DOTALL)


def parse_xml(text: str) -> _Element | None:
    """The root of an XML document, however broken; entities of its own are not replaced."""
    from lxml import etree

    for recover, source in ((False, text.lstrip()), (True, None)):
        if source is None:
            source = _BROKEN.sub(_repair, fit(text.lstrip()))
        parser = etree.XMLParser(
            encoding="utf-8", recover=recover, resolve_entities=False, no_network=True
        )
        try:
            root: _Element | None = etree.fromstring(source.encode("utf-8", "replace"), parser)
        except etree.XMLSyntaxError:
            continue
        return root
    return None


def _repair(found: re.Match[str]) -> str:
    """Make XML of what people write into it as if it were HTML: `&`, `&nbsp;`, `<br>`."""
    whole, tag, attributes, entity = found[0], found[1], found[2], found[3]
    if whole.startswith("<!"):
        return whole
    if tag:
        return f"<{tag}{attributes.rstrip('/')}/>"
    if entity is None:
        return "&amp;"
    known = entity[0] == "#" or entity in _ENTITIES
    return whole if known else escape(unescape(whole), quote=False)


def name_of(element: _Element) -> str:
    """The name of an element in lower case, without namespace or prefix; empty for a comment."""
    tag = element.tag
    return _PREFIX.sub("", tag).lower() if isinstance(tag, str) else ""


def attributes(element: _Element) -> dict[str, str]:
    """The attributes of an element by their names: lower case, without namespace or prefix."""
    return {_PREFIX.sub("", name).lower(): value for name, value in element.items()}


def children(element: _Element) -> dict[str, list[_Element]]:
    """The children of an element by their names."""
    found: dict[str, list[_Element]] = {}
    for child in element:
        found.setdefault(name_of(child), []).append(child)
    return found


def text_in(parts: Parts, *names: str) -> str | None:
    """The text of the first child of these names that has one, as it is written."""
    found = ((each.text or "").strip() for name in names for each in parts.get(name, ()))
    return next(filter(None, found), None)


def words_in(parts: Parts, *names: str) -> str | None:
    """The text of the first child of these names that has one, for people: without markup."""
    found = (plain(text_of(each) or "") for name in names for each in parts.get(name, ()))
    return next(filter(None, found), None)


def plain(text: str) -> str | None:
    """A text without its markup, white space folded; None if that leaves nothing."""
    return fold(_TAG.sub("", unescape(text))) or None
