"""Media that <meta> tags announce: OpenGraph (https://ogp.me), Twitter cards, <link rel=*_src>.

`og:video` begins a thing, `og:video:width` and its like are facts of the one begun last. Twitter's
and the links' own names are read as if they were OpenGraph's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..document import Document
from ..elements import url_in
from ..text import fold

_VOCABULARIES = ("og", "twitter", "link")
_KINDS = ("video", "audio", "image")
_SAME = {
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
_MARKS = ("og:", "twitter:", "_src")
_ADDRESSES = ("stream", "secure_url", "url")  # better ones first
_PARTS = frozenset([*_ADDRESSES, "type", "width", "height", "alt", "title", "artist", "album"])


@dataclass(frozen=True, slots=True)
class Announcement:
    """An image, a video or a track that a page announces.

    vocabulary: `og`, `twitter` or `link`
    kind:       `image`, `video` or `audio`
    facts:      its structured properties: `type`, `width`, `alt`…
    """

    vocabulary: str
    kind: str
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The place where it stands: `<meta og:video>`."""
        rel = self.vocabulary == "link"
        return f"<link rel={self.kind}_src>" if rel else f"<meta {self.vocabulary}:{self.kind}>"

    @property
    def mime(self) -> str | None:
        """Its MIME type, where a true one is stated."""
        mime = self.facts.get("type", "").partition(";")[0].strip().lower()
        return mime if "/" in mime else None

    def urls(self, page: Document) -> list[str]:
        """Its URLs, best first. A stream is what its player plays."""
        written = [self.facts[each] for each in _ADDRESSES if each in self.facts]
        if "stream" in self.facts:
            written = written[:1]
        found = [url_in(page, each) for each in written if "<" not in each]
        return list(dict.fromkeys(each for each in found if each))


def properties(page: Document) -> list[tuple[str, str]]:
    """Names, in lower case, and values of what a page says in its <meta> and <link> elements."""
    if not any(each in page.text for each in _MARKS):
        return []
    found = []
    for element in page.tree.iter("meta", "link"):
        name = element.get("property") or element.get("name") or element.get("rel") or ""
        name = name.strip().lower()
        value = fold(element.get("content") or element.get("href") or "")
        if value:
            found.append((_SAME.get(name, name), value))
    return found


def announcements(properties: Sequence[tuple[str, str]]) -> list[Announcement]:
    """The announced things, by vocabulary, then in order.

    `og:image`, `og:image:width`, `og:image` are two of them.
    """
    found: list[Announcement] = []
    latest: dict[tuple[str, str], Announcement] = {}
    for name, value in properties:
        vocabulary, _, rest = name.partition(":")
        kind, _, part = rest.partition(":")
        part = part or "url"
        if vocabulary not in _VOCABULARIES or kind not in _KINDS or part not in _PARTS:
            continue
        thing = latest.get((vocabulary, kind))
        if thing is None or (part in _ADDRESSES and thing.facts.get(part, value) != value):
            thing = latest[vocabulary, kind] = Announcement(vocabulary, kind)
            found.append(thing)
        thing.facts.setdefault(part, value)
    return sorted(found, key=lambda each: _VOCABULARIES.index(each.vocabulary))
