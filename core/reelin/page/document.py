"""A fetched document, decoded and parsed once, as browsers would: what readers of pages know."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Never, Self, cast
from urllib.parse import urlsplit

from ..model import urls
from ..model.errors import FetchError, UsageError
from ..model.item import no_headers
from ..model.media_types import MediaType, is_markup, media_type
from .encoding import encoding_of
from .html import empty_templates, parse_html
from .listing import Listing, listing_in
from .referrers import policies_in, policy_of
from .text import fold

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from lxml.etree import XPath, _Element

_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
# What a template leaves open in an address: `{{name}}`, `${name}`, `[[name]]`, `<%= name %>`,
# `{% url name %}`, `{width}`; the braces perhaps escaped.
_HOLE = re.compile(
    r"(?:\{|%7B)(?:\{|%7B|%[\s-]|(?:width|height|size|w|h|dpr|quality|format|ext)(?:\}|%7D))"
    r"|\$(?:\{|%7B)|<%|\[\[",
    re.IGNORECASE,
)
_HOSTS = (re.compile(r"//([\w.-]{4,253})"), re.compile(r"\\/\\/([\w.-]{4,253})"))  # and in JSON


@dataclass(frozen=True, slots=True)
class Script:
    """An inline script: its text, `type` and `id`, and its number among all of them, from 1."""

    text: str
    type: str
    id: str
    number: int


async def _refuse(url: str) -> Never:
    raise FetchError(f"{url}: this page stands alone and can fetch nothing", url=url)


@dataclass(frozen=True)
class Document:
    """A document as it was fetched. Tree and soup are shared by all who read it: only read them.

    url:        as asked for
    final_url:  where it was found after redirects
    body:       as received, decompressed; beyond 10 MiB without the payload of `data:` addresses,
                and cut where it is larger even so
    headers:    of the response, by lower-case name
    fetch:      how `get` and `follow` fetch further pages
    outer_base: of a document that stands in another one: what its relative URLs start from
    """

    url: str
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=no_headers, repr=False)
    final_url: str = ""
    status: int = 200
    fetch: Callable[[str], Awaitable[Self]] = field(default=_refuse, repr=False, compare=False)
    outer_base: str = ""

    def __post_init__(self) -> None:
        if not self.final_url:
            object.__setattr__(self, "final_url", self.url)

    @cached_property
    def mime(self) -> str:
        """MIME type of the response, lower case, without parameters; empty if there is none."""
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
        return encoding_of(self.body, self.headers.get("content-type", ""))

    @cached_property
    def text(self) -> str:
        """The body decoded; what cannot be decoded becomes U+FFFD."""
        text = self.body.decode(self.encoding, errors="replace")
        return text.removeprefix("\ufeff")

    @cached_property
    def tree(self) -> _Element:
        """The document as lxml's tree: 18 times cheaper than `soup`, and as tolerant.

        Templates are empty in it, as nothing of them is shown; `soup` has them. It is empty for a
        feed or sitemap, which is no page: `xml.read_entries` reads them.
        """
        return empty_templates(parse_html(self.text if self.listing is None else ""))

    @cached_property
    def listing(self) -> Listing | None:
        """What this is as a feed or sitemap; None for a page or file."""
        return listing_in(self.text)

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts of all addresses in the text, scripts included, without `www.`."""
        found = {host for form in _HOSTS for host in form.findall(self.text)}
        return frozenset(host.lower().removeprefix("www.") for host in found)

    @cached_property
    def shows_images(self) -> bool:
        """Whether the markup has any image at all, be it a background."""
        if next(self.tree.iter("img", "picture", "amp-img"), None) is not None:
            return True
        return bool(self.select("svg image, [style*='url(']"))

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The document as BeautifulSoup on lxml, made when first asked for."""
        from bs4 import BeautifulSoup

        return BeautifulSoup(self.text, "lxml")

    @cached_property
    def title(self) -> str | None:
        """Text of `<title>`, white space folded; None without one."""
        return fold(self.tree.findtext(".//title") or "") or None

    @cached_property
    def base_url(self) -> str:
        """The URL that relative ones start from: the first `<base href>`, else the page's own."""
        here = self.outer_base or urls.without_userinfo(self.final_url)
        for element in self.tree.iter("base"):
            href = element.get("href")
            if href is not None:
                return urls.join(here, href, self.encoding) or here
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
        """The absolute http(s) URL that `href` means on this page; None for other schemes.

        None as well for what a template has left open, as `/photos/{{id}}.jpg`. As in browsers,
        letters in a query are sent in the page's encoding, all others in UTF-8.
        """
        if ("{" in href or "%" in href or "[[" in href) and _HOLE.search(href):
            return None
        return urls.join(self.base_url, href, self.encoding)

    @cached_property
    def referrer_policy(self) -> str:
        """The page's own Referrer Policy (W3C), by header or `<meta>`; empty without one."""
        tree = self.tree if self._mentions_referrers else None
        return policy_of(self.headers.get("referrer-policy"), tree)

    @cached_property
    def _policies(self) -> Mapping[str, str]:
        return policies_in(self.tree, self.absolute) if self._mentions_referrers else {}

    @cached_property
    def _mentions_referrers(self) -> bool:
        """Whether the markup has the word at all: that of most pages has not."""
        return self.is_markup and ("eferrer" in self.text or "EFERRER" in self.text)

    def referrer_policy_for(self, *urls: str) -> str:
        """The policy of the first element that bears one of the URLs, or else the page's own."""
        single = self._policies
        known = (single[each] for each in urls if each in single) if single else ()
        return next(iter(known), self.referrer_policy)

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

    async def get(self, url: str) -> Self:
        """Fetch another page, once per run; its number is bounded by the run.

        url: absolute, or as it would stand in a link of this page

        Raises `FetchError`.
        """
        _require_text(url)
        if not url.strip():
            raise FetchError(f"there is no address in what is to be fetched: {url!r}")
        if not _ABSOLUTE.match(url) or urls.join(url, "") is None:
            return await self.follow(url)
        # mypy takes `Self` in a frozen dataclass for the class that says it.
        return cast("Self", await self.fetch(url))

    async def follow(self, href: str) -> Self:
        """Fetch the page behind a link of this page. Raises `FetchError`."""
        _require_text(href)
        url = self.absolute(href)
        if url is None:
            # Without a URL of its own: who called this is to be named with it.
            raise FetchError(f"{href[:200]!r} on {self.final_url} is no link that can be followed")
        return cast("Self", await self.fetch(url))


def _require_text(url: object) -> None:
    """Raise `TypeError` for what plugins may hand over in the place of an address."""
    if not isinstance(url, str):
        raise TypeError(f"pages are fetched by addresses in a str, not by {type(url).__name__}")


@lru_cache(maxsize=512)
def _xpath(css: str) -> XPath:
    from cssselect import SelectorError
    from lxml.cssselect import CSSSelector

    try:
        return CSSSelector(css, translator="html")
    except SelectorError as error:
        raise UsageError(f"{css!r} is not a CSS selector that reelin reads: {error}") from None


def _site(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.")
