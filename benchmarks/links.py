"""Read a page in one way: `links.py bs4|urls|direct|everything FILE COUNT`; print what it took.

Start-up and imports do not count; the median of seven readings does. Prints as launch.py does,
without the memory.
"""

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import Callable, Sized
from pathlib import Path

from reelin import MediaItem, Page
from reelin.extractors.direct import Direct
from reelin.model.merge import merge
from reelin.plugins.registry import Registry
from reelin.run.extraction import stream

REGISTRY = Registry.load()
URL = "https://example.com/page.html"


def bs4(body: bytes) -> Sized:
    """Beautiful Soup on lxml, as tutorials have it; the links are not even made absolute."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(body, "lxml")
    return [tag.get("href") or tag.get("src") for tag in soup.find_all(["a", "img"])]


def urls(body: bytes) -> Sized:
    """Read absolute URLs by CSS, as a plugin does."""
    page = Page(URL, body, {"content-type": "text/html; charset=utf-8"})
    return [*page.urls("a", "href"), *page.urls("img", "src")]


def direct(body: bytes) -> Sized:
    """Read as reelin does any page: every element, lazy attributes, alternatives, titles."""
    return list(Direct().extract(Page(URL, body, {"content-type": "text/html; charset=utf-8"})))


def everything(body: bytes) -> Sized:
    """Read as a run does: by every extractor for any page, and what they find merged."""
    page = Page(URL, body, {"content-type": "text/html; charset=utf-8"})

    async def find() -> list[MediaItem]:
        finds = stream(REGISTRY.general, page, seconds=60, most=200_000)
        return merge([each async for _, each in finds if isinstance(each, MediaItem)])

    return asyncio.run(find())


def once(read: Callable[[bytes], Sized], body: bytes, count: int) -> tuple[float, float]:
    """Seconds of wall and CPU of one reading."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    found = read(body)
    took = time.perf_counter() - wall, time.process_time() - cpu
    if len(found) != count:
        sys.exit(f"{len(found)} links found instead of {count}")
    return took


way, file, count = sys.argv[1:]
body = Path(file).read_bytes()
read = {"bs4": bs4, "urls": urls, "direct": direct, "everything": everything}[way]
once(read, body, int(count))
walls, cpus = zip(*(once(read, body, int(count)) for _ in range(7)), strict=True)
print(statistics.median(walls), statistics.median(cpus), 0, 0)
