"""Frames of the page's own site, and its twins (AMP, print) where it shows nothing itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from reelin import ExtractError, Extractor, Link, Page, elements, hookimpl

ADDRESSES = ("src", "data-src", "data-lazy-src", "data-original")
TWINS = "link[rel=amphtml], link[rel=alternate][media=print], link[rel=canonical]"
PLAYED = ("video", "audio", "source", "object", "embed", "amp-video", "amp-audio")


class Frames(Extractor):
    """Frames of the same site are read as pages; so are AMP and print twins of an empty page."""

    name = "frames"
    finds = '<iframe src="player.html"></iframe>'

    max_frames: Annotated[int, "frames of one page that are read"] = 30

    def extract(self, page: Page) -> Iterator[Link]:
        """Yield links to frames, or else to the page's twins."""
        if not page.is_markup or not page.text:
            return
        frames = list(dict.fromkeys(_frames(page)))
        read = frames[: max(0, self.max_frames)]
        yield from (Link(url, origin="<iframe>") for url in read)
        if not read and not _shows_something(page):
            for element in page.select(TWINS):
                url = elements.url_in(page, element.get("href", ""))
                if url and page.has_site_of(url):
                    relation = element.get("rel") or "alternate"
                    yield Link(url, origin=f"<link rel={relation}>")
        if len(frames) > self.max_frames == Frames.max_frames:  # else somebody has chosen that
            what = f"only {len(read)} of its {len(frames)} frames are read"
            raise ExtractError(f"{page.url}: {what}", url=page.url)


def _frames(page: Page) -> Iterator[str]:
    for element in page.tree.iter("iframe", "frame"):
        if element.get("srcdoc"):  # shown instead, and read with the page
            continue
        found = (elements.url_in(page, element.get(name, "")) for name in ADDRESSES)
        url = next(filter(None, found), None)
        if url and page.has_site_of(url) and not elements.is_file(url):
            yield url


def _shows_something(page: Page) -> bool:
    return page.shows_images or next(page.tree.iter(*PLAYED), None) is not None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `frames`."""
    return [Frames()]
