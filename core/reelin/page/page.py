"""A fetched page, decoded and parsed once, as browsers would: all that an extractor sees."""

from __future__ import annotations

import codecs
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..model import urls
from ..model.errors import FetchError, UsageError
from ..model.item import MediaType, no_headers
from ..model.media_types import is_markup, media_type
from .html import parse_html

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from lxml.etree import XPath, _Element

    from .noise import Judge
    from .scripts import Scripts

# Where Python's codec of that name differs from what browsers decode (WHATWG Encoding, 4.2).
_BROWSER_CODECS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "unicode": "utf-8",
    "utf-16": "utf-16-le",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.\-]{1,40})""", re.IGNORECASE
)
_XML_ENCODING = re.compile(rb"""\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([\w:.\-]{1,40})["']""")
_HOSTS = (re.compile(r"//([\w.-]{4,253})"), re.compile(r"\\/\\/([\w.-]{4,253})"))  # and in JSON
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w:.\-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Script:
    """An inline script: its text, `type` and `id`, and its number among all of them, from 1."""

    text: str
    type: str
    id: str
    number: int


async def _nowhere(url: str) -> Page:
    raise FetchError(f"{url}: this page stands alone and can fetch nothing", url=url)


@dataclass(frozen=True)
class Page:
    """A page as an extractor sees it. Tree and soup are shared between extractors: only read them.

    url:        as asked for
    final_url:  where it was found after redirects
    body:       as received, decompressed; cut at the session's page limit
    headers:    of the response, by lower-case name
    fetch:      how `get` and `follow` fetch further pages
    """

    url: str
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=no_headers, repr=False)
    final_url: str = ""
    status: int = 200
    fetch: Callable[[str], Awaitable[Page]] = field(default=_nowhere, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.final_url:
            object.__setattr__(self, "final_url", self.url)

    @cached_property
    def mime(self) -> str:
        """MIME type of the response, lower case and without parameters; empty if not told."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_markup(self) -> bool:
        """Whether this is HTML or XML. An answer without any Content-Type is taken for HTML."""
        return not self.mime or is_markup(self.mime)

    @property
    def type(self) -> MediaType:
        """Media type of the response itself: `other` for a page."""
        return media_type(self.mime)

    @cached_property
    def encoding(self) -> str:
        """The codec by which a browser would read the body: BOM, header, `<meta>`, guess."""
        return _encoding(self.body, self.headers.get("content-type", ""))

    @cached_property
    def text(self) -> str:
        """The body decoded; what cannot be decoded becomes U+FFFD."""
        text = self.body.decode(self.encoding, errors="replace")
        return text.removeprefix("\ufeff")

    @cached_property
    def tree(self) -> _Element:
        """The document as lxml's tree: 18 times cheaper than `soup`, and as tolerant."""
        return parse_html(self.text)

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts of all addresses in the text, scripts included, without `www.`."""
        found = {host for form in _HOSTS for host in form.findall(self.text)}
        return frozenset(host.lower().removeprefix("www.") for host in found)

    @cached_property
    def shows_pictures(self) -> bool:
        """Whether the markup has any picture at all, be it a background."""
        if next(self.tree.iter("img", "picture", "amp-img"), None) is not None:
            return True
        return bool(self.select("svg image, [style*='url(']"))

    @cached_property
    def data(self) -> Scripts:
        """The inline scripts read as data; nothing is run. Each script is read once."""
        from .scripts import Scripts

        return Scripts(self)

    @cached_property
    def judge(self) -> Judge:
        """Says of the page's images which nobody wants; remembers what it learned of its parts."""
        from .noise import Judge

        return Judge(self.tree)

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The document as BeautifulSoup on lxml, made when first asked for."""
        from bs4 import BeautifulSoup

        return BeautifulSoup(self.text, "lxml")

    @cached_property
    def title(self) -> str | None:
        """Text of `<title>`, white space folded; None without one."""
        return _folded(self.tree.findtext(".//title"))

    @cached_property
    def base_url(self) -> str:
        """What relative URLs are resolved against: the first `<base href>`, else the page's URL."""
        here = urls.without_userinfo(self.final_url)
        for element in self.tree.iter("base"):
            href = element.get("href")
            if href is not None:
                return urls.join(here, href) or here
        return here

    @cached_property
    def scripts(self) -> tuple[Script, ...]:
        """The inline scripts with text in them, JSON blocks included, in document order."""
        found = (
            Script(element.text, element.get("type", ""), element.get("id", ""), number)
            for number, element in enumerate(self.tree.iter("script"), start=1)
            if element.text and element.text.strip()
        )
        return tuple(found)

    def absolute(self, href: str) -> str | None:
        """The absolute http(s) URL that `href` means on this page; None for other schemes."""
        return urls.join(self.base_url, href)

    def has_origin_of(self, url: str) -> bool:
        """Whether an absolute URL has this page's scheme, host and port."""
        return urls.origin(url) == urls.origin(self.final_url)

    def has_site_of(self, url: str) -> bool:
        """Whether an absolute URL leads to this page's host and port, with or without `www.`."""
        return _site(url) == _site(self.final_url)

    def select(self, css: str) -> list[_Element]:
        """The elements that match a CSS selector, in document order.

        Raises `UsageError` for a selector that is none.
        """
        return list(_xpath(css)(self.tree))

    def urls(self, css: str, attribute: str) -> list[str]:
        """Absolute URLs in `attribute` of all elements that match, in order, each once."""
        return list(dict.fromkeys(self._urls(css, attribute)))

    def _urls(self, css: str, attribute: str) -> Iterator[str]:
        for element in self.select(css):
            value = element.get(attribute)
            url = self.absolute(value) if value else None
            if url:
                yield url

    async def get(self, url: str) -> Page:
        """Another page, fetched once per run. Raises `FetchError`; bounded in number by the run."""
        return await self.fetch(url)

    async def follow(self, href: str) -> Page:
        """The page behind a link of this page. Raises `FetchError`."""
        url = self.absolute(href)
        if url is None:
            raise FetchError(f"{href!r} on {self.final_url} is no link that can be followed")
        return await self.fetch(url)


@lru_cache(maxsize=512)
def _xpath(css: str) -> XPath:
    from cssselect import SelectorError
    from lxml.cssselect import CSSSelector

    try:
        return CSSSelector(css, translator="html")
    except SelectorError as error:
        raise UsageError(f"{css!r} is not a CSS selector that reelin reads: {error}") from None


def _encoding(body: bytes, content_type: str) -> str:
    """Codec name by the WHATWG order: BOM, transport layer, prescan of 1024 bytes, guess."""
    for bom, marked in _BOMS:
        if body.startswith(bom):
            return marked
    declared = _HEADER_CHARSET.search(content_type)
    by_header = _codec(declared[1]) if declared else None
    if by_header:
        return by_header
    # Browsers prescan 1024 bytes; many real pages declare later, and parsers restart for them.
    head = body[:8192]
    for pattern in (_META_CHARSET, _XML_ENCODING):
        found = pattern.search(head)
        codec = _codec(found[1].decode("ascii")) if found else None
        if codec:
            # A document that could be read this far is in no two-byte encoding.
            return "utf-8" if codec.startswith("utf-16") else codec
    try:
        body.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        if error.start > len(body) - 4:
            return "utf-8"  # cut within its last character
    return _guess(body)


def _codec(label: str) -> str | None:
    label = label.strip().lower()
    name = _BROWSER_CODECS.get(label, label)
    try:
        return codecs.lookup(name).name if codecs.lookup(name)._is_text_encoding else None
    except LookupError:
        return None


def _guess(body: bytes) -> str:
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return "cp1252"
    best = from_bytes(body[:65536]).best()
    return best.encoding if best else "cp1252"


def _site(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.")


def _folded(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None
