"""Feeds and sitemaps, told from pages by their first element, whatever type they are sent as."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from ..model.sniff import is_binary

HEAD = 16384  # characters within which the first element stands
FEED_ROOTS = frozenset(["rss", "rdf", "feed", "channel"])
ROOTS = FEED_ROOTS | {"urlset", "sitemapindex"}

_BLANK = "\ufeff\xa0 \t\r\n\f\v\0"
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
# What a server's program complains of before the document: text in markup, or lines such as
# "Warning: mysql_connect() …", and the headers that it sends once more.
_COMPLAINT = re.compile(
    r"<|HTTP/1|(?:PHP )?(?:[A-Z][a-z]+ )?(?:deprecated|error|notice|standards|warning)\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"<\?xml\s|<(?:rss|rdf:RDF|urlset|sitemapindex)[\s>]|<feed\s[^<>]*xmlns", re.IGNORECASE
)
_OF_PAGES = frozenset("html head body title meta link script style pre code textarea svg".split())
_PAGE = re.compile(rf"<(?:!doctype\s+html|{'|'.join(sorted(_OF_PAGES))})\b", re.IGNORECASE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Listing(NamedTuple):
    """A feed or sitemap: the name of its first element, lower case, and where the XML begins."""

    root: str
    start: int

    @property
    def is_feed(self) -> bool:
        """Whether this is RSS or Atom, and no sitemap."""
        return self.root in FEED_ROOTS


def listing_in(text: str) -> Listing | None:
    """What a text is as a feed or sitemap, though notices of PHP stand before it; else None."""
    head = text[:HEAD]
    start = len(head) - len(head.lstrip(_BLANK))
    first = _first_element(head, start) if head[start : start + 1] == "<" else ""
    if first in ROOTS:
        return Listing(first, start)
    if first in _OF_PAGES or not _COMPLAINT.match(head, start):
        return None
    behind = _BEHIND.search(head, start)
    if behind is None or _PAGE.search(head, start, behind.start()):
        return None
    first = _first_element(head, behind.start())
    return Listing(first, behind.start()) if first in ROOTS else None


def is_listing(start: bytes) -> bool:
    """Whether a body that begins like this is a feed or sitemap."""
    if is_binary(start):
        return False
    codec = "utf-16" if start.startswith(_UTF_16) else "latin-1"
    text = start[: 2 * HEAD].removeprefix(codecs.BOM_UTF8).decode(codec, "replace")
    return listing_in(text) is not None


def lacks_end(body: bytes) -> bool:
    """Whether a feed or sitemap ends before its first element does: what follows was never sent."""
    if body.startswith(_UTF_16):
        return False
    head = body[: 2 * HEAD].removeprefix(codecs.BOM_UTF8).decode("latin-1")
    listing = listing_in(head)
    if listing is None:
        return False
    # All is there as well when the channel ends, but for RSS 1.0, whose items follow it.
    names = "rss|channel" if listing.root == "rss" else listing.root
    end = re.compile(rf"</(?:[\w.-]+:)?(?:{names})\s*>".encode(), re.IGNORECASE)
    empty = rf"<(?:[\w.-]+:)?{listing.root}\b[^<>]*/>"
    is_whole = end.search(body[-HEAD:]) or end.search(body)
    return not is_whole and not re.match(empty, head[listing.start :], re.IGNORECASE)


def _first_element(head: str, start: int) -> str:
    """The name of the first element, lower case, without a prefix."""
    found = _ROOT.search(_COMMENT.sub("", head[start:]))
    return found[1].lower() if found else ""
