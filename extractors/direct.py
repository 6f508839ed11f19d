"""What stands in the markup of any page: images, audio, video, embedded and linked files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from reelin import (
    FEEDS,
    PLAYLISTS,
    Alternative,
    Extractor,
    MediaItem,
    Page,
    elements,
    facts,
    hookimpl,
    parse_http_date,
    srcset,
    type_of,
)
from reelin import noise as noises

if TYPE_CHECKING:
    from lxml.etree import _Element

# Attributes in which lazy loaders keep what they will put into src; the larger ones first.
ORIGINAL = re.compile(r"data-(?:.*-)?orig(?:-|$)", re.IGNORECASE)
FULL_SIZE = re.compile(r"data-.*(full|large|zoom|hi-?res|big|retina)", re.IGNORECASE)
SMALL = re.compile(r"data-.*(thumb|small|tiny|mini(?![a-z]))", re.IGNORECASE)
LAZY = re.compile(r"data-.*(src|original|lazy|url|image|img|poster|bg|background)", re.IGNORECASE)
IS_LOADED = re.compile(r"data-|.*srcset")  # names of attributes beside src that name a picture
READ_WHOLE = frozenset(["amp-anim", "amp-img", "audio", "img", "source", "video"])
CSS_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))\s*\)""", re.IGNORECASE)


class Direct(Extractor):
    """Images, audio, video and files that stand in a page's markup, or are the URL itself."""

    name = "direct"
    finds = '<img src="small.jpg" srcset="large.jpg 2x"> <a href="song.mp3">Song</a>'

    everything: Annotated[bool, "also icons, placeholders and other noise"] = False

    def extract(self, page: Page) -> Iterator[MediaItem]:
        if not page.is_markup:
            yield _the_answer_itself(page)
            return
        for item in _Document(page).items():
            yield noises.ignored(item) if self.everything else item


def _the_answer_itself(page: Page) -> MediaItem:
    """The item of a URL that is no page but a file."""
    encoded = page.headers.get("content-encoding", "identity") != "identity"
    length = page.headers.get("content-length", "")
    return MediaItem(
        page.url,
        page.type if page.type != "other" else type_of(page.url) or "other",
        mime=page.mime or None,
        size=int(length) if length.isdigit() and not encoded else None,
        date=parse_http_date(page.headers.get("last-modified")),
        origin="the URL itself",
        noise="a list of others, read as such" if _is_list(page) else None,
    )


def _is_list(page: Page) -> bool:
    """Whether the answer is a feed or a playlist of files. One of HLS is a film's own."""
    if page.mime in FEEDS:
        return True
    listed = page.mime in PLAYLISTS or page.text.lstrip()[:7] == "#EXTM3U"
    return listed and "#EXT-X-" not in page.text


