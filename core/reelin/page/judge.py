"""The parts of a page around its content, whose images nobody wants: menus, ads, teasers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from .noise import by_facts

if TYPE_CHECKING:
    from lxml.etree import _Element

RUNNING_TEXT = 80  # characters that a paragraph begins with, and a title or button does not
MOST_LOOKED_INTO = 200  # elements of one page whose inside is looked at, so that time is linear

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
# What is *with* a sidebar is no sidebar; and SPIP calls an article's image its logo.
_WITH = re.compile(
    r"(?:has|with|no|without|is|show|hide)[_-]?\w*[_-]?(?:sidebar|ads|footer|avatar)|spip_logo",
    re.IGNORECASE,
)


class Judge:
    """A judge of the images of one page; it remembers what it learned of the page's parts.

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
        """The reason against what is in an element, given that of the parts around it."""
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


def _paragraphs(element: _Element) -> int:
    """Count the paragraphs of running text inside an element."""
    return sum(len(each.text or "") >= RUNNING_TEXT for each in element.iter("p"))


def _content(root: _Element) -> frozenset[_Element]:
    """The elements that hold what a page is about: <main>, and its article if there is but one."""
    articles = list(root.iter("article"))
    if len(articles) > 1:
        articles = _with_headings(articles)
    return frozenset([*root.iter("main"), *articles])


def _with_headings(articles: Iterable[_Element]) -> list[_Element]:
    return [each for each in articles if next(each.iter("h1"), None) is not None]
