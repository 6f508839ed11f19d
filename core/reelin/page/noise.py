"""Images that a person would not call a page's media: few general rules, each with its reason.

They only mark candidates: `--explain` shows them, `-O direct.everything=true` takes them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from ..model.item import MediaItem
from ..model.media_types import path_of

TEASER = "teaser: the image that the page is announced with"
ARTWORK = "the cover or poster of something that plays"
PREVIEWS = "previews for a player's timeline"
TINY = 3  # pixels: an image that small is there to be counted, not seen
ICON = 50  # pixels: an image that small in both directions is part of the page's controls
SMALLEST = 15  # pixels of an icon's side

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
# The images that a site's software brings along, in the folders of its themes and plugins.
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
# Sizes that image servers are asked for in the address itself: `/s35/`, `=s35-c`, `88x31.png`.
_ASKED_SIZE = re.compile(
    r"[/=_-](?:(?<=[/=])s(\d{1,3})(?=$|[/-])|(?<=[/_-])(\d{1,3})x(\d{1,3})(?=[._/-]))"
)
# Names in a host's name that say what it is for.
_SERVERS = frozenset(
    "ad ads adserver banner banners counter doubleclick smartadserver stats track tracker"
    " tracking".split()
)
_BUTTON = (88, 31)  # pixels: the web's format for "made with", "valid" and "member of"


def clear(item: MediaItem) -> MediaItem:
    """The item as a wanted one, whatever was held against it."""
    return item if item.noise is None else replace(item, noise=None)


def is_placeholder(url: str) -> bool:
    """Whether a URL's file name says that it only holds the place of another image."""
    return _is_placeholder(_words(path_of(url).rpartition("/")[2]))


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
    folder, words = _folder(start), _words(name)
    if _is_placeholder(words):
        return "placeholder"
    if _is_counter(name):
        return "tracking pixel"
    if folder.is_server or (folder.is_delivery and name.endswith(".php")):
        return "from a server of ads or counters"
    if folder.is_design or _is_design(words) or _is_share(words) or _is_logo(name):
        return _by_words([*words, *folder.words])
    asked = folder.asked or _ASKED_SIZE.search(f"/{name}")
    return _by_asked(asked) if asked else None


class _Folder(NamedTuple):
    """Facts of all images at addresses with the same host and folder.

    is_server:   of ads or counters
    is_delivery: of Revive, an ad server that sites run themselves
    is_design:   part of the page's design
    asked:       the size that is asked for
    """

    words: list[str]
    is_server: bool
    is_delivery: bool
    is_design: bool
    asked: re.Match[str] | None


@lru_cache(maxsize=1024)  # a page's images lie in few folders
def _folder(start: str) -> _Folder:
    host, path = start.partition("://")[2].partition("/")[0].lower(), path_of(f"{start}/")
    words = _words(path)
    return _Folder(
        words,
        is_server=not _SERVERS.isdisjoint(host.split(".")[:-1]),
        is_delivery=path.endswith("/delivery/"),
        is_design=_is_design(words) or _SOFTWARE.search(path) is not None,
        asked=_ASKED_SIZE.search(path),
    )


def _by_words(words: list[str]) -> str:
    """The reason against a part of the design, with the word that tells it."""
    known = (each for each in words if _is_design([each]))
    return ": ".join(filter(None, ("part of the page's design, by its name", next(known, None))))


def _by_asked(asked: re.Match[str]) -> str | None:
    sides = [int(side) for side in asked.groups() if side is not None]
    # Two smaller numbers are a ratio: 16x9, 3x2.
    if min(sides) >= SMALLEST and (max(sides) <= ICON or tuple(sides) == _BUTTON):
        return f"icon-sized ({' x '.join(map(str, sides))}), by its address"
    return None


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
    if not _DESIGN.isdisjoint(words):
        return True
    return any(_NUMBERED.search(word) for word in words if not word.isalpha())


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
