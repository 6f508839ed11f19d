"""JSON Feed (https://jsonfeed.org), when the page itself is one.

`{"version": "https://jsonfeed.org/version/1.1", "title", "authors": [{"name"}], "items": […]}`,
where an item has `url`, `title`, `date_published`, `image`, `content_html` and `attachments`.
`next_url` leads to further ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

from reelin import (
    ExtractError,
    Extractor,
    Link,
    MediaItem,
    Page,
    elements,
    facts,
    hookimpl,
    posts,
    xml,
)

HEAD = 4096  # characters within which a feed says that it is one


class JsonFeed(Extractor):
    """Episodes, images and files of JSON feeds."""

    name = "jsonfeed"
    finds = (
        '{"version": "https://jsonfeed.org/version/1.1",'
        ' "items": [{"title": "One", "attachments": [{"url": "1.mp3"}]}]}'
    )

    follow: Annotated[bool, "also posts without files"] = False
    max_pages: Annotated[int, "pages of one feed that are read, one after the other"] = 50

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield what a feed's posts bring along; nothing on other pages."""
        head = page.text[:HEAD].lstrip()
        if not head.startswith("{") or "jsonfeed.org" not in head:
            return
        try:
            feed = json.loads(page.text)
        except (ValueError, RecursionError) as error:
            what = f"{page.url}: a JSON feed that cannot be read: {error}"
            raise ExtractError(what, url=page.url) from None
        further = elements.url_in(page, _text(feed, "next_url"))
        listed = (_post(page, each) for each in _list(feed, "items"))
        yield from posts.finds(
            page,
            listed,
            album=_plain(feed, "title"),
            artist=_authors(feed),
            follow=self.follow,
            is_part=further is not None,
        )
        if further is not None and self.max_pages > 1:
            yield Link(further, origin="next page", pages=self.max_pages)


def _post(page: Page, item: Any) -> posts.Post:
    files = (_file(page, each) for each in _list(item, "attachments"))
    return posts.Post(
        files=[each for each in files if each is not None],
        url=posts.address(
            elements.url_in(page, _text(item, key)) for key in ("url", "external_url")
        ),
        title=_plain(item, "title"),
        artist=_authors(item),
        date=facts.date_in(_text(item, "date_published") or _text(item, "date_modified")),
        thumbnail=elements.url_in(page, _text(item, "image") or _text(item, "banner_image")),
        text=_text(item, "content_html"),
    )


def _file(page: Page, attachment: Any) -> MediaItem | None:
    url = elements.url_in(page, _text(attachment, "url"))
    if url is None:
        return None
    mime = _text(attachment, "mime_type").partition(";")[0].strip().lower()
    return MediaItem(
        url,
        posts.kind_of(url, mime),
        mime=mime if "/" in mime else None,
        title=_plain(attachment, "title"),
        size=facts.count_in(_text(attachment, "size_in_bytes")),
        duration=facts.seconds_in(_text(attachment, "duration_in_seconds")),
        origin="attachments",
    )


def _authors(about: Any) -> str | None:
    """`authors` of version 1.1, `author` of version 1."""
    names = filter(None, (_plain(each, "name") for each in _list(about, "authors")))
    one = about.get("author") if isinstance(about, dict) else None
    return ", ".join(names) or _plain(one, "name")


def _list(about: Any, key: str) -> list[Any]:
    value = about.get(key) if isinstance(about, dict) else None
    return value if isinstance(value, list) else []


def _text(about: Any, key: str) -> str:
    """A text or number of an object; empty for anything else."""
    value = about.get(key) if isinstance(about, dict) else None
    known = isinstance(value, str | int | float) and not isinstance(value, bool)
    return xml.fit(str(value)) if known else ""


def _plain(about: Any, key: str) -> str | None:
    return xml.plain(_text(about, key))


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `jsonfeed`."""
    return [JsonFeed()]
