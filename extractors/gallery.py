"""Galleries: thumbnails that lead to full images, in lightboxes, on item pages, on further pages.

Which page is a gallery `reelin.thumbs` tells. The threads of forums are read on as well; on any
other page nothing is followed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from reelin import (
    ExtractError,
    Extractor,
    FetchError,
    Finds,
    Link,
    MediaItem,
    Page,
    elements,
    hookimpl,
    pagination,
    thumbs,
    type_of,
)

AT_ONCE = 4  # item pages
MAIN = (
    "#image, #img, #photo, #main-image, #full-image, .full-image, .main-image, .original,"
    " figure.main img, main figure img, main img, article img, #content img, .content img, img"
)
DOWNLOAD = re.compile(r"download|original|full|large|enlarge|zoom|vollbild", re.IGNORECASE)


class Gallery(Extractor):
    """Galleries: full images behind thumbnails, in lightboxes and on pages of their own."""

    name = "gallery"
    finds = '<a data-fancybox href="large.jpg"><img src="small.jpg"></a>'

    max_pages: Annotated[int, "pages of one gallery that are read, one after the other"] = 50
    max_items: Annotated[int, "item pages that are opened for their full pictures"] = 200

    def extract(self, page: Page) -> Finds:
        """The full images of a gallery, and its next page."""
        found = thumbs.on_page(page) if page.is_markup else []
        if found or (page.is_markup and pagination.is_thread(page)):
            return self._behind(page, found)
        return ()

    async def _behind(
        self, page: Page, found: Sequence[thumbs.Thumb]
    ) -> AsyncIterator[MediaItem | Link]:
        pages = [each for each in found if not (each.is_image or each.is_player)]
        turns = asyncio.Semaphore(AT_ONCE)
        opened = {
            each: asyncio.create_task(_open(page, each.url, turns))
            for each in pages[: self.max_items]
        }
        missing = []
        try:
            for thumb in found:
                url = await opened[thumb] if thumb in opened else thumb.url
                if isinstance(url, FetchError):
                    missing.append(str(url))
                elif thumb.is_player:
                    yield Link(thumb.url, "lightbox")
                elif url and (thumb in opened or thumb.is_image):
                    yield _item(thumb, url)
        finally:
            for task in opened.values():
                task.cancel()
        further = (
            await asyncio.to_thread(pagination.next_page, page) if self.max_pages > 1 else None
        )
        if further:
            yield Link(further, origin="next page", pages=self.max_pages)
        if len(pages) > self.max_items == Gallery.max_items:  # else somebody has chosen that
            missing.append(f"only {self.max_items} of {len(pages)} pages of images were opened")
        if missing:
            raise ExtractError(f"{page.url}: {_first_of(missing)}", url=page.url)


def _first_of(problems: Sequence[str]) -> str:
    others = len(problems) - 1
    return f"{problems[0]} (and {others} more like this)" if others else problems[0]


def _item(thumb: thumbs.Thumb, url: str) -> MediaItem:
    return MediaItem(
        url,
        "image" if type_of(url) in (None, "image") else None,
        title=thumb.title,
        width=thumb.width,
        height=thumb.height,
        thumbnail=thumb.thumbnail if thumb.thumbnail != url else None,
        origin="lightbox" if thumb.certain else "thumbnail",
    )


# Item pages


async def _open(page: Page, url: str, turns: asyncio.Semaphore) -> str | FetchError | None:
    """The full image where a thumbnail leads: the answer itself, or what that page shows.

    An error is returned, so that it costs no other.
    """
    try:
        async with turns:
            there = await page.get(url)
    except FetchError as error:
        return error
    if there.type == "image":
        return url
    return await asyncio.to_thread(_main_picture, there) if there.is_markup else None


def _main_picture(page: Page) -> str | None:
    """The image that an item page is about: a link to its file, or what it shows largest."""
    for link in page.select("a[href]"):
        url = elements.url_in(page, link.get("href", ""))
        said = f"{link.get('class', '')} {link.get('id', '')} {elements.text_of(link) or ''}"
        holds = next(link.iter("img"), None) is not None
        if (
            url
            and type_of(url) == "image"
            and elements.is_file(url)
            and (holds or DOWNLOAD.search(said))
        ):
            return url
    announced = page.select("meta[property='og:image']")
    for image in page.select(MAIN):
        url = elements.url_in(page, image.get("src", ""))
        if url and page.judge.of_image(image, url, None, None) is None:
            return url
    return page.absolute(announced[0].get("content", "")) if announced else None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `gallery`."""
    return [Gallery()]
