"""What pages tell search engines of their media: schema.org, as JSON-LD, microdata and RDFa.

Video, audio and files are wanted wherever they stand. Images mostly are not: `image` and
`thumbnailUrl` of an article show what the page shows, in crops for search engines; they add what
they know to the same image on the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Annotated, Any

from reelin import (
    Extractor,
    Link,
    MediaItem,
    Page,
    hookimpl,
    linked_data,
    noise,
    schema_org,
    type_of,
)

# Where things have images of themselves, and whose images are nobody's.
PICTURES = frozenset("image photo primaryImageOfPage thumbnail thumbnailUrl".split())
APART = tuple(
    "author brand comment contributor creator editor logo member organization person provider"
    " publisher review website".split()
)
GALLERIES = frozenset(["ImageGallery", "MediaGallery"])
# What is read as a part of the item that its holder is.
OWN = PICTURES | {"encoding"}
# A thing's own audio or video is called and dated as the thing is.
PARTS = frozenset(["associatedMedia", "audio", "encoding", "media", "video"])
PASSED_ON = (
    "name headline datePublished duration inLanguage partOfSeries byArtist inAlbum author position"
).split()
NOTHING: linked_data.Thing = MappingProxyType({})


class Schema(Extractor):
    """Structured data of schema.org: video, audio, images, and what is told of them."""

    name = "schema"
    finds = (
        '<script type="application/ld+json">'
        '{"@type": "VideoObject", "name": "Cats", "contentUrl": "cats.mp4"}</script>'
    )

    teasers: Annotated[bool, "also the images that articles are announced with"] = False

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield what a page's structured data describes, in document order."""
        things = linked_data.things(page) if page.is_markup else []
        teaser = None if self.teasers else noise.TEASER
        yield from _Walk(page, teaser, frozenset(_image_ids(things))).finds(things)


@dataclass(frozen=True)
class _Walk:
    """Through the things of a page, and what they hold.

    teaser:   why images of articles are not wanted; None if they are
    pictured: the @ids of things that are images of others
    """

    page: Page
    teaser: str | None
    pictured: frozenset[str]

    def finds(
        self, value: Any, key: str = "", holder: linked_data.Thing = NOTHING, depth: int = 0
    ) -> Iterator[MediaItem | Link]:
        """Yield everything within a value; `key` says what it is to its holder."""
        if depth > linked_data.DEEPEST:
            return
        if isinstance(value, list):
            for each in value:
                yield from self.finds(each, key, holder, depth + 1)
        elif isinstance(value, dict):
            yield from self._within(value, key, holder, depth)
        elif key in PICTURES:
            url = schema_org.url_of(self.page, value)
            if url and type_of(url) in (None, "image"):
                item = MediaItem(url, "image", origin=_origin(holder, key))
                yield replace(item, noise=self._against(item, key, holder, NOTHING))

    def _within(
        self, thing: linked_data.Thing, key: str, holder: linked_data.Thing, depth: int
    ) -> Iterator[MediaItem | Link]:
        """A thing, if it is media, and what it has."""
        passed_on = {each: holder[each] for each in PASSED_ON if key in PARTS and each in holder}
        apart = any(each.lower().endswith(APART) for each in (key, *schema_org.types(thing)))
        found = schema_org.media(self.page, {**passed_on, **thing}, _origin(thing, key))
        if isinstance(found, MediaItem) and found.type == "image":
            if not apart:
                yield replace(found, noise=self._against(found, key, holder, thing))
        elif found:
            yield found
        read = OWN if isinstance(found, MediaItem) else PICTURES if apart else ()
        for name, value in thing.items():
            if name not in read:
                yield from self.finds(value, name, thing, depth + 1)

    def _against(
        self, item: MediaItem, key: str, holder: linked_data.Thing, thing: linked_data.Thing
    ) -> str | None:
        """Why an image is not wanted, or None."""
        shown = key not in PICTURES or not GALLERIES.isdisjoint(schema_org.types(holder))
        if self.teaser and (not shown or thing.get("@id") in self.pictured):
            return self.teaser
        return noise.by_facts(item.url, item.width, item.height)


def _origin(thing: linked_data.Thing, key: str) -> str:
    return " ".join(filter(None, ("schema.org", *schema_org.types(thing)[:1], key)))


def _image_ids(value: Any, key: str = "", depth: int = 0) -> Iterator[str]:
    """The @ids of things that are named as the image or logo of others."""
    if depth > linked_data.DEEPEST:
        return
    if isinstance(value, list):
        for each in value:
            yield from _image_ids(each, key, depth + 1)
    elif isinstance(value, dict):
        if isinstance(value.get("@id"), str) and (key in PICTURES or key == "logo"):
            yield value["@id"]
        for name, each in value.items():
            if isinstance(each, list | dict):
                yield from _image_ids(each, name, depth + 1)


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `schema`."""
    return [Schema()]
