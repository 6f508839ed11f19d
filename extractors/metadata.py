"""What a page's <meta> tags announce: OpenGraph (https://ogp.me), Twitter cards, <link rel=*_src>.

The announced picture is a teaser: a crop of one that the page shows, or a banner. It is wanted
only where nothing else is; elsewhere it adds what it knows to the same picture on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
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
    hookimpl,
    noise,
    type_of,
)

# The first of them that announces a picture is believed.
VOCABULARIES = {"og": "<meta og:{}>", "twitter": "<meta twitter:{}>", "link": "<link rel={}_src>"}
KINDS = ("video", "audio", "image")
# What Twitter and links call otherwise.
SAME = {
    "twitter:image:src": "twitter:image",
    "twitter:player": "twitter:video",
    "twitter:player:stream": "twitter:video:stream",
    "twitter:player:stream:content_type": "twitter:video:type",
    "twitter:player:width": "twitter:video:width",
    "twitter:player:height": "twitter:video:height",
    "image_src": "link:image",
    "video_src": "link:video",
    "audio_src": "link:audio",
}
ADDRESSES = ("stream", "secure_url", "url")  # better ones first
PARTS = frozenset([*ADDRESSES, "type", "width", "height", "alt", "title", "artist", "album"])
# What else than pictures makes a page more than its teaser.
PLAYABLE = re.compile(
    r"\.(?:aac|flac|m3u8|m4[abv]|mov|mp3|mp4|mpd|og[agv]|opus|wav|web[am])\b|/embed/"
)
BACKGROUND = "boolean(//body//@style[contains(., 'url(')])"


class Metadata(Extractor):
    """OpenGraph and Twitter cards: announced video and audio; pictures where nothing else is."""

    name = "metadata"

    teasers: Annotated[bool, "always take the picture that a page is announced with"] = False

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield the announced files, or else links to their players; then the teaser pictures."""
        if not page.is_markup or not any(each in page.text for each in ("og:", "twitter:", "_src")):
            return
        about = _properties(page)
        things = _announced(about)
        files = _files(page, things, dict(reversed(about)))
        yield from files or _players(page, things)
        pictures = [each for each in things if each.kind == "image"]
        pictures.sort(key=lambda each: list(VOCABULARIES).index(each.vocabulary))
        alone = bool(pictures) and not files and not _shows_media(page)
        for thing in pictures:
            item = _item(page, thing)
            if item is not None:
                first = thing.vocabulary == pictures[0].vocabulary
                yield item if self.teasers else _teaser(page, item, wanted=alone and first)


@dataclass(frozen=True)
class _Thing:
    """A picture, video or track that is announced, with its structured properties."""

    vocabulary: str
    kind: str
    facts: dict[str, str] = field(default_factory=dict)


def _properties(page: Page) -> list[tuple[str, str]]:
    """Names, in lower case, and values of the page's properties."""
    found = []
    for element in page.tree.iter("meta", "link"):
        name = element.get("property") or element.get("name") or element.get("rel") or ""
        name = name.strip().lower()
        value = " ".join((element.get("content") or element.get("href") or "").split())
        if value:
            found.append((SAME.get(name, name), value))
    return found


def _announced(properties: Sequence[tuple[str, str]]) -> list[_Thing]:
    """The announced things in order: `og:image`, `og:image:width`, `og:image` are two."""
    found: list[_Thing] = []
    latest: dict[tuple[str, str], _Thing] = {}
    for name, value in properties:
        vocabulary, _, rest = name.partition(":")
        kind, _, part = rest.partition(":")
        part = part or "url"
        if vocabulary not in VOCABULARIES or kind not in KINDS or part not in PARTS:
            continue
        thing = latest.get((vocabulary, kind))
        if thing is None or (part in ADDRESSES and thing.facts.get(part, value) != value):
            thing = latest[vocabulary, kind] = _Thing(vocabulary, kind)
            found.append(thing)
        thing.facts.setdefault(part, value)
    return found


def _files(
    page: Page, things: Sequence[_Thing], properties: dict[str, str]
) -> list[MediaItem | Link]:
    """Announced video and audio; a single one has the page's title and duration."""
    items = [_item(page, each) for each in things if each.kind != "image"]
    found = [item for item in items if item is not None]
    if len({item.url for item in found}) != 1:
        return [*found]
    title = properties.get("og:title")
    duration = _number(properties.get(f"{found[0].type}:duration", ""))
    return [replace(item, title=item.title or title, duration=duration) for item in found]


def _item(page: Page, thing: _Thing) -> MediaItem | None:
    """A thing that is a file; None for players, pages and Flash."""
    urls = _addresses(page, thing)
    mime = thing.facts.get("type", "").partition(";")[0].strip().lower()
    kind = _kind(urls[0], thing.kind, mime) if urls else None
    if kind is None:
        return None
    return MediaItem(
        urls[0],
        kind,
        mime=mime if "/" in mime else None,
        title=thing.facts.get("alt" if kind == "image" else "title"),
        artist=thing.facts.get("artist"),
        album=thing.facts.get("album"),
        width=_number(thing.facts.get("width", "")),
        height=_number(thing.facts.get("height", "")),
        alternatives=tuple(Alternative(each) for each in urls[1:]),
        origin=VOCABULARIES[thing.vocabulary].format(thing.kind),
    )


def _addresses(page: Page, thing: _Thing) -> list[str]:
    """The URLs of a thing, best first. A stream is what its player plays."""
    written = [thing.facts[each] for each in ADDRESSES if each in thing.facts]
    if "stream" in thing.facts:
        written = written[:1]
    found = [elements.url_in(page, each) for each in written if "<" not in each]
    return list(dict.fromkeys(each for each in found if each))


def _kind(url: str, announced: str, mime: str) -> MediaType | None:
    """What a URL leads to: its extension tells, then the announced type."""
    if elements.is_page(url):
        return None
    kind = type_of(url)
    if announced == "image":
        return "image" if kind in (None, "image") else None
    return elements.playable(kind or mime.partition("/")[0])


def _players(page: Page, things: Sequence[_Thing]) -> Iterator[Link]:
    """Announced players: of the page's own site, or of one that is known for them."""
    for thing in things:
        for url in _addresses(page, thing)[:1]:
            plays = page.has_origin_of(url) or elements.is_player(url)
            if thing.kind != "image" and extension(url) != "swf" and plays:
                yield Link(url, VOCABULARIES[thing.vocabulary].format(thing.kind))


def _teaser(page: Page, item: MediaItem, *, wanted: bool) -> MediaItem:
    """A teaser with the reason why it is not wanted, if there is one."""
    reason = noise.by_facts(item.url, item.width, item.height) if wanted else noise.TEASER
    return replace(item, noise=reason)


def _shows_media(page: Page) -> bool:
    """Whether the page has a picture that a person would want, or anything to play."""
    if next(page.tree.iter("video", "audio", "amp-video", "amp-audio"), None) is not None:
        return True
    for element in page.tree.iter("img", "amp-img", "picture"):
        url = elements.url_in(page, element.get("src", ""))
        width, height = (_number(element.get(side, "")) for side in ("width", "height"))
        if page.judge.of_image(element, url or "", width, height) is None:
            return True
    return bool(page.tree.xpath(BACKGROUND)) or PLAYABLE.search(page.text) is not None


def _number(text: str) -> int | None:
    """The whole number that a property is, such as `1200` or `1200px`."""
    found = re.match(r"(\d{1,6})(?:\.\d{1,9})?(?:px)?$", text.strip())
    return int(found[1]) or None if found else None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `metadata`."""
    return [Metadata()]
