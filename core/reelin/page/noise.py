"""What a person would not call a page's media: few general rules, each with its reason.

They only mark candidates: `--explain` shows them, `-O direct.everything=true` takes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ..model.item import MediaItem
from ..model.media_types import path_of

if TYPE_CHECKING:
    from lxml.etree import _Element

TEASER = "teaser: the picture that the page is announced with"
ARTWORK = "the cover or poster of something that plays"
PREVIEWS = "previews for a player's timeline"
TINY = 3  # pixels: an image that small is there to be counted, not seen
ICON = 50  # pixels: an image that small in both directions is part of the page's controls
SMALLEST = 15  # pixels of an icon's side
RUNNING_TEXT = 80  # characters that a paragraph begins with, and a title or button does not
MOST_LOOKED_INTO = 200  # elements of one page whose inside is looked at, so that time is linear


# Words of a file's name.
_PLACEHOLDER = frozenset(
    "1x1 blank clear dummy empty grey gray lazy lazyload loader loading noimage pixel placeholder"
    " preloader shim space spacer spinner trans transparent undefined null".split()
)
_NO_IMAGE = re.compile(r"\b(?:no|missing) image\b")
# Words of a path.
_DESIGN = frozenset(
    "arrow arrows avatar avatars badge badges banner banners bullet bullets btn bttn bttne btne"
    " button buttons captcha copyright counter customavatar customavatars emoji favicon flag flags"
    " gravatar icon icons ico logo logos logobutton logobuttons logotype logotypy pagination"
    " profileicon rating smilies smiley smileys social socials sprite sprites star stars"
    " statusicon".split()
)
_NUMBERED = re.compile(rf"\b(?:{'|'.join(sorted(_DESIGN))})\d")  # icon16x16, banner2
# `brandlogo.png`; after a vowel, it is a word of a Romance language: catalogo, psicologo.
_LOGO = re.compile(r"[b-df-hj-np-tv-z]logos?\d*[_.-]", re.IGNORECASE)
# The pictures that a site's software brings along, in the folders of its themes and plugins.
_SOFTWARE = re.compile(
    r"/(?:plugins|skins?|templates?|themes?)/(?:[^/]+/)+(?:assets|icons|images|img|svg)/",
    re.IGNORECASE,
)
_DRAWN = frozenset(["gif", "png", "svg", "webp"])
_NETWORKS = (
    "delicious digg email mail facebook fb google googleplus instagram linkedin pinterest reddit"
    " rss stumble stumbleupon telegram tiktok tumblr twitter vimeo whatsapp x xing youtube"
).split()
_BEFORE = ("", *"hover share social follow icon btn logo".split())
_AFTER = ("", *" black| color| icon| logo| round| share| white".split("|"))
# The names of places to share a page, where they are the whole name of a file.
_SHARE = frozenset(
    before + gap + network + after
    for before in _BEFORE
    for gap in ("", " ")
    for network in _NETWORKS
    for after in _AFTER
    if before or not gap
)
_COUNTERS = frozenset("count counter fcounter matomo piwik".split())
# Without one of these words or parts a file's name tells nothing.
_TELLING = _PLACEHOLDER | _DESIGN | _COUNTERS | frozenset(" ".join(_SHARE).split()) | {"image"}
_TELLING_PART = re.compile(r"[A-Za-z]\d|ogo|Pixel|\Ab\.gif|\.php\Z")
# Sizes that image servers are asked for in the address itself: `/s35/`, `=s35-c`, `88x31.png`.
_ASKED_SIZE = re.compile(r"[/=]s(\d{1,3})(?=$|[/-])|(?:^|[/_-])(\d{1,3})x(\d{1,3})(?=[._/-])")
_PERHAPS_ASKED = re.compile(r"[/=]s\d|\dx\d")  # what every such address holds: five times faster
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
_OF_CONTENT = ("header", "widget")  # within the content, they are parts of it
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
    return _is_placeholder(_words(path_of(url).rpartition("/")[2]))


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
        if element.get("layout"):  # AMP's width and height are only a ratio then
            width = height = None
        return by_facts(url, width, height) or self.of_place(element)

    def of_place(self, element: _Element) -> str | None:
        """The part of the page around its content that an element stands in, or None."""
        path = []
        reason: str | None = None
        each: _Element | None = element
        while each is not None and each not in self._known:
            path.append(each)
            each = each.getparent()
        if each is not None:
            reason = self._known[each]
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
        name = _apart_name(element.get("class", ""), element.get("id", ""))
        if name is None or (name.endswith(_OF_CONTENT) and self._is_in_content(element)):
            return None
        if self._is_most(element):
            return None
        return f"in a part of the page that is called {name}"

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


@lru_cache(maxsize=1024)  # a page's elements have few classes
def _apart_name(classes: str, id: str) -> str | None:
    """The word in an element's names that sets it apart from the page's content, or None."""
    names = f"{classes} {id}"
    if len(names) >= 1000:
        return None
    found = _APART_NAME.search(names) or _APART_WHOLE.search(names)
    return None if found is None or _WITH.search(names) else found[0].lower()


def by_facts(url: str, width: int | None, height: int | None) -> str | None:
    """Why an image of that address and size (pixels) is none, wherever it stands, or None."""
    return by_size(width, height) or by_address(url)


def by_size(width: int | None, height: int | None) -> str | None:
    """Why an image of these sides (pixels, where they are known) is none, or None."""
    longest = max(width or 0, height or 0)
    if longest > ICON or (width is None and height is None):
        return None
    if longest <= TINY:
        return "tracking pixel"
    if width is not None and height is not None:
        return f"icon-sized ({width} x {height})"
    return None


def by_address(url: str) -> str | None:
    """Why an image of that address is none, or None."""
    start, _, name = url.partition("?")[0].partition("#")[0].rpartition("/")
    words = _words(name)
    # Most pictures are passed by this, which is quick.
    if _TELLING.isdisjoint(words) and not _TELLING_PART.search(name) and not _is_telling(start):
        return None
    return _by_path(url, path_of(url), words)


def _by_path(url: str, path: str, words: list[str]) -> str | None:
    folder, _, name = path.rpartition("/")
    if _is_placeholder(words):
        return "placeholder"
    if _is_counter(name):
        return "tracking pixel"
    if not _SERVERS.isdisjoint(_host_of(url).split(".")[:-1]) or _is_delivered(folder, name):
        return "from a server of ads or counters"
    if _is_design(words) or _is_for_design(folder) or _is_share(words) or _is_logo(name):
        return _by_name(words, folder)
    asked = _ASKED_SIZE.search(path) if _PERHAPS_ASKED.search(path) else None
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


def _words(path: str) -> list[str]:
    """The words of a path or name, in lower case."""
    # Four calls of replace() take a fifth of the time of one translate().
    spaced = path.lower().replace("/", " ").replace("-", " ").replace("_", " ").replace(".", " ")
    return spaced.split()


def _is_placeholder(words: list[str]) -> bool:
    if not _PLACEHOLDER.isdisjoint(words):
        return True
    return "image" in words and _NO_IMAGE.search(" ".join(words)) is not None


def _is_design(words: list[str]) -> bool:
    return not _DESIGN.isdisjoint(words) or _NUMBERED.search(" ".join(words)) is not None


@lru_cache(maxsize=1024)  # a page's pictures lie in few folders
def _is_for_design(folder: str) -> bool:
    return _is_design(_words(folder)) or _SOFTWARE.search(f"{folder}/") is not None


@lru_cache(maxsize=1024)
def _is_telling(start: str) -> bool:
    """Whether the host or folder of an address may tell something of the pictures there."""
    folder = path_of(f"{start}/").rpartition("/")[0]
    is_server = not _SERVERS.isdisjoint(_host_of(start).split(".")[:-1])
    return is_server or _is_for_design(folder) or _PERHAPS_ASKED.search(folder) is not None


def _is_delivered(folder: str, name: str) -> bool:
    """Whether an address is that of Revive, an ad server that sites run themselves."""
    return folder.endswith("/delivery") and name.endswith(".php")


def _by_name(words: list[str], folder: str) -> str:
    """The reason against a part of the design, with the word that tells it."""
    known = (each for each in (*words, *_words(folder)) if _is_design([each]))
    return ": ".join(filter(None, ("part of the page's design, by its name", next(known, None))))


def _is_logo(name: str) -> bool:
    return "ogo" in name and _LOGO.search(name) is not None


def _is_share(words: list[str]) -> bool:
    *stem, ending = words or [""]
    return ending in _DRAWN and " ".join(stem).rstrip(" 0123456789") in _SHARE


def _is_counter(name: str) -> bool:
    """Whether a file's name is that of a counter of visits."""
    stem = name.rpartition(".")[0].rpartition(".")[2]
    return (
        name == "b.gif" or stem in _COUNTERS or (stem.endswith("Pixel") and stem[-6:-5].islower())
    )


def _content(root: _Element) -> frozenset[_Element]:
    """The elements that hold what a page is about: <main>, and its article if there is but one."""
    articles = list(root.iter("article"))
    if len(articles) > 1:
        articles = _with_headings(articles)
    return frozenset([*root.iter("main"), *articles])


def _with_headings(articles: Iterable[_Element]) -> list[_Element]:
    return [each for each in articles if next(each.iter("h1"), None) is not None]
