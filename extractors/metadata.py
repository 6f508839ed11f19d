"""What a page's <meta> tags announce: OpenGraph (https://ogp.me), Twitter cards, <link rel=*_src>.

The announced image is a teaser: a crop of one that the page shows, or a banner. It is wanted
only where nothing else is; elsewhere it adds what it knows to the same image on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated

from reelin import (
    Alternative,
    Extractor,
    Link,
    MediaItem,
    MediaType,
    Page,
    elements,
    extension,
    facts,
    hookimpl,
    noise,
    open_graph,
    type_of,
)

# What else than images makes a page more than its teaser.
PLAYABLE = re.compile(
    r"\.(?:aac|flac|m3u8|m4[abv]|mov|mp3|mp4|mpd|og[agv]|opus|wav|web[am])\b|/embed/"
)
BACKGROUND = "boolean(//body//@style[contains(., 'url(')])"


class Metadata(Extractor):
    """OpenGraph and Twitter cards: announced video and audio; images where nothing else is."""

    name = "metadata"
    finds = '<meta property="og:video" content="cats.mp4">'

    teasers: Annotated[bool, "always take the image that a page is announced with"] = False

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield the announced files, or else links to their players; then the teaser pictures."""
        about = open_graph.properties(page) if page.is_markup else []
        things = open_graph.announcements(about)
        files = _files(page, things, dict(reversed(about)))
        yield from files or _players(page, things)
        pictures = [each for each in things if each.kind == "image"]
        alone = bool(pictures) and not files and not _shows_media(page)
        for thing in pictures:
            item = _item(page, thing)
            if item is not None:
                # The first vocabulary that announces an image is believed.
                first = thing.vocabulary == pictures[0].vocabulary
                yield item if self.teasers else _teaser(page, item, wanted=alone and first)


def _files(
    page: Page, things: Sequence[open_graph.Announcement], properties: dict[str, str]
) -> list[MediaItem | Link]:
    """Announced video and audio; a single one has the page's title and duration."""
    items = [_item(page, each) for each in things if each.kind != "image"]
    found = [item for item in items if item is not None]
    if len({item.url for item in found}) != 1:
        return [*found]
    title = properties.get("og:title") or properties.get("twitter:title")
    duration = facts.seconds_in(properties.get(f"{found[0].type}:duration"))
    return [replace(item, title=item.title or title, duration=duration) for item in found]


def _item(page: Page, thing: open_graph.Announcement) -> MediaItem | None:
    """A thing that is a file; None for players, pages and Flash."""
    urls = thing.urls(page)
    kind = _kind(urls[0], thing.kind, thing.mime) if urls else None
    if kind is None:
        return None
    return MediaItem(
        urls[0],
        kind,
        mime=thing.mime,
        title=thing.facts.get("alt" if kind == "image" else "title"),
        artist=thing.facts.get("artist"),
        album=thing.facts.get("album"),
        width=facts.pixels_in(thing.facts.get("width")) or None,
        height=facts.pixels_in(thing.facts.get("height")) or None,
        alternatives=tuple(Alternative(each) for each in urls[1:]),
        origin=thing.origin,
    )


def _kind(url: str, announced: str, mime: str | None) -> MediaType | None:
    """Return what a URL leads to: its extension tells, then the announced type."""
    if elements.is_page(url):
        return None
    kind = type_of(url)
    if announced == "image":
        return "image" if kind in (None, "image") else None
    return elements.playable(kind or (mime or "").partition("/")[0])


def _players(page: Page, things: Sequence[open_graph.Announcement]) -> Iterator[Link]:
    """Announced players: of the page's own site, or of one that is known for them."""
    for thing in things:
        for url in thing.urls(page)[:1]:
            plays = page.has_origin_of(url) or elements.is_player(url)
            if thing.kind != "image" and extension(url) != "swf" and plays:
                yield Link(url, thing.origin)


def _teaser(page: Page, item: MediaItem, *, wanted: bool) -> MediaItem:
    """A teaser with the reason why it is not wanted, if there is one."""
    reason = noise.by_facts(item.url, item.width, item.height) if wanted else noise.TEASER
    return replace(item, noise=reason)


def _shows_media(page: Page) -> bool:
    """Whether the page has an image that a person would want, or anything to play."""
    if next(page.tree.iter("video", "audio", "amp-video", "amp-audio"), None) is not None:
        return True
    for element in page.tree.iter("img", "amp-img", "picture"):
        url = elements.url_in(page, element.get("src", ""))
        width, height = (facts.pixels_in(element.get(side)) for side in ("width", "height"))
        if page.judge.of_image(element, url or "", width, height) is None:
            return True
    return bool(page.tree.xpath(BACKGROUND)) or PLAYABLE.search(page.text) is not None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `metadata`."""
    return [Metadata()]
