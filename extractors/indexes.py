"""Folders as web servers list them: nginx, Apache, Caddy, lighttpd and others.

Whatever the markup, `<pre>`, table or list: a file is a link to a direct child of the page's own
address, a folder is one that ends in a slash. Links for sorting and to the parent are neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote

from reelin import Extractor, Link, MediaItem, Page, elements, hookimpl, type_of

if TYPE_CHECKING:
    from lxml.etree import _Element

TITLE = re.compile(r"(index of|directory listing (for|of)|listing directory)\s", re.IGNORECASE)
CADDY = "tr.file a[href] > span.name"
IIS = "[To Parent Directory]"
DATES = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d"), "%Y-%m-%d %H:%M"),
    (re.compile(r"\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d"), "%d-%b-%Y %H:%M"),
    (re.compile(r"\d{4}-[A-Z][a-z]{2}-\d\d \d\d:\d\d"), "%Y-%b-%d %H:%M"),
)
SIZE = re.compile(r"(?:^|\s)(\d{1,15})\s*$", re.ASCII)


class Indexes(Extractor):
    """Folders that a web server lists, with all their files ("Index of /")."""

    name = "indexes"
    finds = '<title>Index of /music</title> <a href="song.mp3">song.mp3</a>'

    recurse: Annotated[bool, "also what is in its subfolders"] = False

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield the files of a folder, of whatever type; nothing on pages of another kind."""
        if not _is_index(page):
            return
        folder = page.final_url.partition("?")[0].rpartition("/")[0] + "/"
        album = unquote(folder.split("/", 3)[3].rstrip("/").rpartition("/")[2]) or None
        seen = set()
        for link in page.select("a[href]"):
            url = elements.url_in(page, link.get("href", ""))
            if url is None or url in seen or not url.startswith(folder) or "?" in url:
                continue
            seen.add(url)
            name = url.removeprefix(folder)
            if "/" not in name and name:
                size, date = _facts(link)
                yield MediaItem(
                    url,
                    type_of(url) or "other",
                    size=size,
                    date=date,
                    album=album,
                    origin="index of a folder",
                )
            elif self.recurse and name.find("/") == len(name) - 1 > 0:
                yield Link(url, "subfolder")


def _is_index(page: Page) -> bool:
    """Whether a page says that it lists a folder, in its title, its heading or its markup."""
    if not page.is_markup:
        return False
    start = page.text[:65536]
    if IIS in start or ('class="file"' in start and page.select(CADDY)):
        return True
    if "index of" not in (lower := start.lower()) and "directory" not in lower:
        return False
    headings = page.select("h1")
    heading = elements.text_of(headings[0]) if headings else None
    return any(TITLE.match(f"{each} ") for each in (page.title, heading) if each)


def _facts(link: _Element) -> tuple[int | None, datetime | None]:
    """Size and date of a file, by what stands beside its link; rounded sizes are none."""
    texts = [link.tail or ""]
    cell = link.getparent()
    for beside in islice(cell.itersiblings("td"), 4) if cell is not None else ():
        texts += [beside.text or "", beside.get("data-size") or beside.get("data-order") or ""]
        texts += [each.get("datetime", "") for each in islice(beside, 3)]
    sizes = (SIZE.search(each[-40:]) for each in texts)
    size = next((int(each[1]) for each in sizes if each), None)
    return size, next(filter(None, map(_date, texts)), None)


def _date(text: str) -> datetime | None:
    """A date within a text, to the minute; taken for UTC, which servers use unless told."""
    for pattern, form in DATES:
        found = pattern.search(text[:200])
        if found:
            try:
                return datetime.strptime(found[0].replace("T", " "), form).replace(tzinfo=UTC)
            except ValueError:
                return None
    return None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `indexes`."""
    return [Indexes()]
