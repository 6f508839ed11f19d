"""What a person would not call a page's media: few general rules, each with its reason.

They only mark candidates: `--explain` shows them, `-O direct.everything=true` takes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from .media_types import path_of
from .models import MediaItem

if TYPE_CHECKING:
    from lxml.etree import _Element

TEASER = "teaser: the picture that the page is announced with"
TINY = 3  # pixels: an image that small is there to be counted, not seen
ICON = 50  # pixels: an image that small in both directions is part of the page's controls
SMALLEST = 15  # pixels of an icon's side
RUNNING_TEXT = 80  # characters that a paragraph begins with, and a title or button does not
MOST_LOOKED_INTO = 200  # elements of one page whose inside is looked at, so that time is linear


def _named(words: str, ends: str) -> re.Pattern[str]:
    """Finds one of these words as a part of a file's name or path."""
    return re.compile(rf"(?:^|[/_.-])(?:{'|'.join(words.split())})(?=$|{ends})", re.IGNORECASE)


_PLACEHOLDER = _named(
    "1x1 blank clear dummy empty grey gray lazy lazyload loader loading missing-image no-?image"
    " pixel placeholder preloader shim space spacer spinner trans transparent",
    "[_.-]",
)
_DESIGN = _named(
    "arrows? (?:custom)?avatars?[0-9]* badges? banners? bullets? bt?tne? buttons? captcha copyright"
    " counter emoji favicon flags? gravatar icons? ico logos? logobuttons? logotyp[ey] pagination"
    " profileicon rating smil(?:ies|ey|eys) socials? sprites? stars? statusicon",
    "[_./0-9-]",
)
# `brandlogo.png`; after a vowel, it is a word of a Romance language: catalogo, psicologo.
_LOGO = re.compile(r"[b-df-hj-np-tv-z]logos?\d*[_.-][^/]*$", re.IGNORECASE)
# The pictures that a site's software brings along, in the folders of its themes and plugins.
_SOFTWARE = re.compile(
    r"/(?:plugins|skins?|templates?|themes?)/(?:[^/]+/)+(?:assets|icons|images|img|svg)/",
    re.IGNORECASE,
)
# The names of places to share a page, where they are the whole name of a file.
_SHARE = re.compile(
    r"(?:^|/)(?:(?:hover|share|social|follow|icon|btn|logo)[_-]?)?(?:delicious|digg|e?mail|facebook"
    r"|fb|google(?:plus)?|instagram|linkedin|pinterest|reddit|rss(?:-\d+)?|stumble(?:upon)?|telegram|tiktok"
    r"|tumblr|twitter|vimeo|whatsapp|x|xing|youtube)(?:[_-](?:black|color|icon|logo|round|share|white))?"
    r"\.(?:gif|png|svg|webp)$",
    re.IGNORECASE,
)
# Sizes that image servers are asked for in the address itself: `/s35/`, `=s35-c`, `88x31.png`.
_ASKED_SIZE = re.compile(r"(?:/s|=s)(\d{1,3})(?=$|[/-])|(?:^|[/_-])(\d{1,3})x(\d{1,3})(?=[._/-])")
_COUNTED = re.compile(
    r"(?:^|[/.])(?:b\.gif|delivery/\w+\.php|matomo\.php|piwik\.php|fcounter\.php|count(?:er)?\.\w+)$|[a-z]Pixel\.\w+$"
)
# Names in a host's name that say what it is for.
_SERVERS = frozenset(
    "ad ads adserver banner banners counter doubleclick smartadserver stats track tracker"
    " tracking".split()
)
_BUTTON = (88, 31)  # pixels: the web's format for "made with", "valid" and "member of"

_APART = frozenset(["nav", "footer", "aside"])
_ROLES = frozenset(["navigation", "banner", "contentinfo", "complementary"])
_WORDS = (
    "ads? adverts? advertisements?"
    " author-?(?:avatar|bio|box|image|img|info|photo|pic|picture|thumbnail) avatars? banners?"
    " breadcrumbs? comment-?author cookie footer logos? masthead"
    " more-?(?:about|articles|from|news|posts?|stories) nav navbar navigation newsletter outbrain"
    " pagination popular promos? promoted recirc recirculation recommended recommendations? related"
    " relatedposts see-?[aA]lso share sharing sidebar sidenav social socials sponsors? sponsored"
    " taboola teasers?"
).split()
_CAPITAL = [word[0].upper() + word[1:] for word in _WORDS]
# As a word of a class or an id, however spelt: `related-posts`, `post_related`, `postRelated`.
_APART_NAME = re.compile(
    rf"(?:(?:^|(?<=[\s_-]))(?i:{'|'.join(_WORDS)})|(?<=[a-z0-9])(?:{'|'.join(_CAPITAL)}))(?![a-z])"
)
# As a whole name only: `header-image`, `elementor-widget` are parts of the content.
_APART_WHOLE = re.compile(
    r"(?:^|(?<=\s))(?:(?:(?:main|page|site|top)[_-]?)?header|widget)(?=\s|$)", re.IGNORECASE
)
# What is *with* a sidebar is no sidebar; and SPIP calls an article's picture its logo.
_WITH = re.compile(
    r"(?:has|with|no|without|is|show|hide)[_-]?\w*[_-]?(?:sidebar|ads|footer|avatar)|spip_logo",
    re.IGNORECASE,
)


