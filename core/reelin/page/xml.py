"""XML of feeds and lists: parsed safely, and repaired where it was written as if it were HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, TypeAlias, TypeVar
from urllib.parse import urljoin

from .text import fit as fit
from .text import fold, text_of
from .xml_mending import mend

if TYPE_CHECKING:
    from lxml.etree import XMLPullParser, _Element

T = TypeVar("T")
Parts: TypeAlias = "Mapping[str, Sequence[_Element]]"

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_PREFIX = re.compile(r".*[}:]", re.DOTALL)
_STEP = 1 << 16  # characters that are parsed together


def parse_xml(text: str) -> _Element | None:
    """The root of an XML document, however broken; entities of its own are not replaced."""
    from lxml import etree

    for recover, source in ((False, text.lstrip()), (True, None)):
        if source is None:
            source = mend(text.lstrip())
        parser = etree.XMLParser(
            encoding="utf-8", recover=recover, resolve_entities=False, no_network=True
        )
        try:
            root: _Element | None = etree.fromstring(source.encode("utf-8", "replace"), parser)
        except etree.XMLSyntaxError:
            continue
        return root
    return None


def read_entries(
    text: str, names: Collection[str], take: Callable[[_Element], T]
) -> tuple[_Element | None, list[T]]:
    """Read a feed or sitemap as a stream, so that its tree never stands in memory as a whole.

    names: of its entries, lower case; they may stand in whatever element, but not in each other
    take:  makes of a complete entry what is kept of it; the entry is empty afterwards

    Return the root with all that is beside the entries, None where there is none, and what `take`
    made of them.
    """
    from lxml import etree

    for is_mended in (False, True):
        parser = etree.XMLPullParser(
            events=("end",),
            tag=None if is_mended else _spellings(names),  # elsewhere prefixes may be part of names
            encoding="utf-8",
            recover=is_mended,
            resolve_entities=False,
            no_network=True,
            huge_tree="<!ENTITY" not in text,  # else those of its own could grow without bounds
        )
        try:
            return _pull(parser, mend(text) if is_mended else text, names, take)
        except etree.XMLSyntaxError:
            continue
    return None, []


def _pull(
    parser: XMLPullParser, text: str, names: Collection[str], take: Callable[[_Element], T]
) -> tuple[_Element, list[T]]:
    taken: list[T] = []

    def take_complete() -> None:
        for _, element in parser.read_events():
            if name_of(element) in names and not _is_within(element, names):
                taken.append(take(element))
                element.clear()

    for start in range(0, len(text), _STEP):
        parser.feed(text[start : start + _STEP].encode("utf-8", "replace"))
        take_complete()
    root = parser.close()
    take_complete()  # what the end of the text has closed
    return root, taken


def _spellings(names: Iterable[str]) -> list[str]:
    """The names in any namespace, in lower case and as some programs write them."""
    return [f"{{*}}{form(name)}" for name in names for form in (str.lower, str.upper, str.title)]


def _is_within(element: _Element, names: Collection[str]) -> bool:
    return any(name_of(each) in names for each in element.iterancestors())


def name_of(element: _Element) -> str:
    """The name of an element in lower case, without namespace or prefix; empty for a comment."""
    tag = element.tag
    return _plain_name(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=512)  # a document has few names
def _plain_name(name: str) -> str:
    return _PREFIX.sub("", name).lower()


def attributes(element: _Element) -> dict[str, str]:
    """The attributes of an element by their names: lower case, without namespace or prefix."""
    return {_PREFIX.sub("", name).lower(): value for name, value in element.items()}


def children(element: _Element) -> dict[str, list[_Element]]:
    """The children of an element by their names."""
    found: dict[str, list[_Element]] = {}
    for child in element:
        found.setdefault(name_of(child), []).append(child)
    return found


def in_place(element: _Element, address: str) -> str:
    """An address as it is meant where it stands: below `xml:base` (W3C XML Base), if there is one.

    It may still be relative, to the address of the document.
    """
    base = element.base if address else None  # joined by the parser, of all elements above
    return urljoin(base, address) if base else address


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
