"""Media in the data of a page: state of frameworks, lists in scripts, JSON in attributes.

By shape and not by site: an object with a media address, and what its neighbours say of it.
Images are taken only from pages that show none: a page's data names far more than it shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from reelin import (
    Extractor,
    Link,
    MediaItem,
    Page,
    elements,
    hookimpl,
    javascript,
    noise,
    tracks,
    type_of,
)

# Without this in the text of a page no attribute holds JSON, which has quotes.
MAY_HOLD_JSON = re.compile(r"=\s*+(?:[\"']\s*+[\[{]|[\"']?\s*+&(?:#|l[bcs]))")
TITLES = ("title", "caption", "alt", "name", "headline")
SIDES = ("width", "height")
MOST_VALUES = 100_000  # of one page's data


class Data(Extractor):
    """Audio and video in the JSON and scripts of a page, and images where it shows none."""

    name = "data"
    finds = '<div data-track=\'{"title": "Song", "src": "song.mp3"}\'></div>'

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield what scripts list, then what attributes hold, then pictures."""
        if page.is_markup:
            yield from page.data.lists
            for value, where in _in_attributes(page):
                yield from tracks.in_text(page, value, where)
            if not page.shows_images:
                for where, literal in page.data.literals():
                    yield from _pictures(page, literal, where)
        elif "json" in page.mime:
            for literal in javascript.read(page.text).literals():
                yield from tracks.read(page, literal, "the JSON itself")
                yield from _pictures(page, literal, "the JSON itself")


def _in_attributes(page: Page) -> Iterator[tuple[str, str]]:
    """The attributes that hold JSON, each with where it stands."""
    for element in page.tree.iter("*") if MAY_HOLD_JSON.search(page.text) else ():
        for name, value in element.items():
            if value.lstrip()[:1] in ("{", "["):
                yield value, f"<{element.tag!s} {name}>"


def _pictures(page: Page, literal: Any, where: str) -> Iterator[MediaItem]:
    """The images of a value, in order, with what stands beside each."""
    todo: list[tuple[Any, dict[str, Any]]] = [(literal, {})]
    for _ in range(MOST_VALUES):
        if not todo:
            return
        value, beside = todo.pop()
        if isinstance(value, dict):
            todo += reversed([*_parts(page, value, beside)])
        elif isinstance(value, list):
            todo += [(each, beside) for each in reversed(value)]
        elif isinstance(value, str) and "." in value and "/" in value and len(value) < 2048:
            url = elements.url_in(page, value)
            if url and type_of(url) == "image":
                facts = {"noise": noise.by_facts(url, beside.get("width"), beside.get("height"))}
                yield MediaItem(url, "image", origin=where, **(facts | beside))


def _parts(
    page: Page, value: dict[str, Any], around: dict[str, Any]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The values of an object, with what it says of the image that each may be."""
    beside = {key: known for key, known in around.items() if key in ("title", "noise")}
    title = next((value[key] for key in TITLES if _is_words(value.get(key))), None)
    beside |= {"title": title} if title else {}
    beside |= {side: value[side] for side in SIDES if type(value.get(side)) is int}
    plays = tracks.is_track(page, value)
    for key, each in value.items():
        is_artwork = plays and key in tracks.THUMBNAILS
        yield each, beside | {"noise": noise.ARTWORK} if is_artwork else beside


def _is_words(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) < 300 and type_of(f"http://x/{value}") is None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `data`."""
    return [Data()]