def ignored(item: MediaItem) -> MediaItem:
    """The item as a wanted one, whatever was held against it."""
    return item if item.noise is None else replace(item, noise=None)


def is_placeholder(url: str) -> bool:
    """Whether a URL's file name says that it only holds the place of another picture."""
    name = path_of(url).rpartition("/")[2]
    return _PLACEHOLDER.search(name) is not None or name in ("undefined", "null")


class Judge:
    """Judges the images of one page. What it learned of the page's parts it remembers.

    root: the page's tree
    """

    def __init__(self, root: _Element) -> None:
        self._content = _content(root)
        self._known: dict[_Element, str | None] = {}
        self._images = sum(1 for _ in root.iter("img", "amp-img"))
        self._paragraphs = _paragraphs(root)
        self._looks = MOST_LOOKED_INTO

    def of_image(
        self, element: _Element, url: str, width: int | None, height: int | None
    ) -> str | None:
        """Why a person would not want an image, or None.

        width, height: pixels as the element gives them, None where it does not
        """
        # With a layout, AMP's width and height are only a ratio.
        sides = [side for side in (width, height) if side is not None and not element.get("layout")]
        return by_size(sides) or by_address(url) or self.of_place(element)

    def of_place(self, element: _Element) -> str | None:
        """The part of the page around its content that an element stands in, or None."""
        path = []
        reason: str | None = None
        for each in (element, *element.iterancestors()):
            if each in self._known:
                reason = self._known[each]
                break
            path.append(each)
        for each in reversed(path):
            reason = self._known[each] = self._place(each, reason)
        return reason

    def _place(self, element: _Element, around: str | None) -> str | None:
        """What an element makes of its content, given what the parts around it do."""
        tag = element.tag
        if element in self._content:
            return None
        if around is not None or tag in ("body", "html"):
            return around
        if tag in _APART:
            return f"in the page's <{tag}>"
        if tag == "header" and not self._is_in_content(element):
            return "in the page's <header>"
        if element.get("role") in _ROLES:
            return f"in the page's {element.get('role')}"
        return self._by_name(element)

    def _by_name(self, element: _Element) -> str | None:
        names = f"{element.get('class', '')} {element.get('id', '')}"
        if len(names) >= 1000:
            return None
        found = _APART_NAME.search(names) or self._by_whole_name(element, names)
        if found is None or _WITH.search(names) or self._is_most(element):
            return None
        return f"in a part of the page that is called {found[0].lower()}"

    def _by_whole_name(self, element: _Element, names: str) -> re.Match[str] | None:
        found = _APART_WHOLE.search(names)
        return None if found is None or self._is_in_content(element) else found

    def _is_in_content(self, element: _Element) -> bool:
        return any(each in self._content for each in element.iterancestors())

    def _is_most(self, element: _Element) -> bool:
        """Whether a part is what the page is about, whatever it is called.

        Then it has the page's heading, most of its running text, or most of its images.
        """
        self._looks -= 1
        if self._looks < 0 or next(element.iter("h1", "main"), None) is not None:
            return True
        if 2 * _paragraphs(element) > self._paragraphs > 2:
            return True
        inside = sum(1 for _ in element.iter("img", "amp-img"))
        return 2 * inside > self._images > 2


def by_facts(url: str, width: int | None, height: int | None) -> str | None:
    """Why an image of that address and size (pixels) is none, wherever it stands, or None."""
    return by_size([side for side in (width, height) if side is not None]) or by_address(url)


def by_size(sides: list[int]) -> str | None:
    """Why an image of these sides (pixels, where they are known) is none, or None."""
    if sides and max(sides) <= TINY:
        return "tracking pixel"
    if len(sides) == 2 and max(sides) <= ICON:
        return f"icon-sized ({sides[0]} x {sides[1]})"
    return None


def by_address(url: str) -> str | None:
    """Why an image of that address is none, or None."""
    path = path_of(url)
    if is_placeholder(url):
        return "placeholder"
    if _COUNTED.search(path):
        return "tracking pixel"
    if not _SERVERS.isdisjoint(_host_of(url).split(".")[:-1]):
        return "from a server of ads or counters"
    if any(rule.search(path) for rule in (_DESIGN, _SHARE, _LOGO, _SOFTWARE)):
        return "part of the page's design, by its name"
    asked = _ASKED_SIZE.search(path)
    if asked:
        sides = [int(side) for side in asked.groups() if side is not None]
        # Two smaller numbers are a ratio: 16x9, 3x2.
        if min(sides) >= SMALLEST and (max(sides) <= ICON or tuple(sides) == _BUTTON):
            return f"icon-sized ({' x '.join(map(str, sides))}), by its address"
    return None


def _paragraphs(element: _Element) -> int:
    """How many paragraphs of running text are inside an element."""
    return sum(len(each.text or "") >= RUNNING_TEXT for each in element.iter("p"))


def _host_of(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


def _content(root: _Element) -> frozenset[_Element]:
    """The elements that hold what a page is about: <main>, and its article if there is but one."""
    articles = list(root.iter("article"))
    if len(articles) > 1:
        articles = _with_headings(articles)
    return frozenset([*root.iter("main"), *articles])


def _with_headings(articles: Iterable[_Element]) -> list[_Element]:
    return [each for each in articles if next(each.iter("h1"), None) is not None]
