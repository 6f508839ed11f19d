"""Pages that go on: the next one of a gallery or thread, by `rel=next`, words or page numbers."""

from __future__ import annotations

import re
from itertools import islice
from urllib.parse import parse_qsl, urlsplit

from .document import Document
from .elements import url_in
from .text import text_of

_NEXT_WORDS = re.compile(
    r"(?:next(?: page)?|older(?: posts)?|more|weiter|nächste(?: seite)?|suivante?|siguiente"
    r"|volgende|successiv[ao]|próxim[ao]|следующая|далее|次へ|次のページ|下一[页頁])?"
    "\\s*[\u203a\xbb\u2192>]*",
    re.IGNORECASE,
)
_PARAMETERS = frozenset(["page", "p", "pg", "paged", "start", "offset", "seite", "pid"])
_PATH = re.compile(r"/(?:page|p|seite)[/-]?(\d{1,5})/?$")
# The posts of forums and imageboards bear their numbers. Those of blogs are `post-123`, and `p1`
# is a paragraph.
_POST = re.compile(
    r"""\sid=["']?(?:p|pc|post_?|msg_?|js-post-|elComment_)\d{3,12}(?=["'\s>])""", re.IGNORECASE
)
_THREAD = re.compile(r"""["'/?&=_-](?:show|view)?(?:thread|topic)s?(?![a-z])""", re.IGNORECASE)


def is_thread(page: Document) -> bool:
    """Whether a page shows the posts of a thread, more than one, and calls it so."""
    posts = [*islice(_POST.finditer(page.text), 2)]
    return len(posts) > 1 and _THREAD.search(page.text) is not None


def next_page(page: Document) -> str | None:
    """The URL of the next page of the same thing, on the same site; None if there is none."""
    for element in page.select("link[rel~=next], a[rel~=next]"):
        url = url_in(page, element.get("href", ""))
        if url and page.has_site_of(url):
            return url
    here = _number(page.final_url) or 1
    for link in page.tree.iter("a"):
        url = url_in(page, link.get("href", ""))
        if url is None or not page.has_site_of(url) or url == page.final_url:
            continue
        words = text_of(link) or link.get("aria-label") or link.get("title") or ""
        number = _number(url)
        if number == here + 1 or (words and number and _NEXT_WORDS.fullmatch(words)):
            return url
    return None


def _number(url: str) -> int | None:
    """The page number that an address bears, by a parameter or the end of its path."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if name.lower() in _PARAMETERS and value.isdigit() and len(value) < 7:
            return int(value)
    found = _PATH.search(parts.path)
    return int(found[1]) if found else None
