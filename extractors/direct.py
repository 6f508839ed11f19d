"""What stands in the markup of any page: images, audio, video, embedded and linked files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

from reelin import (
    Extractor,
    MediaItem,
    Page,
    answer,
    attributes,
    elements,
    hookimpl,
    noise,
    pictures,
    type_of,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

READ_WHOLE = frozenset(["amp-anim", "amp-img", "audio", "img", "source", "video"])


class Direct(Extractor):
    """Images, audio, video and files that stand in a page's markup, or are the URL itself."""

    name = "direct"
    finds = '<img src="small.jpg" srcset="large.jpg 2x"> <a href="song.mp3">Song</a>'

    everything: Annotated[bool, "also icons, placeholders and other noise"] = False

    def extract(self, page: Page) -> Iterator[MediaItem]:
        if not page.is_markup:
            yield answer.item(page)
            return
        for item in _Markup(page).items():
            yield noise.clear(item) if self.everything else item


class _Markup:
    """A walk over a page's elements, in document order."""

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
            "embed": self._embedded_file,
            "frame": self._embedded_file,
            "iframe": self._embedded_file,
            "image": self._image,
            "img": self._image,
            "input": self._image,
            "link": self._head_link,
            "object": self._embedded_file,
            "source": self._orphan,
            "style": self._style_sheet,
            "video": self._player,
        }

    def items(self) -> Iterator[MediaItem]:
        """Yield everything on the page that could be media; noise is marked as such."""
        for element in self._page.tree.iter("*"):
            tag = str(element.tag)
            if element in self._read:
                continue
            reader = self._readers.get(tag)
            if reader is not None:
                yield from reader(element)
            if tag not in READ_WHOLE:
                for name in element.keys():  # noqa: SIM118 - an element is no mapping
                    if name == "style" or name.startswith("data-"):
                        value = element.get(name, "")
                        yield from attributes.in_attribute(self._page, element, name, value)

    # Images

    def _image(self, element: _Element) -> Iterator[MediaItem]:
        if element.tag != "input" or element.get("type", "").lower() == "image":
            yield from pictures.item(self._page, element)

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
        download = element.get("download")
        if download is None and not elements.is_file(url):
            return
        kind = type_of(url)
        has_images = len(element) and kind in ("image", "video")
        images = list(element.iter("img", "amp-img")) if has_images else []
        thumbnail = None
        for image in images:
            renditions, _ = pictures.renditions(self._page, image)
            thumbnail = thumbnail or (renditions[0].url if renditions else None)
            self._read.add(image)
        yield MediaItem(
            url,
            kind,
            title=elements.caption_of(element) if images else self._text(element, url),
            filename=download or None,
            thumbnail=thumbnail if thumbnail != url else None,
            alternatives=tuple(attributes.for_screens(self._page, element)) if images else (),
            origin="<a download>" if download is not None else "<a href>",
        )

    def _text(self, link: _Element, url: str) -> str | None:
        """Return what a link says, unless that is its own address."""
        text = elements.text_of(link)
        says_more = text and self._page.absolute(text) != url
        return text if says_more else link.get("title")

    def _style_sheet(self, element: _Element) -> Iterator[MediaItem]:
        return attributes.in_style_sheet(self._page, element.text or "")

    def _embedded_file(self, element: _Element) -> Iterator[MediaItem]:
        url = elements.url_in(self._page, element.get("data") or element.get("src") or "")
        if url is None or element.get("srcdoc"):
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


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `direct`."""
    return [Direct()]