class _Document:
    """One walk over a page's elements, in document order."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._read: set[_Element] = set()  # elements that are part of an item already
        self._readers: dict[str, Callable[[_Element], Iterator[MediaItem]]] = {
            "a": self._link,
            "amp-anim": self._image,
            "amp-audio": self._player,
            "amp-img": self._image,
            "amp-video": self._player,
            "area": self._link,
            "audio": self._player,
            "embed": self._embedded,
            "frame": self._embedded,
            "iframe": self._embedded,
            "image": self._image,
            "img": self._image,
            "input": self._image,
            "link": self._head_link,
            "object": self._embedded,
            "source": self._orphan,
            "style": self._style_sheet,
            "video": self._player,
        }

    def items(self) -> Iterator[MediaItem]:
        """Everything on the page that could be media; noise is marked as such."""
        for element in self._page.tree.iter():
            tag = element.tag
            if not isinstance(tag, str) or element in self._read:
                continue
            reader = self._readers.get(tag)
            if reader is not None:
                yield from reader(element)
            if tag not in READ_WHOLE:
                for name, value in element.items():
                    if name.startswith(("data-", "style")):
                        yield from self._attribute(element, name, value)

    # Images

    def _image(self, element: _Element) -> Iterator[MediaItem]:
        tag = str(element.tag)
        if tag == "input" and element.get("type", "").lower() != "image":
            return
        renditions, origin = self._renditions(element)
        if not renditions:
            return
        best = renditions[0]
        width, height = (facts.pixels_in(element.get(side)) for side in ("width", "height"))
        yield MediaItem(
            best.url,
            "image",
            title=elements.title_of(element),
            width=best.width or width,
            height=height if best.width in (None, width) else None,
            mime=best.mime,
            alternatives=tuple(renditions[1:]),
            origin=origin,
            noise=self._page.judge.of_image(element, best.url, width, height),
        )

    def _renditions(self, element: _Element) -> tuple[list[Alternative], str]:
        """The URLs of an image element, best first, and where they stand."""
        picture = _picture_of(element)
        tag = f"<{element.tag!s}>" if picture is None else "<picture>"
        if picture is None and not any(map(IS_LOADED.match, element.keys())):
            return self._alternatives([_plain_source(element)], needs_type=False), tag
        originals: list[str] = []
        full: list[str] = []
        lazy: list[str] = []
        for name, value in element.items():
            if name.startswith("data-") and "srcset" not in name and "sizes" not in name:
                if ORIGINAL.match(name):
                    originals.append(value)
                elif FULL_SIZE.match(name):
                    full.append(value)
                elif LAZY.match(name):
                    lazy.append(value)
        # The image itself first: of equal sizes, its format is the one that everything can show.
        sets, is_lazy = self._candidates(
            [element] if picture is None else [element, *picture.iter("source")]
        )
        # Beside a lazy attribute, src holds a placeholder or a preview.
        plain = [] if lazy or is_lazy else [_plain_source(element)]
        found = [
            *self._alternatives(originals + full, needs_type=True),
            *sets,
            *self._alternatives(lazy, needs_type=False),
            *self._alternatives(plain, needs_type=False),
        ]
        if not found and (lazy or is_lazy):
            found = self._alternatives([_plain_source(element)], needs_type=False)
        if not found or noises.is_placeholder(found[0].url):
            # A lazy loader of its own kind: any attribute may hold the picture's file.
            unknown = [value for name, value in element.items() if name.startswith("data-")]
            found = self._alternatives(unknown, needs_type=True) + found
        how = " srcset" if sets else " lazy" if lazy else ""
        return list({each.url: each for each in found}.values()), tag + how

    def _candidates(self, holders: Iterable[_Element]) -> tuple[list[Alternative], bool]:
        """What srcset attributes of these elements offer, best first; whether they are lazy."""
        lazy: list[tuple[srcset.Candidate, str | None]] = []
        plain: list[tuple[srcset.Candidate, str | None]] = []
        for holder in holders:
            mime = holder.get("type")
            for name, value in holder.items():
                if name.endswith("srcset") and value:
                    candidates = [(each, mime) for each in srcset.parse(value)]
                    (plain if name == "srcset" else lazy).extend(candidates)
        return self._offers(lazy or plain), bool(lazy)

    def _offers(self, candidates: list[tuple[srcset.Candidate, str | None]]) -> list[Alternative]:
        """The candidates of source sets, with their MIME types, as renditions; best first."""
        mimes = {each.url: mime for each, mime in candidates}
        found = []
        for each in srcset.best_first(candidate for candidate, _ in candidates):
            url = self._page.absolute(each.url)
            if url and not noises.is_placeholder(url):
                found.append(Alternative(url, width=each.width, mime=mimes[each.url]))
        return found

    def _alternatives(self, values: Iterable[str], *, needs_type: bool) -> list[Alternative]:
        """Attribute values as renditions, where they are URLs of images.

        needs_type: only with an image's extension, since the attribute's name does not tell
        """
        found = []
        for value in values:
            url = elements.url_in(self._page, value)
            kind = type_of(url) if url else None
            if url and (kind == "image" or (kind is None and not needs_type)):
                found.append(Alternative(url))
        return found

    # Audio and video

    def _player(self, element: _Element) -> Iterator[MediaItem]:
        self._read.update(element.iter("source", "track"))
        yield from elements.player_items(self._page, element)

    def _orphan(self, element: _Element) -> Iterator[MediaItem]:
        """A <source> outside of <video>, <audio> and <picture>: of a player made by script."""
        holder = element.getparent()
        while holder is not None and holder.tag == "source":
            holder = holder.getparent()
        if holder is None or holder.tag == "picture" or "srcset" in element.attrib:
            return
        yield from self._player(holder)

    # Files behind links, and embedded ones

    def _link(self, element: _Element) -> Iterator[MediaItem]:
        url = elements.url_in(self._page, element.get("href", ""))
        if url is None:
            return
        kind = type_of(url)
        download = element.get("download")
        if not elements.is_file(url) and download is None:
            return
        has_images = len(element) and kind in ("image", "video")
        images = list(element.iter("img", "amp-img")) if has_images else []
        thumbnail = None
        for image in images:
            renditions, _ = self._renditions(image)
            thumbnail = thumbnail or (renditions[0].url if renditions else None)
            self._read.add(image)
        yield MediaItem(
            url,
            kind,
            title=elements.title_of(images[0])
            if images
            else elements.text_of(element) or element.get("title"),
            filename=download or None,
            thumbnail=thumbnail if thumbnail != url else None,
            origin="<a download>" if download is not None else "<a href>",
        )

    def _embedded(self, element: _Element) -> Iterator[MediaItem]:
        url = elements.url_in(self._page, element.get("data") or element.get("src") or "")
        if url is None:
            return
        mime = (element.get("type") or "").partition(";")[0].strip().lower()
        kind = type_of(url)
        if kind not in elements.FILE_TYPES and not re.match(
            r"(image|audio|video)/|application/pdf", mime
        ):
            return
        yield MediaItem(url, kind, mime=mime or None, origin=f"<{element.tag!s}>")

    def _head_link(self, element: _Element) -> Iterator[MediaItem]:
        relations = element.get("rel", "").lower().split()
        url = elements.url_in(self._page, element.get("href", ""))
        if url is None:
            return
        if "enclosure" in relations:
            yield MediaItem(url, mime=element.get("type"), origin="<link rel=enclosure>")
        elif any("icon" in each for each in relations):
            yield MediaItem(url, "image", origin="<link rel=icon>", noise="icon of the site")
        elif "preload" in relations and element.get("as") in ("image", "audio", "video"):
            kind = type_of(url) or elements.playable(element.get("as"))
            yield MediaItem(url, kind, origin="<link rel=preload>", noise="not shown by itself")

    # Attributes of any element

    def _attribute(self, element: _Element, name: str, value: str) -> Iterator[MediaItem]:
        if name == "style" and "url(" in value:
            yield from self._backgrounds(element, value, "style background")
        elif name.startswith("data-") and value.lstrip().startswith("url("):
            yield from self._backgrounds(element, value, f"<{element.tag!s} {name}>")
        elif name.startswith("data-") and name.endswith("bgset"):
            yield from self._background_set(element, name, value)
        elif name.startswith("data-") and "." in value and "placeholder" not in name:
            yield from self._data(element, name, value)

    def _backgrounds(self, element: _Element, css: str, origin: str) -> Iterator[MediaItem]:
        for url in self._css_urls(css):
            yield MediaItem(
                url,
                "image",
                title=elements.title_of(element),
                origin=origin,
                noise=self._page.judge.of_image(element, url, None, None),
            )

    def _background_set(self, element: _Element, name: str, value: str) -> Iterator[MediaItem]:
        """A lazy background in several sizes, as in `srcset`."""
        found = self._offers([(each, None) for each in srcset.parse(value)])
        if found:
            yield MediaItem(
                found[0].url,
                "image",
                title=elements.title_of(element),
                width=found[0].width,
                alternatives=tuple(found[1:]),
                origin=f"<{element.tag!s} {name}>",
                noise=self._page.judge.of_image(element, found[0].url, None, None),
            )

    def _style_sheet(self, element: _Element) -> Iterator[MediaItem]:
        for url in self._css_urls(element.text or ""):
            if type_of(url) == "image":
                yield MediaItem(url, "image", origin="<style>", noise="part of the page's design")

    def _css_urls(self, css: str) -> Iterator[str]:
        for quoted, single, bare in CSS_URL.findall(css):
            url = elements.url_in(self._page, quoted or single or bare)
            if url is not None and type_of(url) in (None, "image"):
                yield url

    def _data(self, element: _Element, name: str, value: str) -> Iterator[MediaItem]:
        """A data attribute whose whole value is the URL of a file."""
        url = elements.url_in(self._page, value) if len(value) < 2048 else None
        if url is None or not elements.is_file(url) or "{" in value:
            return
        kind = type_of(url)
        title = element.get("data-title") or elements.title_of(element)
        origin = f"<{element.tag!s} {name}>"
        if kind != "image":
            yield MediaItem(url, kind, title=title, origin=origin)
            return
        noise = self._page.judge.of_image(element, url, None, None)
        others: tuple[Alternative, ...] = ()
        inside = self._same_inside(element, url)
        if SMALL.match(name):
            noise = "a thumbnail, by its attribute's name"
        elif inside and inside.width:  # what is known to be large is better than a name
            url, others = inside.url, (Alternative(url),)
        elif inside:
            others = (inside,)
        yield MediaItem(url, "image", title=title, alternatives=others, origin=origin, noise=noise)

    def _same_inside(self, element: _Element, url: str) -> Alternative | None:
        """The image inside of an element if it shows the same file, such as a smaller one."""
        image = next(element.iter("img", "amp-img"), None)
        renditions = self._renditions(image)[0] if image is not None else []
        best = renditions[0] if renditions else None
        return best if best and best.url != url and _name(best.url) == _name(url) else None


def _picture_of(element: _Element) -> _Element | None:
    """The <picture> around an image; parsers may nest its sources."""
    parent = element.getparent()
    while parent is not None and parent.tag == "source":
        parent = parent.getparent()
    return parent if parent is not None and parent.tag == "picture" else None


def _name(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def _plain_source(element: _Element) -> str:
    return element.get("src") or element.get("href") or element.get("xlink:href") or ""


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `direct`."""
    return [Direct()]
